import { compilePattern, longestPattern, tooLong } from './re2-pattern.ts';
import { compareAsideFromCommits, compareNatural } from './keel-order.ts';
import type { Policy } from './policy.ts';

type Rank = Policy['rank'];

/** `glob:<pattern>`: the tags that match and are above the running one in natural order. */
export function readGlob(pattern: string): Rank | string {
  if (pattern.includes(':')) return `glob pattern "${pattern}": no tag has a colon`;
  if (pattern.length > longestPattern) return `glob pattern ${tooLong(pattern)}`;
  return (current) => ({
    refuse(tag) {
      if (!isMatch(tag, pattern)) return 'filtered';
      return compareNatural(tag, current) > 0 ? undefined : 'not-newer';
    },
    compare: compareNatural,
  });
}

/** A star stands for any characters, and is Keel's only wildcard. Time grows with the tag, never faster. */
function isMatch(tag: string, pattern: string): boolean {
  const [star, lastStar] = [pattern.indexOf('*'), pattern.lastIndexOf('*')];
  if (star < 0) return tag === pattern;
  const last = pattern.slice(lastStar + 1);
  if (!tag.startsWith(pattern.slice(0, star))) return false;
  let at = star;
  for (const part of pattern.slice(star, lastStar).split('*')) {
    const found = tag.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return tag.length - last.length >= at && tag.endsWith(last);
}

/** `regexp:<pattern>`: the same, by the group `compare` when the pattern has one. */
export function readRegexp(pattern: string): Rank | string {
  const regex = compilePattern(pattern);
  if (typeof regex === 'string') return `pattern ${regex}`;
  const hasGroup = Object.hasOwn(regex.namedGroups(), 'compare');
  const keyOf = (tag: string): string | undefined => {
    const matcher = regex.matcher(tag);
    if (!matcher.find()) return undefined;
    return hasGroup ? (matcher.group('compare') ?? '') : tag;
  };
  // Nothing says which of two commits is the newer one: there the last pushed wins, as it does with Keel.
  const isAbove = (key: string, running: string): boolean =>
    hasGroup ? compareNatural(key, running) > 0 : compareAsideFromCommits(key, running) >= 0;
  return (current) => {
    const running = keyOf(current);
    return {
      refuse(tag) {
        const key = keyOf(tag);
        if (key === undefined) return 'filtered';
        if (tag === current) return 'not-newer';
        return running === undefined || isAbove(key, running) ? undefined : 'not-newer';
      },
      compare(a, b) {
        if (!hasGroup && compareAsideFromCommits(a, b) === 0) return 0;
        return compareNatural(keyOf(a) ?? '', keyOf(b) ?? '') || compareNatural(a, b);
      },
    };
  };
}
