import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readGlob } from '../../../../src/core/policies/shared/glob-pattern.ts';

function matches(glob: string, tag: string): boolean {
  const read = readGlob(glob);
  if (typeof read === 'string') throw new Error(read);
  return read(tag);
}

const spelledAsRegex: Readonly<Record<string, string>> = { '*': '.*', '?': '.', '[!a]': '[^a]' };

describe('readGlob', () => {
  test.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['**', 'a', true],
    ['release-*', 'release-', true],
    ['release-*', 'release', false],
    ['*-alpine', '1.0-alpine', true],
    ['*-alpine', '1.0-alpine3', false],
    ['1.*.0-*', '1.2.0-x', true],
    ['1.*.0-*', '1.2.1-x', false],
    ['a*b*c', 'aXbXbXc', true],
    ['v?.0', 'v1.0', true],
    ['v?.0', 'v10.0', false],
    ['v?', 'v', false],
    ['[0-4].x', '3.x', true],
    ['[0-4].x', '5.x', false],
    ['[!0-4].x', '5.x', true],
    ['[^0-4].x', '3.x', false],
    ['[ab-]', '-', true],
    ['1.0', '1x0', false],
  ])('%s, %s: %s', (glob, tag, expected) => {
    expect(matches(glob, tag)).toBe(expected);
  });

  test.each([
    ['', 'the pattern is empty'],
    ['a/b', '"a/b" has "/", which can stand in no tag'],
    ['[ab', '"[ab" has "[", which can stand in no tag'],
    ['[]', '"[]" has "[", which can stand in no tag'],
    ['{a,b}', '"{a,b}" has "{", which can stand in no tag'],
    ['\ud83d\ude00', '"\ud83d\ude00" has "\ud83d\ude00", which can stand in no tag'],
  ])('%j: %s', (glob, why) => {
    expect(readGlob(glob)).toBe(why);
  });

  test('agrees with a regular expression', () => {
    const globs = fc.array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]'), { minLength: 1 });
    const tags = fc.array(fc.constantFrom('a', 'b', 'c')).map((letters) => letters.join(''));

    fc.assert(
      fc.property(globs, tags, (glob, tag) => {
        const same = glob.map((part) => spelledAsRegex[part] ?? part).join('');

        expect(matches(glob.join(''), tag)).toBe(new RegExp(`^${same}$`).test(tag));
      }),
      { numRuns: 1000 },
    );
  });

  test('takes no time that grows faster than tag and glob', () => {
    expect(matches(`${'a*'.repeat(50)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
