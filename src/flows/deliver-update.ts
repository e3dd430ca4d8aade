import type { Stored } from '../core/ports.ts';
import { turnOf } from '../core/turn.ts';
import { enter } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';
import { passApproval } from './await-approval.ts';
import { finish, noted } from './finish.ts';

/**
 * An update that has not been delivered: what it supersedes ends, people are asked if they must be, and when its turn
 * has come it is marked as being delivered before anything is touched.
 *
 * @param wake asks for another update to be looked at.
 */
export async function takeTurn(
  context: FlowContext,
  stored: Stored,
  signal: AbortSignal,
  wake: (name: string) => void,
): Promise<Next> {
  const { store, clock, log } = context;
  const { update, revision } = stored;
  const siblings = await store.open(update.workload);
  const turn = turnOf(
    update,
    siblings.map((stored) => stored.update),
  );
  if (turn.kind === 'superseded')
    return finish(context, enter(update, 'Superseded', clock.now(), supersededBy(turn.by.name)), revision);
  // The losers are written first: whoever was delivered meanwhile makes this write fail, and we look again.
  for (const loser of siblings.filter((one) => turn.supersedes.includes(one.update))) {
    const ended = enter(loser.update, 'Superseded', clock.now(), supersededBy(update.name));
    // Also when no answer came: it may have been written, and then there is somebody to be told.
    await finish(context, ended, loser.revision).finally(() => wake(ended.name));
  }
  const gate = await passApproval(context, stored, signal);
  if (gate !== 'passed') return gate;
  if (turn.kind === 'wait') {
    log.debug({ update: update.name, for: turn.for.name }, 'update waits for another of its workload');
    return { kind: 'idle' };
  }
  await store.replace(noted(context, enter(update, 'Delivering', clock.now())), revision);
  return { kind: 'now' };
}

function supersededBy(name: string): { reason: string; message: string } {
  return { reason: 'newer-update', message: `superseded by ${name}` };
}

/** Puts the update into effect; a step that was cut short is repeated and recognises what it had done. */
export async function deliver(context: FlowContext, stored: Stored, signal: AbortSignal): Promise<Next> {
  const { store, delivery, clock, log, metrics } = context;
  const { update, revision } = stored;
  const started = clock.now().getTime();
  const result = await delivery.deliver(update, signal);
  metrics.delivery(result.kind, (clock.now().getTime() - started) / 1000);
  switch (result.kind) {
    case 'delivered': {
      const delivered = { ...enter(update, 'RollingOut', clock.now()), moves: result.moves };
      await store.replace(delivered, revision);
      const workload = workloadId(update.workload);
      log.info({ update: update.name, workload, moves: result.moves }, 'update delivered');
      return { kind: 'now' };
    }
    case 'obsolete':
      return finish(context, enter(update, 'Superseded', clock.now(), result), revision);
    case 'refused':
      return finish(context, enter(update, 'Failed', clock.now(), result), revision);
  }
}
