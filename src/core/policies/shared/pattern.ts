import type { RE2JS } from 're2js';
import { compilePattern } from '../../re2-pattern.ts';

/** What a tag is compared by, or `undefined` when the pattern does not match. */
export type Extract = (tag: string) => string | undefined;

/** Reads an RE2 pattern (https://github.com/google/re2/wiki/Syntax); a text is what is wrong with it. */
export function readPattern(argument: string): RE2JS | string {
  if (argument === '') return 'the pattern is empty';
  return compilePattern(argument);
}

/**
 * What `numeric` and `alphabetical` compare: the whole tag or, of tags that match, what the group `n` caught.
 * A text is what is wrong with the pattern.
 */
export function readExtract(argument: string | undefined): Extract | string {
  if (argument === undefined) return (tag) => tag;
  const pattern = readPattern(argument);
  if (typeof pattern === 'string') return pattern;
  const groups = Object.keys(pattern.namedGroups());
  if (groups.length > 0 && !groups.includes('n')) {
    return `"${argument}" has no group (?<n>…), what is compared, but ${groups.join(', ')}`;
  }
  return (tag) => {
    const matcher = pattern.matcher(tag);
    if (!matcher.find()) return undefined;
    return groups.length > 0 ? (matcher.group('n') ?? '') : tag;
  };
}
