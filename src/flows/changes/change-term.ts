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
import { createKnownPlaces } from './known-places.ts';
import { seeFirst } from './see-first.ts';
import { atMost } from '../at-most.ts';
import { createStepQueue } from '../step-queue.ts';
import { createTellNotice } from './tell-notices.ts';
import type { WorkQueue } from '../work-queue.ts';

/** A namespace of a cluster; `undefined` = all of them. */
export interface ListedPlaces {
  readonly cluster: string;
  readonly namespace: string | undefined;
}

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
  const known = createKnownPlaces(context, over.signal);
  const notify = createNotifyChanges(context, {
    unseen: (key) => places.add(placeId(key)),
    noted: ({ id, workload }) => tellers.forEach((teller) => teller.add(workload, id)),
  });
  const looks = createStepQueue(context, lookConcurrency, 'workload', async (id, signal) => {
    const key = keyOf(id);
    if (await known.meet(key)) places.add(placeId(key));
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
    await seeFirst(context, place, ledger, await known.isYoung(place));
    for (const key of keysOf(context, place, ledger)) looks.add(workloadId(key));
    for (const teller of tellers) teller.addAll(place, ledger);
    caches.add(id);
    await known.lookedAt(place, ledger);
    return { kind: 'idle' };
  });
  const clusters = createStepQueue(context, placeConcurrency, 'cluster', async (cluster): Promise<Next> => {
    for (const place of await known.takeUp(cluster)) places.add(placeId(place));
    return { kind: 'idle' };
  });
  const all = [clusters, places, looks, caches, ...tellers.map(({ queue }) => queue)];
  const stop = async (): Promise<void> => {
    over.abort();
    await Promise.all(all.map((queue) => queue.stop()));
  };
  const takeUp = (where?: ListedPlaces): void => {
    const wholes = watched.wholeClusters();
    for (const cluster of wholes) if ((where?.cluster ?? cluster) === cluster) clusters.add(cluster);
    for (const place of watched.places())
      if (!wholes.includes(place.cluster) && isThere(place, where)) places.add(placeId(place));
  };
  takeUp();
  return {
    takeUp,
    stop,
    changed: (key) => looks.add(workloadId(key)),
    drain: (graceMs) => atMost(clock, graceMs, idleInTurn(all)).then(stop),
  };
}

/** What one has to do, it hands on to the next. */
async function idleInTurn(queues: readonly WorkQueue[]): Promise<void> {
  for (const queue of queues) await queue.idle();
}

function isThere({ cluster, namespace }: Place, where: ListedPlaces | undefined): boolean {
  return where === undefined || (where.cluster === cluster && (where.namespace ?? namespace) === namespace);
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
