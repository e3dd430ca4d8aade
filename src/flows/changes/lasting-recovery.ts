import type { Judgement } from '../../core/change.ts';
import { fingerprint, type SeenFailure } from '../../core/seen.ts';
import type { Clock } from '../../core/ports.ts';
import { workloadId, type Workload } from '../../core/workload.ts';

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
  const wellSince = new Map<string, { readonly of: string; readonly ms: number }>();
  return {
    steady(judgement, workload, failed) {
      const id = workloadId(workload.key);
      if (!failed) {
        wellSince.delete(id);
        return { judgement };
      }
      const of = fingerprint(workload);
      // What crashes in a loop does so until its pods are made of something else.
      const loops = failed.loops === true && failed.of === of;
      if (!isRecovery(judgement)) {
        // Pods come and go where an autoscaler works. While one of them is stuck, nothing is waited for.
        if (!loops || judgement.kind !== 'waiting') wellSince.delete(id);
        return { judgement };
      }
      const nowMs = clock.monotonicMs();
      const known = wellSince.get(id);
      const since = known?.of === of ? known : { of, ms: nowMs };
      wellSince.set(id, since);
      const againMs = since.ms + (loops ? loopRecoveryMs : recoveryMs) - nowMs;
      return againMs > 0 ? { judgement: { kind: 'waiting' }, againMs } : { judgement };
    },
    forget: (id) => void wellSince.delete(id),
  };
}

function isRecovery(judgement: Judgement): boolean {
  return judgement.kind === 'settled' && judgement.change?.kind === 'workload.recovered';
}
