import { beforeEach, describe, expect, test } from '@jest/globals';
import { scopesOf } from '../../src/cluster/watch-workloads.ts';
import {
  createWatchedCluster,
  watchedWorkloads,
  type WatchedCluster,
} from '../../src/cluster/watched-cluster.ts';
import type { Scope } from '../../src/cluster/workload-index.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Cluster } from '../../src/core/ports.ts';
import type { RestCall } from '../../src/core/rest.ts';
import { workloadId, workloadKinds, type Pod, type WorkloadKey } from '../../src/core/workload.ts';
import { aWorkload } from '../support/builders.ts';
import { createFakeLog } from '../support/fake-log.ts';

const never = new AbortController().signal;
const forbidden = new AppError('forbidden', 'kubernetes: may not list pods');
let log: ReturnType<typeof createFakeLog>;
let changed: string[];
let called: RestCall[];

beforeEach(() => {
  [log, changed, called] = [createFakeLog(), [], []];
});

const aKey = (different: Partial<WorkloadKey> = {}): WorkloadKey => ({
  ...{ cluster: 'default', namespace: 'till', kind: 'Deployment', name: 'shop' },
  ...different,
});
const aWatched = (different: Partial<WorkloadKey> = {}) => aWorkload({ key: aKey(different) });
const noPods: Cluster['pods'] = () => Promise.resolve([]);

interface Watching {
  readonly name?: string;
  readonly scopes?: readonly Scope[];
  readonly pods?: Cluster['pods'];
  /** What a list brings. */
  readonly answer?: unknown;
}

