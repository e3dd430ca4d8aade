import { describe, expect, test } from '@jest/globals';
import {
  AppError,
  codeOfStatus,
  hasCode,
  isRetryable,
  messageOf,
  type ErrorCode,
} from '../../src/core/errors.ts';

const codes: readonly (readonly [ErrorCode, number, boolean])[] = [
  ['bad-request', 400, false],
  ['bad-config', 500, false],
  ['unauthorized', 401, false],
  ['forbidden', 403, false],
  ['not-found', 404, false],
  ['unknown-source', 404, false],
  ['method-not-allowed', 405, false],
  ['conflict', 409, false],
  ['gone', 410, false],
  ['too-large', 413, false],
  ['unsupported-encoding', 415, false],
  ['invalid', 422, false],
  ['rate-limited', 429, true],
  ['unavailable', 503, true],
  ['not-leader', 503, true],
  ['timeout', 504, true],
  ['internal', 500, false],
];

describe('AppError', () => {
  test.each(codes)('%s answers %p; trying again may work: %p', (code, status, retry) => {
    const error = new AppError(code, 'what failed');

    expect([error.code, error.status, isRetryable(error)]).toEqual([code, status, retry]);
    expect([error.name, error.message, error.retryAfterMs]).toEqual(['AppError', 'what failed', undefined]);
    expect('cause' in error).toBe(false);
  });

  test('carries what caused it and how long to wait', () => {
    const cause = new Error('socket hang up');

    const error = new AppError('unavailable', 'what failed', { cause, retryAfterMs: 5000 });

    expect([error.cause, error.retryAfterMs]).toEqual([cause, 5000]);
  });
});

describe('isRetryable', () => {
  test.each([[new Error('a fault')], ['text'], [undefined], [{ code: 'timeout' }]])(
    'takes %p for a fault, not for a hiccup',
    (error) => {
      expect(isRetryable(error)).toBe(false);
    },
  );
});

describe('hasCode', () => {
  test.each([
    [new AppError('conflict', ''), true],
    [new AppError('gone', ''), false],
    [Object.assign(new Error('foreign'), { code: 'conflict' }), false],
    [undefined, false],
  ])('%p is our conflict: %p', (error, ours) => {
    expect(hasCode(error, 'conflict')).toBe(ours);
  });
});

describe('messageOf', () => {
  test.each([
    [new Error('boom'), 'boom'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [42, '42'],
  ])('%p gives %j', (error, message) => {
    expect(messageOf(error)).toBe(message);
  });
});

describe('codeOfStatus', () => {
  test.each<[number, ErrorCode]>([
    [400, 'bad-request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [410, 'gone'],
    [413, 'too-large'],
    [418, 'bad-request'],
    [422, 'invalid'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [599, 'unavailable'],
  ])('%p is %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
  });
});
