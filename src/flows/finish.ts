import { eventOf } from '../core/announcement.ts';
import { replayed, withAnnouncements } from '../core/outbox.ts';
import type { Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';

/** Writes an update that has come to its end, and who must be told. */
export async function finish(
  context: Pick<FlowContext, 'store' | 'receivers' | 'clock' | 'log'>,
  update: Update,
  revision: string,
): Promise<Next> {
  await context.store.replace(noted(context, update), revision);
  logEnd(context, update);
  return { kind: 'now' };
}

/** The update with a note of everyone who is to be told of the phase that it has just entered. */
export function noted(
  { receivers, clock }: Pick<FlowContext, 'receivers' | 'clock'>,
  update: Update,
): Update {
  const event = eventOf(update);
  const told = receivers.filter(({ takes }) => event !== undefined && (takes?.(event, update) ?? true));
  return withAnnouncements(
    update,
    told.map(({ name }) => name),
    clock.now(),
  );
}

/** The update with a note of everyone who shows how far its votes have come. */
export function notedVote(
  { receivers, clock }: Pick<FlowContext, 'receivers' | 'clock'>,
  update: Update,
): Update {
  const following = receivers.filter(({ followsVotes }) => followsVotes).map(({ name }) => name);
  return replayed(update, clock.now(), following, 'update.awaiting-approval');
}

/** One line for whoever looks for what became of a push. */
export function logEnd({ log }: Pick<FlowContext, 'log'>, update: Update): void {
  const { name, workload, phase, moves, reason, message } = update;
  const fields = { update: name, workload: workloadId(workload), phase, moves, reason, message };
  if (phase === 'Failed') log.error(fields, 'update failed');
  else log.info(fields, 'update ended');
}