function watching({
  name = 'default',
  scopes = scopesOf(['till', 'shop']),
  pods = noPods,
  answer,
}: Watching = {}): WatchedCluster {
  const rest = {
    json: (call: RestCall) => {
      called.push(call);
      return answer instanceof AppError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    lines: () => Promise.reject(new Error('nobody watches here')),
  };
  return createWatchedCluster({
    ...{ name, scopes, rest, pods, log },
    changed: (key) => changed.push(workloadId(key)),
  });
}

/** The scope as the watch has it: the very one that the cluster was made with. */
function scopeIn(scopes: readonly Scope[], { kind, namespace }: Scope): Scope {
  const found = scopes.find((scope) => scope.kind === kind && scope.namespace === namespace);
  if (!found) throw new Error(`${kind} of ${namespace ?? 'everywhere'} is not watched`);
  return found;
}

describe('what is known', () => {
  const scopes = scopesOf(['till', 'shop']);
  const till = scopeIn(scopes, { kind: 'Deployment', namespace: 'till' });

  test('is known of a kind in a place once that list is there, and of no other', () => {
    const cluster = watching({ scopes });
    const before = cluster.knows(aKey());

    cluster.replaceAll(till, []);

    expect([before, cluster.knows(aKey())]).toEqual([false, true]);
    expect(cluster.knows(aKey({ kind: 'StatefulSet' }))).toBe(false);
    expect(cluster.knows(aKey({ namespace: 'shop' }))).toBe(false);
    expect(cluster.known()).toBe(false);
  });

  test('is known whoever names the list, and in whatever order', () => {
    const cluster = watching({ scopes });
    for (const scope of scopesOf(['shop', 'till'])) cluster.replaceAll({ ...scope }, []);

    expect(cluster.known()).toBe(true);
  });

  test('is not known because something of it came by the watch', () => {
    const cluster = watching({ scopes });

    cluster.put(aWatched());

    expect(cluster.get(aKey())).toBeDefined();
    expect(cluster.knows(aKey())).toBe(false);
  });

  test('is nothing in a place that is not watched, listed or not', () => {
    const cluster = watching({ scopes });
    for (const scope of scopes) cluster.replaceAll(scope, []);

    expect(cluster.known()).toBe(true);
    expect(cluster.knows(aKey({ namespace: 'elsewhere' }))).toBe(false);
  });

  test('is every place, where all of them are watched', () => {
    const everywhere = scopesOf([]);
    const cluster = watching({ scopes: everywhere });

    cluster.replaceAll(scopeIn(everywhere, { kind: 'CronJob', namespace: undefined }), []);

    expect(cluster.knows(aKey({ kind: 'CronJob', namespace: 'anywhere' }))).toBe(true);
    expect(cluster.knows(aKey({ namespace: 'anywhere' }))).toBe(false);
  });

  test('is known before the first of its workloads is told of', () => {
    const known: boolean[] = [];
    const cluster = createWatchedCluster({
      ...{ name: 'default', scopes, pods: noPods, log },
      rest: { json: () => Promise.resolve({}), lines: () => Promise.reject(new Error('no')) },
      changed: (key) => known.push(cluster.knows(key)),
    });
    cluster.put(aWatched({ name: 'old' }));

    cluster.replaceAll(till, [aWatched()]);

    expect(known).toEqual([false, true, true]);
  });
});

describe('workloads of a cluster', () => {
  const scopes = scopesOf(['till', 'shop']);

  test('are found by key and by place, and everything that came or went is told', () => {
    const cluster = watching({ scopes });
    cluster.put(aWatched());
    cluster.put(aWatched({ kind: 'CronJob' }));
    cluster.put(aWatched({ namespace: 'shop' }));
    cluster.remove(aKey());

    expect(cluster.get(aKey())).toBeUndefined();
    expect(cluster.within({ cluster: 'default', namespace: 'till' }).map(({ key }) => key.kind)).toEqual([
      'CronJob',
    ]);
    expect(cluster.within({ cluster: 'default', namespace: 'nowhere' })).toEqual([]);
    expect(changed).toEqual([
      'default/till/Deployment/shop',
      'default/till/CronJob/shop',
      'default/shop/Deployment/shop',
      'default/till/Deployment/shop',
    ]);
  });

  test('one that was changed is there once, as it is now', () => {
    const cluster = watching({ scopes });
    cluster.put(aWatched());
    cluster.put({ ...aWatched(), generation: 2 });

    expect(cluster.within({ cluster: 'default', namespace: 'till' })).toHaveLength(1);
    expect(cluster.get(aKey())?.generation).toBe(2);
  });

  test('a list takes what it does not have, of its kind and its place only', () => {
    const cluster = watching({ scopes });
    for (const key of [{}, { name: 'gone' }, { namespace: 'shop' }, { kind: 'DaemonSet' as const }])
      cluster.put(aWatched(key));
    changed.length = 0;

    cluster.replaceAll(scopeIn(scopes, { kind: 'Deployment', namespace: 'till' }), [aWatched()]);

    expect(changed).toEqual(['default/till/Deployment/gone', 'default/till/Deployment/shop']);
    expect(cluster.get(aKey({ namespace: 'shop' }))).toBeDefined();
    expect(cluster.get(aKey({ kind: 'DaemonSet' }))).toBeDefined();
  });

  test('to remove what was never there does no harm', () => {
    const cluster = watching({ scopes });
    cluster.remove(aKey());

    expect(cluster.within(aKey())).toEqual([]);
  });

  test('places are those that are watched, and those that have workloads', () => {
    const everywhere = watching({ scopes: scopesOf([]) });
    everywhere.put(aWatched({ namespace: 'new' }));
    const places = (cluster: WatchedCluster) => cluster.places().map(({ namespace }) => namespace);

    expect(places(watching({ scopes }))).toEqual(['till', 'shop']);
    expect(places(everywhere)).toEqual(['new']);
  });
});

describe('whether a workload is gone', () => {
  test.each(workloadKinds)('is asked of a list with one %s in it, not by reading it', async (kind) => {
    const cluster = watching({ answer: { items: [] } });

    expect(await cluster.isGone(aKey({ kind }), never)).toBe(true);
    const group = kind === 'CronJob' ? 'batch' : 'apps';
    expect(called).toEqual([
      {
        method: 'GET',
        path: `/apis/${group}/v1/namespaces/till/${kind.toLowerCase()}s`,
        query: { fieldSelector: 'metadata.name=shop' },
      },
    ]);
  });

  test.each([
    ['it is in the list', { items: [{ metadata: { name: 'shop' } }] }, false],
    ['it cannot be read', { items: ['junk'] }, false],
    ['there is no list of items', { items: null }, true],
    ['there are no items', {}, true],
  ])('where %s', async (_what, answer, gone) => {
    expect(await watching({ answer }).isGone(aKey(), never)).toBe(gone);
  });

  test('is known of what the watch brought as deleted, also by who may not ask any more', async () => {
    const scopes = scopesOf(['till', 'shop']);
    const cluster = watching({ scopes, answer: new AppError('forbidden', 'the Role went first') });
    for (const key of [{}, { name: 'missing' }, { name: 'back' }]) cluster.put(aWatched(key));
    cluster.remove(aKey());
    cluster.remove(aKey({ name: 'back' }));
    cluster.put(aWatched({ name: 'back' }));

    expect(await cluster.isGone(aKey(), never)).toBe(true);
    expect(called).toEqual([]);
    await expect(cluster.isGone(aKey({ name: 'back' }), never)).rejects.toMatchObject({ code: 'forbidden' });

    // A list cannot tell what is gone from what it could not read.
    cluster.replaceAll(scopeIn(scopes, { kind: 'Deployment', namespace: 'shop' }), []);
    expect(await cluster.isGone(aKey(), never)).toBe(true);
    cluster.replaceAll(scopeIn(scopes, { kind: 'Deployment', namespace: 'till' }), []);
    for (const name of ['missing', 'shop'])
      await expect(cluster.isGone(aKey({ name }), never)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('cannot be known without an answer', async () => {
    const cluster = watching({ answer: new AppError('unavailable', 'no answer') });

    await expect(cluster.isGone(aKey(), never)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('pods', () => {
  const pod: Pod = { name: 'shop-1', containers: [] };

  test('are what the cluster says', async () => {
    const cluster = watching({ pods: () => Promise.resolve([pod]) });

    expect(await cluster.pods(aWatched(), never)).toEqual([pod]);
    expect(log.lines).toEqual([]);
  });

  test('that may not be listed are none, which is said once of a namespace', async () => {
    const cluster = watching({ pods: () => Promise.reject(forbidden) });

    const found = [
      await cluster.pods(aWatched(), never),
      await cluster.pods(aWatched({ name: 'cart' }), never),
      await cluster.pods(aWatched({ namespace: 'shop' }), never),
    ];

    expect(found).toEqual([[], [], []]);
    expect(log.lines.map(({ level, fields }) => [level, fields.namespace, fields.error])).toEqual([
      ['warn', 'till', forbidden],
      ['warn', 'shop', forbidden],
    ]);
    expect(log.lines[0]?.message).toContain('pods cannot be listed');
  });

  test('of a cluster that does not answer are asked for again', async () => {
    const cluster = watching({ pods: () => Promise.reject(new AppError('unavailable', 'no answer')) });

    await expect(cluster.pods(aWatched(), never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(log.lines).toEqual([]);
  });
});

describe('several clusters', () => {
  const scopes = scopesOf(['till']);
  const inEast = { cluster: 'east' };

  function both() {
    const own = watching({ scopes, answer: { items: [] } });
    const pod: Pod = { name: 'east-1', containers: [] };
    const answer = { items: [{}] };
    const east = watching({ ...{ name: 'east', scopes, answer }, pods: () => Promise.resolve([pod]) });
    const all = watchedWorkloads(
      new Map([
        ['default', own],
        ['east', east],
      ]),
    );
    return { own, east, all };
  }

  test('are known when each of them is', () => {
    const { own, east, all } = both();
    scopes.forEach((scope) => own.replaceAll(scope, []));
    const one = all.known();
    scopes.forEach((scope) => east.replaceAll(scope, []));

    expect([one, all.known()]).toEqual([false, true]);
  });

  test('are each asked for what is theirs', async () => {
    const { own, east, all } = both();
    own.put(aWatched());
    east.put({ ...aWatched(inEast), generation: 7 });
    const [first = scopes[0]] = scopes;
    if (first) east.replaceAll(first, [{ ...aWatched(inEast), generation: 7 }]);

    expect([all.get(aKey())?.generation, all.get(aKey(inEast))?.generation]).toEqual([1, 7]);
    expect([all.knows(aKey()), all.knows(aKey(inEast))]).toEqual([false, true]);
    expect(all.within({ cluster: 'east', namespace: 'till' }).map(({ key }) => key.cluster)).toEqual([
      'east',
    ]);
    expect(all.places()).toEqual([
      { cluster: 'default', namespace: 'till' },
      { cluster: 'east', namespace: 'till' },
    ]);
    expect(await all.pods(aWatched(inEast), never)).toHaveLength(1);
    expect(await all.pods(aWatched(), never)).toEqual([]);
    expect([await all.isGone(aKey(), never), await all.isGone(aKey(inEast), never)]).toEqual([true, false]);
  });

  test('of one that is not watched nothing is known, and nothing is said to be gone', async () => {
    const { all } = both();
    const elsewhere = aKey({ cluster: 'west' });

    expect(all.knows(elsewhere)).toBe(false);
    expect(all.get(elsewhere)).toBeUndefined();
    expect(all.within(elsewhere)).toEqual([]);
    expect(await all.pods(aWorkload({ key: elsewhere }), never)).toEqual([]);
    expect(await all.isGone(elsewhere, never)).toBe(false);
  });
});
