import type { Leadership } from '../../core/leadership.ts';
import { workloadId, workloadKinds, type WorkloadKey } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import { placeId, placeOf, type Place } from '../../core/watched-workloads.ts';
import type { Next } from '../context.ts';
import { guardedChanges } from './guarded-changes.ts';
import type { Ledger } from './ledger.ts';
import { createLedgers } from './ledgers.ts';
import { createNotifyChanges } from './notify-changes.ts';
import { createKnownPlaces } from './known-places.ts';
import { createOpenPlaces } from './open-places.ts';
import { seeFirst } from './see-first.ts';
import { atMost } from '../at-most.ts';
import { createStepQueue } from '../step-queue.ts';
import { createTeller } from './teller.ts';
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

const [lookConcurrency, placeConcurrency] = [16, 8];

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
  const openPlaces = createOpenPlaces(known, ledgerOf, (place) => places.add(placeId(place)));
  const notify = createNotifyChanges(context, {
    unseen: (key) => places.add(placeId(key)),
    noted: ({ id, workload }) => tellers.forEach((teller) => teller.add(workload, id)),
  });
  const looks = createStepQueue(context, lookConcurrency, 'workload', async (id, signal) => {
    const key = keyOf(id);
    const ledger = await openPlaces.ready(key);
    if (!ledger) return { kind: 'idle' };
    const next = await notify(key, ledger, signal);
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
    const ledger = await openPlaces.open(place);
    await seeFirst(context, place, ledger, await known.newKinds(place));
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
    for (const cluster of clustersIn(watched, where)) clusters.add(cluster);
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

function clustersIn(watched: ChangeContext['watched'], where: ListedPlaces | undefined): readonly string[] {
  if (where) return [where.cluster];
  return [...watched.wholeClusters(), ...watched.places().map(({ cluster }) => cluster)];
}

function isThere({ cluster, namespace }: Place, where: ListedPlaces | undefined): boolean {
  return where === undefined || (where.cluster === cluster && (where.namespace ?? namespace) === namespace);
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
