import { isCommit, isExactNumber, readSuffix, suffixTokens, type VersionSuffix } from './version-suffix.ts';

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

/** Reads `tag` as a version, or `undefined` when a person would not call it one. Total. */
export function parseVersion(tag: string): Version | undefined {
  const [, prefix, core, rest] = /^([vV]?)(\d+(?:\.\d+)*)(.*)$/s.exec(tag) ?? [];
  if (prefix === undefined || core === undefined || rest === undefined || isCommit(tag)) return undefined;
  const parts = core.split('.');
  const tokens = suffixTokens(rest);
  if (tokens === undefined || !parts.every(isExactNumber)) return undefined;
  return { tag, prefix, parts: parts.map(Number), ...readSuffix(tokens) };
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
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
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
