import type { Judgement } from '../../core/change.ts';
import { fingerprint, type SeenFailure } from '../../core/seen.ts';
import type { Clock } from '../../core/ports.ts';
import { workloadId, type Workload } from '../../core/workload.ts';
import { createLasting } from '../lasting.ts';

/** What failed and is well again has to stay so for a while. */
export const recoveryMs = 30_000;
/** What crashes in a loop is well in between. After so long the kubelet takes the loop for ended, too. */
export const loopRecoveryMs = 10 * 60_000;

/** Tells what is well again from what is well for a moment. */
export interface LastingRecovery {
  /**
   * What is left of a judgement.
   *
   * @param failed what it is to be well again from.
   * @returns `againMs` when it is to be looked at again to see whether it stays so.
   */
  steady(
    judgement: Judgement,
    workload: Workload,
    failed: SeenFailure | undefined,
  ): { readonly judgement: Judgement; readonly againMs?: number };
  forget(id: string): void;
}

/** Remembers since when what it is asked about is well. */
export function createLastingRecovery(clock: Clock): LastingRecovery {
  const well = createLasting(clock);
  return {
    steady(judgement, workload, failed) {
      const id = workloadId(workload.key);
      if (!failed) {
        well.forget(id);
        return { judgement };
      }
      const of = fingerprint(workload);
      // What crashes in a loop does so until its pods are made of something else.
      const loops = failed.loops === true && failed.of === of;
      if (!isRecovery(judgement)) {
        // Pods come and go where an autoscaler works. While one of them is stuck, nothing is waited for.
        if (!loops || judgement.kind !== 'waiting') well.forget(id);
        return { judgement };
      }
      const againMs = (loops ? loopRecoveryMs : recoveryMs) - well.forMs(id, of);
      return againMs > 0 ? { judgement: { kind: 'waiting' }, againMs } : { judgement };
    },
    forget: well.forget,
  };
}

/** Also of what nobody was told: who crashes in a loop is not told of as new after the first moment without. */
function isRecovery(judgement: Judgement): boolean {
  if (judgement.kind !== 'settled' || judgement.seen.failed) return false;
  return judgement.change === undefined || judgement.change.kind === 'workload.recovered';
}
