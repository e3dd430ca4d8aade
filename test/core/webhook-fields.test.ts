import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { AppError } from '../../src/core/errors.ts';
import {
  badBody,
  fieldAt,
  hasField,
  isFields,
  optionalText,
  readFields,
  textAt,
} from '../../src/core/webhook-fields.ts';

function errorOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('no AppError was thrown');
}

describe('fieldAt', () => {
  test('finds own fields, however deep', () => {
    expect(fieldAt({ a: { b: [1] } }, 'a', 'b')).toEqual([1]);
    expect(fieldAt(5)).toBe(5);
  });

  test.each([
    ['what is not there', {}, ['a']],
    ['what is inherited', {}, ['constructor', 'name']],
    ['a prototype', JSON.parse('{"a":{}}'), ['a', '__proto__']],
    ['an item of an array', { a: [{ b: 1 }] }, ['a', '0']],
    ['a field of null', { a: null }, ['a', 'b']],
    ['a field of a text', { a: 'text' }, ['a', 'length']],
  ] as const)('does not find %s', (_what, value, path) => {
    expect(fieldAt(value, ...path)).toBeUndefined();
  });

  test('an own __proto__ is a field like any other', () => {
    expect(fieldAt(JSON.parse('{"__proto__":{"a":1}}'), '__proto__', 'a')).toBe(1);
  });
});

describe('textAt', () => {
  test.each([
    ['text', 'text'],
    ['', ''],
    [1.4e9, ''],
    [null, ''],
    [['a'], ''],
  ])('%j gives %j', (value, expected) => {
    expect(textAt({ a: { b: value } }, 'a', 'b')).toBe(expected);
  });
});

test.each([
  [{}, true],
  [[], false],
  [null, false],
  ['text', false],
])('isFields(%j) is %j', (value, expected) => {
  expect(isFields(value)).toBe(expected);
});

test.each([
  [{ a: undefined }, true],
  [{ b: null }, true],
  [{ c: 1 }, false],
  [['a'], false],
  [null, false],
])('hasField(%j, a, b) is %j', (value, expected) => {
  expect(hasField(value, 'a', 'b')).toBe(expected);
  expect(hasField(value, 'constructor', 'length')).toBe(false);
});

describe('readFields', () => {
  const schema = z.object({ tag: z.string(), list: z.array(z.string()).optional() });

  test('gives what the schema describes, and nothing else', () => {
    expect(readFields('acme', schema, { tag: '1', more: 2 })).toEqual({ tag: '1' });
  });

  test.each([
    [{ tag: 1 }, [], 'tag'],
    [{ tag: '1', list: ['a', 1] }, ['data'], 'data.list.1'],
    ['text', [], 'body'],
    [undefined, ['data', 'push'], 'data.push'],
  ])('%j at %j is refused by source and place', (body, at, place) => {
    const error = errorOf(() => readFields('acme', schema, body, at));

    expect(error.code).toBe('bad-request');
    expect(error.message).toMatch(new RegExp(`^acme: ${place}: .*expected`));
    expect(error.cause).toBeInstanceOf(z.ZodError);
  });

  test('the error for a thousand faults is still short', () => {
    const error = errorOf(() => readFields('acme', schema, { tag: '1', list: Array(1000).fill(1) }));

    expect(error.message.length).toBeLessThan(500);
  });
});

test.each([
  [{}, ''],
  [{ tag: null }, ''],
  [{ tag: '' }, ''],
  [{ tag: '1.0' }, '1.0'],
])('an optional text in %j is %j', (body, tag) => {
  expect(readFields('acme', z.object({ tag: optionalText }), body)).toEqual({ tag });
});

test('badBody names the source, and has a cause only where there is one', () => {
  expect(badBody('acme', 'no')).toMatchObject({ code: 'bad-request', message: 'acme: no' });
  expect(badBody('acme', 'no').cause).toBeUndefined();
});
