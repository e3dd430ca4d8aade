import { median, quantile } from '../statistics.ts';

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'us' | 's' | '/s' | 'MiB' | 'x' | 'pushes';
  /** undefined = it could not be measured here. */
  readonly value: number | undefined;
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

/** The middle of a sample, and its bad end. */
interface Spread {
  readonly value: number;
  readonly worst: number;
}

/** Median and 95th percentile of many single measurements. */
export function spread(sample: readonly number[]): Spread {
  return { value: median(sample), worst: quantile(sample, 0.95) };
}

/** Median and worst of a few rounds. */
export function rounds(sample: readonly number[], worst: 'highest' | 'lowest'): Spread {
  return { value: median(sample), worst: worst === 'highest' ? Math.max(...sample) : Math.min(...sample) };
}

/** What came of a row. Nothing is met that was not measured. */
export type Verdict = 'met' | 'missed' | 'not measured' | 'information';

export function verdictOf({ value, target }: Row): Verdict {
  if (value === undefined) return 'not measured';
  if (!target) return 'information';
  const isMet = target.kind === 'at most' ? value <= target.value : value >= target.value;
  return isMet ? 'met' : 'missed';
}
