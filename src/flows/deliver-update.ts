import type { Stored } from '../core/ports.ts';
import { turnOf } from '../core/turn.ts';
import { enter } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';
import { finish } from './finish.ts';

/** A pending update waits for its turn, then is marked as being delivered before anything is touched. */
export async function takeTurn(context: FlowContext, { update, revision }: Stored): Promise<Next> {
  const { store, clock, log } = context;
  const siblings = await store.open(update.workload);
  const turn = turnOf(
    update,
    siblings.map((stored) => stored.update),
  );
  switch (turn.kind) {
    case 'wait':
      log.debug({ update: update.name, for: turn.for.name }, 'update waits for another of its workload');
      return { kind: 'idle' };
    case 'superseded':
      return finish(context, enter(update, 'Superseded', clock.now(), supersededBy(turn.by.name)), revision);
    case 'go':
      // The losers are written first: whoever was delivered meanwhile makes this write fail, and we look again.
      for (const loser of siblings.filter((stored) => turn.supersedes.includes(stored.update))) {
        const ended = enter(loser.update, 'Superseded', clock.now(), supersededBy(update.name));
        await finish(context, ended, loser.revision);
      }
      await store.replace(enter(update, 'Delivering', clock.now()), revision);
      return { kind: 'now' };
  }
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
