import { isOverdue, withoutDeadline } from '../core/rollout.ts';
import type { Clock } from '../core/ports.ts';
import type { Workload } from '../core/workload.ts';
import { createLasting } from './lasting.ts';

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
  const over = createLasting(clock);
  return {
    judged(id, workload) {
      if (!isOverdue(workload)) {
        over.forget(id);
        return { workload };
      }
      const againMs = deadlineLastsMs - over.forMs(id, workload.generation);
      return againMs > 0 ? { workload: withoutDeadline(workload), againMs } : { workload };
    },
    forget: over.forget,
  };
}
