import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { unpack } from '../../src/http/unpack.ts';

const push = { docker_url: 'quay.io/acme/shop', updated_tags: ['1.0', 'a "b" {c} \\'] };
const json = JSON.stringify(push);
const form = (text: string): string => new URLSearchParams({ payload: text }).toString();
const read = (text: string, headers = {}): unknown => unpack(headers, Buffer.from(text));

describe('a body', () => {
  test.each([
    ['as JSON', json],
    ['in white space', ` \n${json}\r\n\t `],
    ['with a byte order mark', `\ufeff${json}`],
    ['as a form', form(json)],
    ['as a form with more fields', `a=1&${form(json)}&b=2`],
    ['as a form with a byte order mark', `\ufeff${form(json)}`],
    ['with a brace too many', `${json}\n}`],
    ['with brackets too many', `${json}]]}`],
    ['with a zero byte', `${json}\0`],
    ['with a semicolon', `${json};`],
    ['with words behind it', `${json} -- sent by a template`],
    ['as a form, with a brace too many', form(`${json}}`)],
  ])('%s is read', (_how, text) => {
    expect(read(text)).toEqual(push);
  });

  test.each([
    ['an array', '[1,2]]', [1, 2]],
    ['an object in an object', '{"a":{"b":[{}]}}}', { a: { b: [{}] } }],
    ['null', 'null', null],
    ['a number', '7', 7],
    ['false', 'false', false],
  ])('%s is read', (_what, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    ['nothing', '', 'the body is empty'],
    ['white space', ' \n', 'the body is empty'],
    ['a byte order mark alone', '\ufeff', 'the body is empty'],
    ['words', 'invalid json', 'the body is not JSON'],
    ['words behind a number', '7 seven', 'the body is not JSON'],
    ['an object with words in it', '{"invalid": json}', 'the body is not JSON'],
    ['an object with a hole', '{"action": "push", "target": }', 'the body is not JSON'],
    ['half an object', '{"a":[1', 'the body is not JSON'],
    ['a string that does not end', '{"a":"}', 'the body is not JSON'],
    ['a string that ends in a backslash', '{"a":"\\', 'the body is not JSON'],
    ['brackets that do not match', '{"a":[}]', 'the body is not JSON'],
    ['a bracket too many in front', '}{"a":1}', 'the body is not JSON'],
    ['two objects', '{"a":1}{"b":2}', 'the body is more than one JSON value'],
    ['lines of JSON', '{"a":1}\n[2]', 'the body is more than one JSON value'],
    ['a form without the field', 'a=1', 'a form must have the JSON in one field named payload'],
    ['a form with the field twice', `${form('{}')}&${form('{}')}`, 'a form must have the JSON in one'],
    ['a form with an empty field', 'payload=', 'the body is empty'],
    ['a key that reaches a prototype, before a brace too many', '{"__proto__":{}}}', 'a key "__proto__"'],
    ['a key that reaches a prototype, in a form', form('{"constructor":{}}'), 'a key "constructor"'],
  ])('of %s is refused', (_what, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(message) as unknown }),
    );
  });

  test('that is compressed is refused as such', () => {
    expect(() => read(json, { 'content-encoding': 'gzip' })).toThrow(
      expect.objectContaining({ code: 'unsupported-encoding' }),
    );
    expect(read(json, { 'content-encoding': 'Identity' })).toEqual(push);
  });

  test('of quotes and backslashes, or of open brackets, costs no more than its length', () => {
    // A scanner that looked at the rest anew from every quote would not end today.
    for (const text of [`{"a":${'\\"'.repeat(500_000)}`, `{${'["'.repeat(500_000)}`, '{'.repeat(1_000_000)])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

describe('any object', () => {
  const values = fc.dictionary(
    fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
  );
  const garbage = fc.string().filter((text) => !/[{["]/.test(text));

  test('is the same in every wrapping', () => {
    fc.assert(
      fc.property(values, garbage, (value, rest) => {
        const text = JSON.stringify(value);
        for (const body of [text, `\ufeff${text}`, form(text), text + rest, form(text + rest)])
          expect(JSON.stringify(read(body))).toBe(text);
      }),
    );
  });

  test('cut short is refused, wherever it is cut', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, share) => {
        const text = JSON.stringify(value);
        const cut = text.slice(0, Math.floor(text.length * share));
        expect(() => read(cut)).toThrow(expect.objectContaining({ code: 'bad-request' }));
      }),
    );
  });
});
