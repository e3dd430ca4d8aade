/** The value below which the part `q` of the sample lies. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
  if (value === undefined || Number.isNaN(value)) throw new Error('nothing was measured');
  return value;
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5);
}
