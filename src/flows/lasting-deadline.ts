import { isOverdue, withoutDeadline } from '../core/rollout.ts';
import type { Clock } from '../core/ports.ts';
import type { Workload } from '../core/workload.ts';

/** A deadline that is over counts when that has been said of one generation for so long. */
export const deadlineLastsMs = 10_000;

/** Tells a deadline that is over from one that was. */
export interface LastingDeadline {
  /**
   * The workload as it is to be judged.
   *
   * @param id of whoever looks, the same at every look.
   * @returns `againMs` when it is to be looked at again because of this.
   */
  judged(id: string, workload: Workload): { readonly workload: Workload; readonly againMs?: number };
  forget(id: string): void;
}

/**
 * With an old ReplicaSet, as after an undo, the Deployment controller first writes the new generation together with the
 * condition of the one before, and takes that back when it sees progress.
 */
export function createLastingDeadline(clock: Clock): LastingDeadline {
  const over = new Map<string, { readonly generation: number; readonly sinceMs: number }>();
  return {
    judged(id, workload) {
      if (!isOverdue(workload)) {
        over.delete(id);
        return { workload };
      }
      const { generation } = workload;
      const known = over.get(id);
      const nowMs = clock.monotonicMs();
      const sinceMs = known?.generation === generation ? known.sinceMs : nowMs;
      over.set(id, { generation, sinceMs });
      const againMs = sinceMs + deadlineLastsMs - nowMs;
      return againMs > 0 ? { workload: withoutDeadline(workload), againMs } : { workload };
    },
    forget: (id) => void over.delete(id),
  };
}
