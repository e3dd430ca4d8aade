import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isBlank, oneLine } from '../../src/core/one-line.ts';

describe('oneLine', () => {
  test.each([
    ['Ann Ö. 🚀', 'Ann Ö. 🚀'],
    ['  a \r\n\t b\u2028c\u00a0 ', 'a b c'],
    ['a\0b', 'a\\u{0}b'],
    ['\u001b[2Jyes', '\\u{1b}[2Jyes'],
    ['\u202eeve', '\\u{202e}eve'],
    ['rb\u200bac', 'rb\\u{200b}ac'],
    ['\ud83d', '\\u{d83d}'],
  ])('of %j is %j', (text, expected) => {
    expect(oneLine(text, 100)).toBe(expected);
  });

  test('cuts what is longer, and no letter in halves', () => {
    expect(oneLine('a'.repeat(10), 10)).toBe('a'.repeat(10));
    expect(oneLine('a'.repeat(11), 10)).toBe(`${'a'.repeat(9)}…`);
    expect(oneLine('🚀'.repeat(9), 10)).toBe('🚀🚀🚀🚀\uFFFD…');
  });

  test('of anything can be seen, fits, and stays as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3000 }),
        fc.integer({ min: 1, max: 600 }),
        (text, longest) => {
          const line = oneLine(text, longest);

          expect(line.length).toBeLessThanOrEqual(longest);
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          expect(oneLine(line, longest)).toBe(line);
        },
      ),
    );
  });
});

test.each([
  ...['', ' ', '\n\t', '\0', '\u200b\u202e', '\ufeff', '\ud83d'].map((text) => [text, true] as const),
  ...['a', ' . ', '\u200b0', '🚀'].map((text) => [text, false] as const),
])('whether %j is blank: %p', (text, expected) => {
  expect(isBlank(text)).toBe(expected);
});
