import { judge, judgeGone, type Judgement } from '../../core/change.ts';
import { differenceOf } from '../../core/difference.ts';
import { hasCode } from '../../core/errors.ts';
import { isHeld } from '../../core/rollout.ts';
import { fingerprint, seenFingerprint, type Seen } from '../../core/seen.ts';
import { workloadId, type Workload, type WorkloadKey } from '../../core/workload.ts';
import { createLasting } from '../lasting.ts';
import type { ChangeContext } from './change-context.ts';
import { createLastingRecovery } from './lasting-recovery.ts';
import type { Before } from './rollout-progress.ts';
import { createRolloutWatch } from './watch-rollout.ts';

/** What a look came to, and when to look again if nothing happens before. */
export interface Look {
  readonly judgement: Judgement;
  readonly againMs: number | undefined;
}

/** Compares a workload, as the watch has it, with what was seen of it. */
export type LookAtWorkload = (key: WorkloadKey, seen: Seen | undefined, signal: AbortSignal) => Promise<Look>;

export { loopRecoveryMs, recoveryMs } from './lasting-recovery.ts';

/** What the watch says is gone and the cluster says is not is looked at again after so long. */
const goneAgainMs = 60_000;
/** Who may not ask any more, as where the Role went with its namespace, believes the list after so long. */
export const believedMs = 10 * 60_000;

/** Looks, and remembers how long what it sees has been so. */
export function createLookAtWorkload(
  context: Pick<ChangeContext, 'clock' | 'watched' | 'rollout' | 'ownManager'>,
): LookAtWorkload {
  const { clock, watched, ownManager } = context;
  const rollouts = createRolloutWatch(context);
  const recoveries = createLastingRecovery(clock);
  const refusals = createLasting(clock);
  const isGone = async (key: WorkloadKey, id: string, signal: AbortSignal): Promise<boolean> => {
    try {
      const isTrue = await watched.isGone(key, signal);
      refusals.forget(id);
      return isTrue;
    } catch (error) {
      if (!hasCode(error, 'forbidden')) throw error;
      return refusals.forMs(id, 'refused') >= believedMs;
    }
  };
  return async (key, seen, signal) => {
    const id = workloadId(key);
    const given = watched.get(key);
    if (!given) {
      rollouts.forget(id);
      recoveries.forget(id);
      const judgement = judgeGone(seen);
      // A workload that cannot be read is not in the list either: before people hear of it, it is looked for.
      const isTrue = judgement.kind === 'unchanged' || (await isGone(key, id, signal));
      return isTrue
        ? { judgement, againMs: undefined }
        : { judgement: { kind: 'waiting' }, againMs: goneAgainMs };
    }
    refusals.forget(id);
    const workload = isAsSeen(seen, given) ? { ...given, paused: false } : given;
    const before = beforeOf(workload, seen, ownManager);
    const { state, againMs } = await rollouts.look(workload, before, signal);
    const judged = judge(seen, given, state, ownManager);
    return { againMs, ...recoveries.steady(judged, workload, seen?.failed) };
  };
}

/** Where all pods are made of what was seen, a pause holds back none. */
function isAsSeen(seen: Seen | undefined, workload: Workload): boolean {
  const { updated, replicas } = workload.status;
  return seen !== undefined && seenFingerprint(seen) === fingerprint(workload) && updated === replicas;
}

/** What waits for a person waits for as long as it takes; but our updates have their time, and say so when it is over. */
function beforeOf(workload: Workload, seen: Seen | undefined, own: string | undefined): Before {
  const difference = differenceOf(seen, workload, own);
  const isOurs = difference === 'ours';
  const keepsOld = isHeld(workload) && !isOurs;
  return { seen, isOurs, mayEnd: isOurs || (difference !== 'none' && !keepsOld), keepsOld };
}
