import { stateOf } from '../core/approval.ts';
import type { Update } from '../core/update.ts';
import type { FlowContext } from './context.ts';

/** The updates that people can still decide, oldest first. Changes nothing. */
export async function awaitingApproval({
  store,
  clock,
}: Pick<FlowContext, 'store' | 'clock'>): Promise<readonly Update[]> {
  const now = clock.now();
  const open = (await store.open()).map(({ update }) => update);
  return open.filter(
    ({ phase, approval }) =>
      phase === 'AwaitingApproval' && approval !== undefined && stateOf(approval, now) === 'pending',
  );
}
