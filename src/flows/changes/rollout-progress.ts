import { fingerprint, seenFingerprint, type Seen } from '../../core/seen.ts';
import type { Container, Workload } from '../../core/workload.ts';

/** What is known of a workload besides what the watch brought. */
export interface Before {
  readonly seen: Seen | undefined;
  /** Whether an update of ours is all that changed it. */
  readonly isOurs: boolean;
  /** Whether its rollout counts as failed when it takes too long. */
  readonly mayEnd: boolean;
  /** Whether it also fails by its old pods, since they are there to stay. */
  readonly keepsOld: boolean;
}

/** One rollout. Scaled or not, it is the same one as long as its pods are made of the same. Times are monotonic. */
export interface Progress {
  readonly of: string;
  readonly images: string;
  readonly generation: number;
  readonly mayEnd: boolean;
  /** Undefined while it is well. */
  readonly sinceMs: number | undefined;
  readonly pollAtMs: number;
  /** Whether its controller had not even seen it when this began: no pod was new then. */
  readonly isFromStart: boolean;
  /** Pods of what was there before, which had failed when this began; undefined = that shows at the first poll. */
  readonly old: ReadonlySet<string> | undefined;
}

const none: ReadonlySet<string> = new Set();

/** A rollout that is not at its end. */
export type UnderWay = Progress & { readonly sinceMs: number };

/** Where a rollout is that is not at its end. `begunMs`: since when, where that is not known yet. */
export function underWay(
  known: Progress | undefined,
  workload: Workload,
  before: Before,
  { nowMs, begunMs }: { readonly nowMs: number; readonly begunMs: number },
): UnderWay {
  const of = fingerprint(workload);
  if (known?.of === of) return goneOn(known, workload, before, nowMs);
  const { generation, observedGeneration } = workload;
  const { mayEnd } = before;
  const isFromStart = observedGeneration < generation;
  const images = imagesIn(workload.containers);
  const isOther = known !== undefined || isChanged(before.seen, of);
  const mayHaveOld = isOther && (before.keepsOld || mayBeSame(images, known, before.seen));
  return {
    ...{ of, images, generation, mayEnd, sinceMs: begunMs, pollAtMs: nowMs, isFromStart },
    old: mayHaveOld ? undefined : none,
  };
}

/** Whether pods from before may have these images; where they cannot, images tell them from new ones. */
function mayBeSame(images: string, known: Progress | undefined, seen: Seen | undefined): boolean {
  if (known) return images === known.images;
  // Nobody has put down what it was that failed.
  return seen?.failed !== undefined || images === imagesIn(seen?.containers ?? []);
}

/**
 * How long our rollout has been under way that is found by who looks for the first time, up to `limitMs`. That of others is
 * as good as new: the API server notes no time when somebody only takes something away.
 */
export function ageMs({ traits }: Workload, { isOurs }: Before, now: Date, limitMs: number): number {
  if (!isOurs) return 0;
  const elapsedMs = now.getTime() - Date.parse(traits?.changedAt ?? '');
  return Math.min(Math.max(elapsedMs || 0, 0), limitMs);
}

function goneOn(known: Progress, { generation }: Workload, { mayEnd }: Before, nowMs: number): UnderWay {
  const now = { ...known, generation, mayEnd };
  // What was resumed has its time from then on, and so has what somebody changes that was not well for long.
  if (known.sinceMs === undefined || (mayEnd && !known.mayEnd))
    return { ...now, sinceMs: nowMs, pollAtMs: nowMs };
  const pollAtMs = known.generation === generation ? known.pollAtMs : nowMs;
  return { ...now, sinceMs: known.sinceMs, pollAtMs };
}

/** What is worth knowing of one that is well: what mends may fail too, and by now all its pods are new ones. */
export function arrived(workload: Workload, { seen, mayEnd }: Before): Progress | undefined {
  if (!seen?.failed) return undefined;
  const of = fingerprint(workload);
  const { generation, containers } = workload;
  return {
    ...{ of, images: imagesIn(containers), generation, mayEnd },
    ...{ sinceMs: undefined, pollAtMs: 0, isFromStart: true, old: none },
  };
}

function imagesIn(containers: readonly Container[]): string {
  return JSON.stringify(containers.map(({ name, image }) => [name, image]));
}

/** Whether its pods are made of something else than those that were seen last, well or not. */
function isChanged(seen: Seen | undefined, of: string): boolean {
  const before = seen && (seen.failed?.of ?? seenFingerprint(seen));
  return before !== undefined && before !== of;
}
