import { isEnd } from '../core/phases.ts';
import type { Stored } from '../core/ports.ts';
import { workloadId, type WorkloadKey } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';
import { deliver, takeTurn } from './deliver-update.ts';
import { createRolloutFollower } from './follow-rollout.ts';
import { createInOrder } from './in-order.ts';
import { trim } from './trim.ts';

/** The one next step of an update, by its phase. */
export interface Advance {
  step(stored: Stored, signal: AbortSignal): Promise<Next>;
  /** The update that is being delivered or rolls out in this workload. */
  followed(key: WorkloadKey): string | undefined;
}

/**
 * Says what each phase does. What stands before the delivery is in the turn: people's approval, and later window and age.
 *
 * @param wake asks for another update of the same workload to be looked at.
 * @param tell asks for what became of an update to be announced.
 */
export function createAdvance(
  context: FlowContext,
  wake: (name: string) => void,
  tell: (name: string) => void,
): Advance {
  const follower = createRolloutFollower(context);
  const following = new Map<string, string>();
  const inOrder = createInOrder();

  /** The end of one is the turn of the next. */
  const ended = async ({ update }: Stored): Promise<Next> => {
    const id = workloadId(update.workload);
    if (following.get(id) === update.name) following.delete(id);
    const siblings = await context.store.open(update.workload);
    siblings.filter((other) => !isEnd(other.update.phase)).forEach((other) => wake(other.update.name));
    await trim(context, update.workload);
    return { kind: 'idle' };
  };
  return {
    followed: (key) => following.get(workloadId(key)),
    step(stored, signal) {
      const { phase, workload, name, announcements } = stored.update;
      if (announcements.some(({ state }) => state === 'pending')) tell(name);
      if (isEnd(phase)) return ended(stored);
      if (phase === 'Delivering') {
        following.set(workloadId(workload), name);
        return deliver(context, stored, signal);
      }
      if (phase === 'RollingOut' || phase === 'Verifying') {
        following.set(workloadId(workload), name);
        return follower.step(stored, signal);
      }
      // One at a time: two that people have released in the same moment would both find the way free.
      return inOrder(workloadId(workload), () => takeTurn(context, stored, signal, wake));
    },
  };
}
