/** What the words behind the numbers of a tag mean: pre-release, revision (a rebuild) and flavour. */
export interface VersionSuffix {
  /** The pre-release word in lower case, if there is one. */
  readonly channel: string | undefined;
  /** What follows the pre-release word: numbers and words. */
  readonly channelParts: readonly (number | string)[];
  /** What is neither version, pre-release nor revision: `alpine`, `debian-12`, `jdk-slim`. */
  readonly flavour: string;
  /** A rebuild of the same version: `-r9`, `-ls10`, `-build3`, `-3`. Empty when there is none. */
  readonly revision: readonly number[];
}

/** Longest number still compared exactly as a double; longer ones are several numbers glued together. */
const maxDigits = 15;
/** `a1` and `b2` only with nothing but numbers: `a1b2c3d` is a commit. */
const preRelease =
  /^(alpha|beta|rc|prerelease|preview|pre|dev|snapshot|nightly|canary|next|milestone|m(?=\d)|[ab](?=\d[\d.]*$))(?:\.?(\d[0-9A-Za-z.]*)|\.([A-Za-z][0-9A-Za-z.]*))?$/i;
const revisionWord = /^(?:revision|rev|r|build|ls|patch|p|hotfix|hf|security|sp)$/i;
const revisionToken = /^(?:revision|rev|r|build|ls|patch|p|hotfix|hf|security|sp)\.?\d+$/i;
const bareNumbers = /^\d+(?:\.\d+)*$/;
/** A commit differs with every build and has no order: its place in the tag counts, its value does not. */
const commit = /^g?(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,64}$/;

/** Whether every digit of `digits` survives being a number. */
export function isExactNumber(digits: string): boolean {
  return digits.length <= maxDigits;
}

/** Whether `text` is hexadecimal with a letter: a commit, never a version. */
export function isCommit(text: string): boolean {
  return /^(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}$/.test(text);
}

/**
 * The words of a suffix, split at dashes; `undefined` when the text cannot stand behind a version.
 * `_…` up to the next dash is build metadata (a `+` cannot stand in a tag) and is dropped. A word may be glued
 * on only if it is a pre-release: `19beta3` is a version, `8u502` is not.
 */
export function suffixTokens(rest: string): readonly string[] | undefined {
  const text = rest.replace(/_[0-9A-Za-z._]*/g, '');
  if (text === '') return [];
  const tokens = text.replace(/^[.-]/, '').split('-');
  if (tokens.includes('')) return undefined;
  const glued = !/^[.-]/.test(text);
  const first = text.replace(/-.*$/s, '');
  return glued && !preRelease.test(first) ? undefined : tokens;
}

/** What was read from the words at one place: how many words, and what they say. */
interface Reading {
  readonly used: number;
  readonly found: Partial<VersionSuffix>;
  readonly flavour: readonly string[];
}

/** Sorts the words of a suffix, left to right, into pre-release, revision and flavour. Total. */
export function readSuffix(tokens: readonly string[]): VersionSuffix {
  let suffix: VersionSuffix = { channel: undefined, channelParts: [], flavour: '', revision: [] };
  const flavour: string[] = [];
  let taken = 0;
  for (const [at, token] of tokens.entries()) {
    if (at < taken) continue;
    const next = tokens[at + 1] ?? '';
    const reading =
      (suffix.channel === undefined ? readChannel(token, next) : undefined) ??
      (suffix.revision.length === 0 ? readRevision(token, next, flavour.length === 0) : undefined) ??
      readFlavour(token);
    suffix = { ...suffix, ...reading.found };
    flavour.push(...reading.flavour);
    taken = at + reading.used;
  }
  return { ...suffix, flavour: flavour.join('-') };
}

/** `rc.1`, `rc1`, `rc-1`, `SNAPSHOT`: the word, and the numbers that belong to it. */
function readChannel(token: string, next: string): Reading | undefined {
  const [, word, number, name] = preRelease.exec(token) ?? [];
  if (word === undefined) return undefined;
  const own = identifiers(number ?? name ?? '');
  const spaced = own.length === 0 && bareNumbers.test(next);
  const channelParts = spaced ? identifiers(next) : own;
  return { used: spaced ? 2 : 1, found: { channel: word.toLowerCase(), channelParts }, flavour: [] };
}

/** A bare number is a revision only before any flavour: in `debian-12` it is the distribution's. */
function readRevision(token: string, next: string, isBeforeFlavour: boolean): Reading | undefined {
  if (revisionWord.test(token) && /^\d+$/.test(next) && isExactNumber(next)) return revision(2, next);
  const isNumber = revisionToken.test(token) || (isBeforeFlavour && bareNumbers.test(token));
  return isNumber && [...token.matchAll(/\d+/g)].every(([digits]) => isExactNumber(digits))
    ? revision(1, token)
    : undefined;
}

/** A date or build number says "every build has one": it may not appear or vanish between two tags. */
function revision(used: number, text: string): Reading {
  const numbers = numbersOf(text);
  const isStamp = numbers.some((number) => number > 99_999);
  return { used, found: { revision: numbers }, flavour: isStamp ? ['<stamp>'] : [] };
}

function readFlavour(token: string): Reading {
  return { used: 1, found: {}, flavour: [commit.test(token) ? '<commit>' : token] };
}

function numbersOf(text: string): readonly number[] {
  return text
    .replace(/^[A-Za-z]+\.?/, '')
    .split('.')
    .map(Number);
}

function identifiers(text: string): readonly (number | string)[] {
  const ids = text.split('.').filter((id) => id !== '');
  return ids.map((id) => (/^\d+$/.test(id) && isExactNumber(id) ? Number(id) : id.toLowerCase()));
}
