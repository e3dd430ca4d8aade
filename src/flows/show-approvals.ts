import { stateOf } from '../core/approval.ts';
import type { Update } from '../core/update.ts';
import type { FlowContext } from './context.ts';

/** Where an update stands in a list. */
export type ListPlace = Pick<Update, 'createdAt' | 'name'>;

/** The order of a list: oldest first, and one order for those of the same moment. */
export function byAge(a: ListPlace, b: ListPlace): number {
  return inOrder(a.createdAt, b.createdAt) || inOrder(a.name, b.name);
}

/** The updates that people can still decide, in the order of `byAge`. Changes nothing. */
export async function awaitingApproval({
  store,
  clock,
}: Pick<FlowContext, 'store' | 'clock'>): Promise<readonly Update[]> {
  const now = clock.now();
  const open = (await store.open()).map(({ update }) => update);
  return open
    .filter(
      ({ phase, approval }) =>
        phase === 'AwaitingApproval' && approval !== undefined && stateOf(approval, now) === 'pending',
    )
    .sort(byAge);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
