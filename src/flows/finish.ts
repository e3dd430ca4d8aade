import { withAnnouncements } from '../core/outbox.ts';
import type { Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';

/** Writes an update that has come to its end, and who must be told. */
export async function finish(
  { store, receivers, clock, log }: Pick<FlowContext, 'store' | 'receivers' | 'clock' | 'log'>,
  update: Update,
  revision: string,
): Promise<Next> {
  const names = receivers.map(({ name }) => name);
  await store.replace(withAnnouncements(update, names, clock.now()), revision);
  const { name, workload, phase, moves, reason, message } = update;
  const fields = { update: name, workload: workloadId(workload), phase, moves, reason, message };
  if (phase === 'Failed') log.error(fields, 'update failed');
  else log.info(fields, 'update ended');
  return { kind: 'now' };
}
