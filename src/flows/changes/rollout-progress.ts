import { fingerprint, seenFingerprint, type Seen } from '../../core/seen.ts';
import type { Container, Workload } from '../../core/workload.ts';

/** What is known of a workload besides what the watch brought. */
export interface Before {
  readonly seen: Seen | undefined;
  /** Whether its rollout counts as failed when it takes too long. */
  readonly mayEnd: boolean;
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
  /** Pods of what was there before, which had failed when this began; undefined = that shows at the first poll. */
  readonly old: ReadonlySet<string> | undefined;
}

const none: ReadonlySet<string> = new Set();

/** A rollout that is not at its end. */
export type UnderWay = Progress & { readonly sinceMs: number };

/** Where a rollout is that is not at its end. */
export function underWay(
  known: Progress | undefined,
  workload: Workload,
  before: Before,
  nowMs: number,
): UnderWay {
  const of = fingerprint(workload);
  if (known?.of === of) return goneOn(known, workload, before, nowMs);
  const { generation } = workload;
  const { mayEnd } = before;
  const images = imagesIn(workload.containers);
  // Where the images are others, they tell old pods from new ones.
  const isSameImages = images === (known?.images ?? imagesIn(before.seen?.containers ?? []));
  const mayHaveOld = isSameImages && (known !== undefined || mayFollowFailure(before.seen, of, workload));
  return {
    ...{ of, images, generation, mayEnd, sinceMs: nowMs, pollAtMs: nowMs },
    old: mayHaveOld ? undefined : none,
  };
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
    ...{ sinceMs: undefined, pollAtMs: 0, old: none },
  };
}

function imagesIn(containers: readonly Container[]): string {
  return JSON.stringify(containers.map(({ name, image }) => [name, image]));
}

/** Whether pods may be there that failed before: a failure is known, or it is the very beginning of a change. */
function mayFollowFailure(seen: Seen | undefined, of: string, workload: Workload): boolean {
  if (seen?.failed) return seen.failed.of !== of;
  const before = seen && seenFingerprint(seen);
  return before !== undefined && before !== of && workload.observedGeneration < workload.generation;
}
