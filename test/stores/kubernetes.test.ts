import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import type { Rest } from '../../src/core/rest.ts';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/embedded/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { storeContract } from '../contract/store.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { namespaceObject, openKubernetesStore, type OpenStore } from './kubernetes-support.ts';

let cluster: EmbeddedCluster;
let rest: Rest;
let namespaces = 0;

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ clock: systemClock, port: 0 });
  rest = createRest(connect({ kind: 'url', url: cluster.url }), systemClock, 10_000);
});

afterAll(() => cluster.close());

async function newNamespace(): Promise<string> {
  const name = `records-${++namespaces}`;
  const body = namespaceObject(name);
  await rest.json({ method: 'POST', path: '/api/v1/namespaces', body }, new AbortController().signal);
  return name;
}

storeContract('kubernetes, embedded', async () => openKubernetesStore(rest, await newNamespace()).store);

describe('kubernetes store', () => {
  const two = async (): Promise<readonly [OpenStore, OpenStore]> => {
    const namespace = await newNamespace();
    const stores = [openKubernetesStore(rest, namespace), openKubernetesStore(rest, namespace)] as const;
    await Promise.all(stores.map(({ store }) => store.synced));
    return stores;
  };
  const close = (...stores: readonly OpenStore[]): Promise<unknown> =>
    Promise.all(stores.map(({ store }) => store.close()));

  test('what one replica writes the other is told of, and sees', async () => {
    const [one, other] = await two();
    const [created] = await one.store.create([anUpdate({ name: 'up-1' })]);
    await other.until(() => other.changes.length === 1);

    const changed = await one.store.replace(
      anUpdate({ message: 'x', name: 'up-1' }),
      created?.revision ?? '',
    );
    await other.until(() => other.changes.length === 2);
    const seen = await other.store.ofWorkload(keyOf(), 1);
    await other.store.create([anUpdate({ name: 'up-2' })]);
    await one.until(() => one.changes.includes('up-2'));

    expect(seen).toEqual([changed]);
    expect(one.changes).toEqual(['up-2']);
    expect(other.changes).toEqual(['up-1', 'up-1']);
    await close(one, other);
  });

  test('a record that another replica has made is known as soon as that is told, and no longer than it is there', async () => {
    const [one, other] = await two();
    const [created] = await one.store.create([anUpdate({ name: 'up-1' })]);
    await other.until(() => other.changes.length === 1);

    const known = [one, other].map(({ store }) => store.knows('up-1'));
    await one.store.remove('up-1', created?.revision ?? '');

    expect(known).toEqual([true, true]);
    expect([one.store.knows('up-1'), other.store.knows('up-2')]).toEqual([false, false]);
    await close(one, other);
  });

  test('a break of the watch and a forgotten history lose nothing', async () => {
    const [one, other] = await two();
    await one.store.create([anUpdate({ name: 'up-1' }), anUpdate({ name: 'up-2' })]);
    await other.until(() => other.changes.length === 2);

    cluster.resetWatches();
    await one.store.create([anUpdate({ name: 'up-3' })]);
    const before = await one.store.get('up-1');
    await one.store.remove('up-1', before?.revision ?? '');
    cluster.compact();
    await other.until(() => other.changes.includes('up-3'));

    const names = (await other.store.open()).map(({ update }) => update.name);
    expect(names).toEqual(['up-2', 'up-3']);
    await close(one, other);
  });

  test('a record that another replica has only just made is asked for', async () => {
    const namespace = await newNamespace();
    const one = openKubernetesStore(rest, namespace);
    const mute = openKubernetesStore({ ...rest, lines: () => new Promise(() => undefined) }, namespace);
    await mute.store.synced;
    const [created] = await one.store.create([anUpdate({ name: 'up-1' })]);

    expect(await mute.store.open()).toEqual([]);
    expect(await mute.store.get('up-1')).toMatchObject({ revision: created?.revision });
    expect(await mute.store.open()).toHaveLength(1);
    await one.store.close();
  });

  test('two equal writes over one revision: the second is refused', async () => {
    const [one, other] = await two();
    const [created] = await one.store.create([anUpdate({ name: 'up-1' })]);
    // What is written again and again is there already: the server would take that for no write at all.
    const written = await one.store.replace(anUpdate({ name: 'up-1' }), created?.revision ?? '');
    const write = ({ store }: OpenStore): Promise<unknown> =>
      store.replace(anUpdate({ name: 'up-1' }), written.revision);

    const outcomes = await Promise.allSettled([write(one), write(one), write(other)]);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await close(one, other);
  });
});
