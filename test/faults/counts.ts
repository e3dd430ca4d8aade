import type { Evidence } from './evidence.ts';
import { lostUpdates, wrongImages } from './invariants/acknowledged.ts';
import { acknowledgementTimes, lateAnswers } from './invariants/answers.ts';
import { acceptedPatches, doublePatches } from './invariants/patches.ts';
import { quantile } from './statistics.ts';

/** What was counted in one installation, or in several. */
export interface Counts {
  /** SIGKILLs of replicas. */
  readonly kills: number;
  readonly pushes: number;
  readonly acked: number;
  /** How often a push was sent, until it was acknowledged. */
  readonly tries: number;
  readonly updates: number;
  readonly patches: number;
  /** Outgoing webhooks that the receiver took. */
  readonly told: number;
  /** Acknowledged, and not done in the end. */
  readonly lost: number;
  /** Images that were patched more than once. */
  readonly double: number;
  /** Of acknowledgements, in milliseconds. */
  readonly times: readonly number[];
  readonly late: number;
}

/** Counts what was observed. */
export function countsOf(evidence: Evidence): Counts {
  const { pushes, records, told, exits } = evidence;
  return {
    kills: exits.filter(({ signal }) => signal === 'SIGKILL').length,
    pushes: pushes.length,
    acked: pushes.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length,
    tries: pushes.reduce((sum, { tries }) => sum + tries, 0),
    updates: records.length,
    patches: acceptedPatches(evidence).length,
    told: told.filter(({ answered }) => answered === 204).length,
    lost: lostUpdates(evidence).length + wrongImages(evidence).length,
    double: doublePatches(evidence).length,
    times: acknowledgementTimes(evidence),
    late: lateAnswers(evidence),
  };
}

/** The sums. */
export function totalOf(all: readonly Counts[]): Counts {
  const sum = (key: Exclude<keyof Counts, 'times'>): number =>
    all.reduce((total, counts) => total + counts[key], 0);
  return {
    ...{ kills: sum('kills'), pushes: sum('pushes'), acked: sum('acked'), tries: sum('tries') },
    ...{ updates: sum('updates'), patches: sum('patches'), told: sum('told') },
    ...{ lost: sum('lost'), double: sum('double'), late: sum('late') },
    times: all.flatMap(({ times }) => times),
  };
}

/** Headings of what `cellsOf` answers. */
export const countHeadings: readonly string[] = [
  ...['kills', 'pushes', 'acked', 'lost', 'tries', 'updates', 'patches', 'double', 'told'],
  ...['ack p50/p99/max ms', '> 400'],
];

/** The counts as they are printed. */
export function cellsOf(counts: Counts): readonly string[] {
  const { kills, pushes, acked, lost, tries, updates, patches, double, told, times, late } = counts;
  return [
    ...[kills, pushes, acked, lost, tries, updates, patches, double, told].map(String),
    spread(times),
    String(late),
  ];
}

/** The median, the 99th percentile and the maximum of milliseconds. */
export function spread(times: readonly number[]): string {
  if (times.length === 0) return '-';
  const [median, p99, max] = [0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(0));
  return `${median ?? ''}/${p99 ?? ''}/${max ?? ''} of ${times.length}`;
}
