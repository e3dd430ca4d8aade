/**
 * As much of the text as fits, with "…" where it had to be cut, which is never within a code point. `fits` must take
 * every shorter text when it takes a longer one.
 */
export function cutToFit(text: string, fits: (text: string) => boolean): string {
  const whole = text.toWellFormed();
  if (fits(whole)) return whole;
  const points = Array.from(whole);
  const cut = (length: number): string => `${points.slice(0, length).join('').trimEnd()}…`;
  let [low, high] = [0, points.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(cut(middle))) low = middle;
    else high = middle;
  }
  return cut(low);
}
