import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storeContract } from '../contract/store.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import {
  openEmbeddedStage,
  openKubernetesStore,
  type EmbeddedStage,
  type OpenStore,
} from './kubernetes-support.ts';

let stage: EmbeddedStage;

beforeAll(async () => {
  stage = await openEmbeddedStage();
});

afterAll(() => stage.close());

storeContract(
  'kubernetes, embedded',
  async () => openKubernetesStore(stage.rest, await stage.newNamespace()).store,
);

describe('kubernetes store', () => {
  const two = async (): Promise<readonly [OpenStore, OpenStore]> => {
    const namespace = await stage.newNamespace();
    const stores = [
      openKubernetesStore(stage.rest, namespace),
      openKubernetesStore(stage.rest, namespace),
    ] as const;
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

    stage.cluster.resetWatches();
    await one.store.create([anUpdate({ name: 'up-3' })]);
    const before = await one.store.get('up-1');
    await one.store.remove('up-1', before?.revision ?? '');
    stage.cluster.compact();
    await other.until(() => other.changes.includes('up-3'));

    const names = (await other.store.open()).map(({ update }) => update.name);
    expect(names).toEqual(['up-2', 'up-3']);
    await close(one, other);
  });

  test('a record that another replica has only just made is asked for', async () => {
    const namespace = await stage.newNamespace();
    const one = openKubernetesStore(stage.rest, namespace);
    const mute = openKubernetesStore({ ...stage.rest, lines: () => new Promise(() => undefined) }, namespace);
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
