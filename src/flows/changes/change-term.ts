import type { Leadership } from '../../core/leadership.ts';
import { idsInTurn, idsWaiting, type NoticeBox } from '../../core/notice-box.ts';
import type { Notifier } from '../../core/ports.ts';
import { workloadId, workloadKinds, type WorkloadKey } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import { placeId, placeOf, type Place } from '../../core/watched-workloads.ts';
import type { Next } from '../context.ts';
import { guardedChanges } from './guarded-changes.ts';
import type { Ledger } from './ledger.ts';
import { createLedgers, type Ledgers } from './ledgers.ts';
import { createNotifyChanges } from './notify-changes.ts';
import { createOldPlaces, isThere, type ListedPlaces } from './old-places.ts';
import { seeFirst } from './see-first.ts';
import { createStepQueue } from '../step-queue.ts';
import { createTellNotice } from './tell-notices.ts';
import type { WorkQueue } from '../work-queue.ts';

export type { ListedPlaces } from './old-places.ts';

/** The time for which one replica tells of changes. */
export interface ChangeTerm {
  changed(key: WorkloadKey): void;
  /** Looks at everything that is known, and at everything that was; there or (`undefined`) everywhere. */
  takeUp(where?: ListedPlaces): void;
  drain(graceMs: number): Promise<void>;
  stop(): Promise<void>;
}

const [lookConcurrency, placeConcurrency, tellConcurrency] = [16, 8, 8];

/** A term has ledgers and queues of its own: what lags behind from the last one never writes again. */
export function startChangeTerm(whole: ChangeContext, leadership: Leadership): ChangeTerm {
  const over = new AbortController();
  const context = guardedChanges(whole, leadership, over.signal);
  const { watched, notifiers, clock } = context;
  const ledgerOf = createLedgers(context, over.signal, {
    reloaded: (place) => places.add(placeId(place)),
    dropped: (place, box, workloads) => tellers.forEach((teller) => teller.addInTurn(place, box, workloads)),
  });
  const old = createOldPlaces(context);
  const notify = createNotifyChanges(context, {
    unseen: (key) => places.add(placeId(key)),
    noted: ({ id, workload }) => tellers.forEach((teller) => teller.add(workload, id)),
  });
  const looks = createStepQueue(context, lookConcurrency, 'workload', async (id, signal) => {
    const key = keyOf(id);
    const next = await notify(key, await ledgerOf(key), signal);
    caches.add(placeId(key));
    return next;
  });
  const caches = createStepQueue(context, placeConcurrency, 'namespace', async (id): Promise<Next> => {
    const isDone = await (await ledgerOf(placeOf(id))).flush();
    return { kind: isDone ? 'idle' : 'now' };
  });
  const tellers = notifiers.map((notifier) => createTeller(context, notifier, ledgerOf));
  const places = createStepQueue(context, placeConcurrency, 'namespace', async (id): Promise<Next> => {
    const place = placeOf(id);
    const ledger = await ledgerOf(place);
    await seeFirst(context, place, ledger, !old.has(place));
    for (const key of keysOf(context, place, ledger)) looks.add(workloadId(key));
    for (const teller of tellers) teller.addAll(place, ledger);
    caches.add(id);
    return { kind: 'idle' };
  });
  const all = [places, looks, caches, ...tellers.map(({ queue }) => queue)];
  const stop = async (): Promise<void> => {
    over.abort();
    await Promise.all(all.map((queue) => queue.stop()));
  };
  const takeUp = (where?: ListedPlaces): void => {
    old.note(where);
    for (const place of watched.places()) if (isThere(place, where)) places.add(placeId(place));
  };
  takeUp();
  return {
    takeUp,
    stop,
    changed: (key) => looks.add(workloadId(key)),
    async drain(graceMs) {
      const limit = Promise.withResolvers<undefined>();
      const cancel = clock.after(graceMs, () => limit.resolve(undefined));
      const idle = async (): Promise<undefined> => {
        for (const queue of all) await queue.idle();
      };
      await Promise.race([idle(), limit.promise]);
      cancel();
      await stop();
    },
  };
}

/** A notifier's own queue, so that a slow one delays nobody else. */
interface Teller {
  readonly queue: WorkQueue;
  add(place: Place, id: string): void;
  addAll(place: Place, ledger: Ledger): void;
  addInTurn(place: Place, box: NoticeBox, workloads: ReadonlySet<string>): void;
}

function createTeller(context: ChangeContext, notifier: Notifier, ledgerOf: Ledgers): Teller {
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

/** What there is, and what there was. */
function keysOf({ watched }: ChangeContext, place: Place, ledger: Ledger): readonly WorkloadKey[] {
  const there = watched.within(place).map(({ key }) => key);
  const were = [...ledger.book().seen].flatMap(([name, { type }]) =>
    type === 'DELETED' ? [] : [keyOf(`${placeId(place)}/${name}`)],
  );
  return [...there, ...were];
}

/** The key of `cluster/namespace/kind/name`. */
function keyOf(id: string): WorkloadKey {
  const [cluster = '', namespace = '', word = '', name = ''] = id.split('/');
  const kind = workloadKinds.find((one) => one === word) ?? 'Deployment';
  return { cluster, namespace, kind, name };
}
