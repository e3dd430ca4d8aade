/** Byte order of two tags. Tags are ASCII, where that is the order of JavaScript's own comparison. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Orders two texts of decimal digits by value, of any length, without ever becoming a float. */
export function compareDigits(a: string, b: string): number {
  const [left, right] = [significant(a), significant(b)];
  return left.length - right.length || compareText(left, right);
}

function significant(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

/** Of two tags that mean the same, the one that is spelled like the running one is higher. */
export function compareSpelling(a: string, b: string, current: string): number {
  const wanted = prefixOf(current);
  return Number(prefixOf(a) === wanted) - Number(prefixOf(b) === wanted) || compareText(a, b);
}

/** A `v` before a digit is a way of writing, not part of the version. */
export function prefixOf(tag: string): string {
  return /^[vV](?=\d)/.exec(tag)?.[0] ?? '';
}
