import { endOfNumbers, numbersIn, prefixLength } from './version-numbers.ts';
import {
  isCommit,
  isFlavour,
  mayGlue,
  readSuffix,
  suffixTokens,
  type VersionSuffix,
} from './version-suffix.ts';

/**
 * A tag read as a version, "like for like": what orders it, and what must stay the same.
 * `v1.24.0-rc.2-alpine-r9` has prefix `v`, parts 1.24.0, channel `rc` with [2], flavour `alpine`, revision [9].
 */
export interface Version extends VersionSuffix {
  /** The tag as it is. */
  readonly tag: string;
  /** `v`, `V` or nothing: not part of the version. */
  readonly prefix: string;
  /** The dotted numbers. */
  readonly parts: readonly number[];
}

/** Reads tags as versions; remembers what it found behind the numbers, for as long as it is kept. */
export interface VersionReader {
  /** The tag as a version, or `undefined` when a person would not call it one. Total. */
  parse(tag: string): Version | undefined;
  /** Whether the first word alone shows that the tag is a version of another flavour; false = look closer. */
  isOther(tag: string, flavour: string): boolean;
}

/** What stands behind the numbers of a plain `1.2.3`. */
const nothing: VersionSuffix = { channel: undefined, channelParts: [], flavour: '', revision: [] };

/**
 * A reader for many tags: lists have thousands of them and few different suffixes. Its memory grows with those, so
 * it is made for one decision and dropped with it.
 */
export function createVersionReader(): VersionReader {
  const suffixes = new Map<string, VersionSuffix | undefined>();
  const suffixAt = (tag: string, end: number): VersionSuffix | undefined => {
    if (end === 0) return undefined;
    if (end === tag.length) return nothing;
    if (isLetter(tag.charCodeAt(end)) && (!mayGlue(tag.charAt(end)) || isCommit(tag))) return undefined;
    const rest = tag.slice(end);
    const known = suffixes.get(rest);
    if (known !== undefined || suffixes.has(rest)) return known;
    const tokens = suffixTokens(rest);
    const suffix = tokens && readSuffix(tokens);
    suffixes.set(rest, suffix);
    return suffix;
  };
  const isPlain = createPlainWords();
  return {
    isOther(tag, flavour) {
      const end = tag.indexOf('-');
      if (end < 1 || endOfNumbers(tag) !== end) return false;
      const start = end + 1;
      return !flavour.startsWith(isPlain(tag, start)) && isWellFormed(tag, start);
    },
    parse(tag) {
      const end = endOfNumbers(tag);
      const suffix = suffixAt(tag, end);
      if (!suffix) return undefined;
      const { channel, channelParts, flavour, revision } = suffix;
      const start = prefixLength(tag);
      const [prefix, parts] = [tag.slice(0, start), numbersIn(tag, start, end)];
      return { tag, prefix, parts, channel, channelParts, flavour, revision };
    },
  };
}

/**
 * Gives the word of a tag that begins at `start` when it can be nothing but a flavour, and else an empty text.
 * Lists are in byte order, so that the word is mostly that of the tag before.
 */
function createPlainWords(): (tag: string, start: number) => string {
  let [word, plain] = ['', ''];
  return (tag, start) => {
    const end = start + word.length;
    const isSame = tag.startsWith(word, start) && (end === tag.length || tag.charCodeAt(end) === dash);
    if (isSame) return plain;
    const next = tag.indexOf('-', start);
    word = tag.slice(start, next < 0 ? tag.length : next);
    plain = isFlavour(word) ? word : '';
    return plain;
  };
}

/** Whether nothing behind the dash before `start` keeps the text there from being words. */
function isWellFormed(tag: string, start: number): boolean {
  let last = dash;
  for (let at = start; at < tag.length; at++) {
    const code = tag.charCodeAt(at);
    if (code === underscore || (code === dash && last === dash)) return false;
    last = code;
  }
  return last !== dash;
}

/** Reads one tag as a version, or `undefined` when a person would not call it one. Total. */
export function parseVersion(tag: string): Version | undefined {
  return createVersionReader().parse(tag);
}

const [dash, underscore] = [0x2d, 0x5f];

function isLetter(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
}

/**
 * Whether two versions are written the same way: as many numbers, and a lone number of seven digits or more
 * (a date, a build id, a commit that happens to have no letter) only beside one of the same length.
 */
export function sameShape(a: Version, b: Version): boolean {
  if (a.parts.length !== b.parts.length) return false;
  const [longA, longB] = [loneDigits(a), loneDigits(b)];
  return longA === longB || Math.max(longA, longB) < 7;
}

function loneDigits({ parts }: Version): number {
  return parts.length === 1 ? String(parts[0]).length : 0;
}

/** Precedence: numbers, then a stable version above its pre-releases, then the channel, then the revision. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareLists(a.parts, b.parts) ||
    compareChannels(a.channel, b.channel) ||
    compareLists(a.channelParts, b.channelParts) ||
    compareLists(a.revision, b.revision)
  );
}

function compareChannels(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}

/** Part by part; when one list is the beginning of the other, the shorter is lower. */
function compareLists(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  if (a === b) return 0;
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareParts(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers below words, which is semver's rule. */
function compareParts(a: number | string | undefined, b: number | string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : 1;
}
