import { outgoingEvent } from '../core/announcement.ts';
import type { Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';

/** Writes an update that has come to its end, and whether someone must be told. */
export async function finish(
  { store, receiver, log }: Pick<FlowContext, 'store' | 'receiver' | 'log'>,
  update: Update,
  revision: string,
): Promise<Next> {
  const told = receiver !== undefined && outgoingEvent(update) !== undefined;
  const announced: Update = told ? { ...update, announcement: { state: 'pending', attempts: 0 } } : update;
  await store.replace(announced, revision);
  const { name, workload, phase, moves, reason, message } = update;
  const fields = { update: name, workload: workloadId(workload), phase, moves, reason, message };
  if (phase === 'Failed') log.error(fields, 'update failed');
  else log.info(fields, 'update ended');
  return { kind: 'now' };
}
