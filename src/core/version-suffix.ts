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
export const maxDigits = 15;
/** What a person reads as "not finished", in any case; an alternation for regular expressions. */
export const preReleaseWords =
  'alpha|beta|rc|prerelease|preview|pre|dev|snapshot|nightly|canary|next|milestone';
/** `a1` and `b2` only with nothing but numbers: `a1b2c3d` is a commit. */
const preRelease = new RegExp(
  String.raw`^(${preReleaseWords}|m(?=\d)|[ab](?=\d[\d.]*$))(?:\.?(\d[0-9A-Za-z.]*)|\.([A-Za-z][0-9A-Za-z.]*))?$`,
  'i',
);
const firstLetters = new Set(`${preReleaseWords}|m|a|b`.split('|').map((word) => word.charAt(0)));
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

/** Whether a word with this first letter may stand behind a number without a dash: only a pre-release may. */
export function mayGlue(letter: string): boolean {
  return firstLetters.has(letter.toLowerCase());
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

/** Sorts the words of a suffix, left to right, into pre-release, revision and flavour. Total. */
export function readSuffix(tokens: readonly string[]): VersionSuffix {
  const found: Found = { channel: undefined, revision: undefined, flavour: [] };
  let taken = 0;
  for (const [at, token] of tokens.entries()) {
    if (at >= taken) taken = at + readWord(found, token, tokens[at + 1] ?? '');
  }
  return {
    channel: found.channel?.word,
    channelParts: found.channel?.parts ?? [],
    flavour: found.flavour.join('-'),
    revision: found.revision?.numbers ?? [],
  };
}

/** Whether `word` is a flavour wherever it stands, and keeps its name there. */
export function isFlavour(word: string): boolean {
  return /^[a-z]+$/i.test(word) && !preRelease.test(word) && !revisionWord.test(word) && !commit.test(word);
}

/** What the words so far have said. */
interface Found {
  channel: Channel | undefined;
  revision: Revision | undefined;
  readonly flavour: string[];
}

interface Channel {
  readonly word: string;
  readonly parts: readonly (number | string)[];
  /** How many words it takes. */
  readonly used: number;
}

interface Revision {
  readonly numbers: readonly number[];
  readonly used: number;
}

/** Reads one word, and the next where that belongs to it; returns how many were used. */
function readWord(found: Found, token: string, next: string): number {
  const channel = found.channel ? undefined : readChannel(token, next);
  if (channel) {
    found.channel = channel;
    return channel.used;
  }
  const revision = found.revision ? undefined : readRevision(token, next, found.flavour.length === 0);
  if (revision) {
    found.revision = revision;
    // A date or build number says "every build has one": it may not appear or vanish between two tags.
    if (revision.numbers.some((number) => number > 99_999)) found.flavour.push('<stamp>');
    return revision.used;
  }
  found.flavour.push(commit.test(token) ? '<commit>' : token);
  return 1;
}

/** `rc.1`, `rc1`, `rc-1`, `SNAPSHOT`: the word, and the numbers that belong to it. */
function readChannel(token: string, next: string): Channel | undefined {
  const [, word, number, name] = preRelease.exec(token) ?? [];
  if (word === undefined) return undefined;
  const own = identifiers(number ?? name ?? '');
  const isSpaced = own.length === 0 && bareNumbers.test(next);
  return { word: word.toLowerCase(), parts: isSpaced ? identifiers(next) : own, used: isSpaced ? 2 : 1 };
}

/** A bare number is a revision only before any flavour: in `debian-12` it is the distribution's. */
function readRevision(token: string, next: string, isBeforeFlavour: boolean): Revision | undefined {
  if (revisionWord.test(token) && /^\d+$/.test(next) && isExactNumber(next)) {
    return { numbers: numbersOf(next), used: 2 };
  }
  const isNumber = revisionToken.test(token) || (isBeforeFlavour && bareNumbers.test(token));
  return isNumber && [...token.matchAll(/\d+/g)].every(([digits]) => isExactNumber(digits))
    ? { numbers: numbersOf(token), used: 1 }
    : undefined;
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
