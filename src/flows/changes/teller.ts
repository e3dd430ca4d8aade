import { idsInTurn, idsWaiting, type NoticeBox } from '../../core/notice-box.ts';
import type { Notifier } from '../../core/ports.ts';
import { placeId, placeOf, type Place } from '../../core/watched-workloads.ts';
import type { Next } from '../context.ts';
import { createStepQueue } from '../step-queue.ts';
import type { WorkQueue } from '../work-queue.ts';
import type { ChangeContext } from './change-context.ts';
import type { Ledger } from './ledger.ts';
import type { Ledgers } from './ledgers.ts';
import { createTellNotice } from './tell-notices.ts';

const tellConcurrency = 8;

/** A notifier's own queue, so that a slow one delays nobody else. */
export interface Teller {
  readonly queue: WorkQueue;
  add(place: Place, id: string): void;
  addAll(place: Place, ledger: Ledger): void;
  addInTurn(place: Place, box: NoticeBox, workloads: ReadonlySet<string>): void;
}

/** Tells `notifier` what waits for it in the ledgers. */
export function createTeller(context: ChangeContext, notifier: Notifier, ledgerOf: Ledgers): Teller {
  const tellNotice = createTellNotice(context, notifier);
  const add = (place: Place, id: string): void => queue.add(`${placeId(place)}/${id}`);
  const queue = createStepQueue(context, tellConcurrency, 'notice', async (key, signal): Promise<Next> => {
    const place = placeOf(key);
    const id = key.slice(placeId(place).length + 1);
    const { next, following } = await tellNotice({ ledger: await ledgerOf(place), id }, signal);
    for (const one of following) add(place, one);
    return next;
  });
  return {
    ...{ queue, add },
    addInTurn(place, box, workloads) {
      for (const workload of workloads)
        for (const id of idsInTurn(box, notifier.name, workload)) add(place, id);
    },
    addAll: (place, ledger) => idsWaiting(ledger.box(), notifier.name).forEach((id) => add(place, id)),
  };
}
