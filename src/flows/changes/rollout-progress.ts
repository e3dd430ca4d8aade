import { isWell, type WantedImages } from '../../core/rollout.ts';
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
  readonly containers: readonly Container[];
  /** Those of its images that no pod from before has; undefined = there are none. */
  readonly moved: WantedImages | undefined;
  readonly generation: number;
  readonly mayEnd: boolean;
  /** Undefined while it is well. */
  readonly sinceMs: number | undefined;
  readonly pollAtMs: number;
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
  const { generation, containers } = workload;
  const { mayEnd, seen } = before;
  const isOther = known !== undefined || isChanged(seen, of);
  // Of what failed nobody has put down what images it had.
  const moved = movedFrom(known ?? (seen?.failed ? undefined : seen), containers);
  return {
    ...{ of, containers, moved, generation, mayEnd, sinceMs: begunMs, pollAtMs: nowMs },
    old: isOther && !isAllNews(before, workload) ? undefined : none,
  };
}

/** Where all is well, and was, whatever crashes from now on is news: old pods that stay included. */
function isAllNews({ keepsOld, seen }: Before, workload: Workload): boolean {
  return keepsOld && !seen?.failed && isWell(workload);
}

function movedFrom(
  before: { readonly containers: readonly Container[] } | undefined,
  containers: readonly Container[],
): WantedImages | undefined {
  const had = new Map(before?.containers.map(({ name, image }) => [name, image]));
  const moved = containers.filter(({ name, image }) => (had.get(name) ?? image) !== image);
  return moved.length > 0 ? Object.fromEntries(moved.map(({ name, image }) => [name, image])) : undefined;
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
    ...{ of, containers, moved: undefined, generation, mayEnd },
    ...{ sinceMs: undefined, pollAtMs: 0, old: none },
  };
}

/** Whether its pods are made of something else than those that were seen last, well or not. */
function isChanged(seen: Seen | undefined, of: string): boolean {
  const before = seen && (seen.failed?.of ?? seenFingerprint(seen));
  return before !== undefined && before !== of;
}
