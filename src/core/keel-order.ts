/**
 * Orders texts like `compareText`, but runs of digits as numbers: `build-9` is below `build-10`.
 * Total; 0 only for equal texts.
 */
export function compareNatural(a: string, b: string): number {
  const [left, right] = [tokensOf(a), tokensOf(b)];
  for (const [i, token] of left.entries()) {
    const order = compareTokens(token, right[i] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b);
}

/**
 * Natural order that does not look at commits: of `main-2a3560e` and `main-1b8c03d` none is above the other (0).
 * A commit is a word of 7 to 40 hexadecimal digits with a letter and a decimal digit; a word of the same length
 * in the other text is taken for one too, as one commit in thirty has no letter.
 */
export function compareAsideFromCommits(a: string, b: string): number {
  const lengths = new Set([...commitsOf(a), ...commitsOf(b)].map(({ length }) => length));
  const blank = (text: string): string =>
    text.replace(word, (found) => (lengths.has(found.length) ? '#' : found));
  const [left, right] = [blank(a), blank(b)];
  return left === right ? 0 : compareNatural(left, right);
}

/** Orders texts by their bytes, as far as tags have them. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const word = /(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/g;

function commitsOf(text: string): readonly string[] {
  return (text.match(word) ?? []).filter((found) => /[a-f]/.test(found) && /\d/.test(found));
}

function tokensOf(text: string): readonly string[] {
  return text.match(/\d+|\D/gs) ?? [];
}

function compareTokens(a: string, b: string): number {
  return isDigits(a) && isDigits(b) ? compareDigits(a, b) : compareText(a, b);
}

function isDigits(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Numbers of any length, exactly: a build number may have more digits than a float keeps. */
export function compareDigits(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+(?=\d)/, '')) as [string, string];
  return left.length - right.length || compareText(left, right);
}
