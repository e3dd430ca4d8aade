import { expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { tried } from '../../src/core/tried.ts';

const { signal } = new AbortController();
const failing = (error: Error): Promise<void> => Promise.reject(error);

test('what does not fail is sent', async () => {
  expect(await tried(Promise.resolve(), signal)).toEqual({ kind: 'sent' });
});

test.each([
  [new AppError('gone', 'no more'), { kind: 'abandoned', message: 'no more' }],
  [
    new AppError('rate-limited', 'later', { retryAfterMs: 5 }),
    { kind: 'failed', message: 'later', retryAfterMs: 5, isTooMuch: true },
  ],
  [new AppError('forbidden', 'no'), { kind: 'failed', message: 'no', retryAfterMs: undefined }],
  [new Error('a fault'), { kind: 'failed', message: 'a fault', retryAfterMs: undefined }],
])('%s is told as a result', async (error, result) => {
  expect(await tried(failing(error), signal)).toEqual(result);
});

test('a stop is no failure', async () => {
  await expect(tried(failing(new Error('stopped')), AbortSignal.abort())).rejects.toThrow('stopped');
});
