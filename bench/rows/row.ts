import { median, quantile } from '../statistics.ts';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'us' | 's' | '/s' | 'MiB' | 'x';
  readonly value: number;
  /** The same at the bad end: 95th percentile, or the worst round. */
  readonly worst?: number;
  /** What the value is a multiple of, in the same unit, measured in the same run. */
  readonly reference?: { readonly what: string; readonly value: number };
  /** A row without one is there to explain the others. */
  readonly target?: Target;
}

/** What is promised. */
export interface Target {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

export function atMost(value: number): Target {
  return { kind: 'at most', value };
}

export function atLeast(value: number): Target {
  return { kind: 'at least', value };
}

/** Median and 95th percentile of many single measurements. */
export function spread(sample: readonly number[]): Pick<Row, 'value' | 'worst'> {
  return { value: median(sample), worst: quantile(sample, 0.95) };
}

/** Median and worst of a few rounds. */
export function rounds(sample: readonly number[], worst: 'highest' | 'lowest'): Pick<Row, 'value' | 'worst'> {
  return { value: median(sample), worst: worst === 'highest' ? Math.max(...sample) : Math.min(...sample) };
}

/** Whether the value keeps the promise. */
export function isMet({ value, target }: Row): boolean {
  if (!target) return true;
  return target.kind === 'at most' ? value <= target.value : value >= target.value;
}
