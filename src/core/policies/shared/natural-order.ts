import { preReleaseWords } from '../../version-suffix.ts';
import { compareDigits, compareText, prefixOf } from './text-order.ts';

/** A tag cut where a person sees words and numbers; a `v` before the first number is left out. */
export interface NaturalKey {
  readonly tokens: readonly Token[];
  /** The first pre-release word, in lower case. */
  readonly channel: string | undefined;
}

interface Token {
  /** Its place at one position: a pre-release stands below the end of a tag, a number above a word. */
  readonly rank: number;
  readonly text: string;
}

const [preReleaseRank, endRank, wordRank, numberRank] = [0, 1, 2, 3];
const end: Token = { rank: endRank, text: '' };
/** `a1`, `b2` behind a number and `-m3` are pre-releases only with nothing but their number: `1b2c3d4` is a commit. */
const pieces = new RegExp(
  String.raw`(\d+)|[-._]?(?:(${preReleaseWords})(?![a-z])|((?<=\d)[ab]|(?<=[-._])m)(?=\d+(?![0-9a-z])))[-._]?(?=\d|$|[-._])|[a-z]+|[^]`,
  'giu',
);

/** Cuts a tag. Total. */
export function naturalKey(tag: string): NaturalKey {
  const tokens: Token[] = [];
  let channel: string | undefined;
  for (const [piece, digits, word, letter] of tag.slice(prefixOf(tag).length).matchAll(pieces)) {
    const unfinished = (word ?? letter)?.toLowerCase();
    channel ??= unfinished;
    if (digits !== undefined) tokens.push({ rank: numberRank, text: digits });
    else if (unfinished === undefined) tokens.push({ rank: wordRank, text: piece });
    else tokens.push({ rank: preReleaseRank, text: unfinished });
  }
  return { tokens, channel };
}

/** Words by their bytes, numbers by value, `1.2-rc1` below `1.2`; 0 for tags that mean the same. */
export function compareNatural({ tokens: a }: NaturalKey, { tokens: b }: NaturalKey): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = compareTokens(a[i] ?? end, b[i] ?? end);
    if (order !== 0) return order;
  }
  return 0;
}

function compareTokens(a: Token, b: Token): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === numberRank ? compareDigits(a.text, b.text) : compareText(a.text, b.text);
}
