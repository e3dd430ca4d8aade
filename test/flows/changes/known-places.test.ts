import { describe, expect, test } from '@jest/globals';
import { scopesOf } from '../../../src/cluster/watch-workloads.ts';
import { createWatchedCluster, watchedWorkloads } from '../../../src/cluster/watched-cluster.ts';
import { workloadKinds, type Workload, type WorkloadKind } from '../../../src/core/workload.ts';
import { createKnownPlaces } from '../../../src/flows/changes/known-places.ts';
import { createMemoryDocuments } from '../../../src/stores/memory-documents.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Documents } from '../../../src/core/documents.ts';
import { aWatched, createChangeHarness, rollingOut } from '../../support/change-harness.ts';
import { keyOf } from '../../support/builders.ts';
import { createFakeLog } from '../../support/fake-log.ts';

const { signal } = new AbortController();
const file = 'deployment-namespaces-v1-platform.json';
const inPlace = (namespace: string, kind: WorkloadKind = 'Deployment', cluster = 'default'): Workload =>
  aWatched({ key: { cluster, namespace, kind, name: 'shop' } });

describe('a namespace that is made while `*` is watched', () => {
  test('is told with all that is in it while a kind cannot be listed', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await list(harness, 'Deployment', 'StatefulSet', 'DaemonSet');

    await harness.put(inPlace('preview'));

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('is told of no kind that is listed for the first time when it is there', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await list(harness, 'Deployment');
    await harness.put(inPlace('preview'));

    harness.cluster.replaceAll({ kind: 'CronJob', namespace: undefined }, [inPlace('preview', 'CronJob')]);
    harness.lead.listed({ cluster: 'default', namespace: undefined });
    await harness.clock.advance(0);

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('is told where nothing was before, whoever led then', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    harness.lead.lost();
    await harness.list();
    harness.lead.acquired();
    await harness.clock.advance(0);

    await harness.put(inPlace('preview'));

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('is not told before anything is listed', async () => {
    const harness = createChangeHarness({ namespaces: [] });

    await harness.put(inPlace('preview'));
    await harness.list(inPlace('preview'));

    expect(harness.said()).toEqual([]);
  });
});

/** These kinds are listed, and there is one Deployment. */
async function list(
  { cluster, lead, clock }: ReturnType<typeof createChangeHarness>,
  ...kinds: readonly WorkloadKind[]
): Promise<void> {
  for (const kind of kinds)
    cluster.replaceAll({ kind, namespace: undefined }, kind === 'Deployment' ? [inPlace('till')] : []);
  lead.listed({ cluster: 'default', namespace: undefined });
  await clock.advance(0);
}

describe('where every namespace is watched', () => {
  const preview = inPlace('preview');
  const till = inPlace('till');
  /** Everything of one process, and the next one with the same documents. */
  const listing = async (
    harness: ReturnType<typeof createChangeHarness>,
    ...workloads: readonly Workload[]
  ): Promise<void> => {
    await harness.list(...workloads);
    await harness.clock.advance(60_000);
  };

  test('what is deleted last in its namespace is told by the next process, too', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till, preview);
    harness.answer = () => ({ kind: 'failed', message: 'away', retryAfterMs: undefined });
    await harness.remove(preview.key);
    await harness.restart();
    harness.answer = () => ({ kind: 'sent' });
    const before = harness.told.length;
    await listing(harness, till);

    expect(harness.said().slice(before)).toEqual(['deleted shop: 1.0.0']);
  });

  test('what is deleted while nobody looks is told, though its namespace is empty or gone', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till, preview);
    await harness.restart();
    await listing(harness, till);

    expect(harness.said()).toEqual(['deleted shop: 1.0.0']);
  });

  test('a namespace that is made while nobody leads is told with all that is in it', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till);
    await harness.restart();
    await listing(harness, till, preview);

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('it is told once, whoever takes over then, and what comes to it later', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness);
    for (let round = 0; round < 3; round++) {
      await listing(harness, till, preview);
      await harness.restart();
    }
    await listing(harness, till, preview);
    await harness.put(inPlace('preview', 'CronJob'));

    expect(harness.said()).toEqual([
      'created shop:  → 1.0.0',
      'created shop:  → 1.0.0',
      'created shop:  → 1.0.0',
    ]);
  });

  test('a namespace is forgotten with the last of it, and looked at no more', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till, preview);
    await harness.remove(preview.key);
    await listing(harness, till);
    const { text } = (await harness.documents.read(file, signal)) ?? {};
    expect(JSON.parse(text ?? '')).toEqual({ kinds: [...workloadKinds], namespaces: ['till'], young: {} });

    await harness.restart();
    await listing(harness, till);
    await harness.put(preview);
    expect(harness.said()).toEqual(['deleted shop: 1.0.0', 'created shop: 1.0.0']);
  });

  test('a kind that may be listed later is old in a namespace of which the rest is new', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await list(harness, 'Deployment');
    await harness.restart();
    harness.cluster.replaceAll({ kind: 'Deployment', namespace: undefined }, [till, preview]);
    const jobs = [inPlace('preview', 'CronJob'), inPlace('other', 'CronJob')];
    harness.cluster.replaceAll({ kind: 'CronJob', namespace: undefined }, jobs);
    harness.lead.listed({ cluster: 'default', namespace: undefined });
    await harness.clock.advance(60_000);

    expect(harness.told.map(({ kind, workload }) => `${kind} ${workload.kind}`)).toEqual([
      'workload.created Deployment',
    ]);
  });

  test('a kind that may be listed later is old in all namespaces that are there then', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await list(harness, 'Deployment');
    await harness.put(preview);
    await harness.restart();
    await listing(harness, till, preview, inPlace('till', 'CronJob'), inPlace('other', 'CronJob'));

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('all kinds of one that is made while nobody leads are new, though they are listed one after the other', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till);
    await harness.restart();
    await list(harness, 'Deployment');
    for (const kind of ['StatefulSet', 'CronJob'] as const) {
      harness.cluster.replaceAll({ kind, namespace: undefined }, [inPlace('preview', kind)]);
      harness.lead.listed({ cluster: 'default', namespace: undefined });
      await harness.clock.advance(60_000);
    }

    expect(harness.told.map(({ kind, workload }) => `${kind} ${workload.kind}`)).toEqual([
      'workload.created StatefulSet',
      'workload.created CronJob',
    ]);
  });

  test('one that was forgotten is known again before anything of it is told', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till, preview);
    await harness.remove(preview.key);
    await listing(harness, till);
    harness.answer = () => ({ kind: 'failed', message: 'away', retryAfterMs: undefined });
    await harness.put(preview);
    await harness.restart();
    harness.answer = () => ({ kind: 'sent' });
    const before = harness.told.length;
    await listing(harness, till);

    expect(harness.said().slice(before)).toEqual(['created shop: 1.0.0', 'deleted shop: 1.0.0']);
  });

  test('one whose first workload is on its way is known', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till);
    await listing(harness, till, rollingOut(preview));

    const { text } = (await harness.documents.read(file, signal)) ?? {};
    expect(JSON.parse(text ?? '')).toMatchObject({ namespaces: ['till', 'preview'] });
  });

  test('all that are there at first are old, also where the first look comes before the lists are through', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await harness.clock.advance(0);
    await listing(harness, till, preview, inPlace('shop'));

    expect(harness.said()).toEqual([]);
  });

  test('while it cannot be known what there was, nothing is told, and then all of it', async () => {
    const kept = createMemoryDocuments();
    const first = createChangeHarness({ documents: kept, namespaces: [] });
    await listing(first, till, preview);
    first.lead.lost();
    let isAway = true;
    const documents: Documents = {
      ...kept,
      read: (...call) => (isAway ? Promise.reject(new AppError('unavailable', 'away')) : kept.read(...call)),
    };
    const harness = createChangeHarness({ documents, namespaces: [] });
    await listing(harness, till);
    expect(harness.said()).toEqual([]);

    isAway = false;
    await harness.clock.advance(60_000);
    expect(harness.said()).toEqual(['deleted shop: 1.0.0']);
  });

  test('a file that cannot be read is said so, and begun anew', async () => {
    const documents = createMemoryDocuments();
    await documents.write(file, '{"namespaces":7}', undefined, signal);
    const harness = createChangeHarness({ documents, namespaces: [] });
    await listing(harness, till);
    await harness.put(preview);

    expect(harness.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      {
        message: 'the known namespaces cannot be read: those that are there now count as known',
        fields: { file },
      },
    ]);
    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  });

  test('what somebody else has written of them is read again', async () => {
    const harness = createChangeHarness({ namespaces: [] });
    await listing(harness, till);
    const stored = await harness.documents.read(file, signal);
    await harness.documents.write(file, stored?.text ?? '', stored?.revision, signal);
    await harness.put(preview);
    await harness.clock.advance(1000);

    expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
    const after = await harness.documents.read(file, signal);
    expect(JSON.parse(after?.text ?? '')).toMatchObject({ namespaces: ['till', 'preview'] });
  });
});

test('what was known is of no use after a time in which namespaces were named', async () => {
  const documents = createMemoryDocuments();
  const first = createChangeHarness({ documents, namespaces: [] });
  await first.list(inPlace('till'));
  first.lead.lost();
  const named = createChangeHarness({ documents, namespaces: ['till'] });
  await named.list(inPlace('till'));
  named.lead.lost();
  const again = createChangeHarness({ documents, namespaces: [] });
  await again.clock.advance(0);
  await again.list(inPlace('till'), inPlace('preview'));

  expect(again.said()).toEqual([]);
});

test('what is made again while its namespace is forgotten is not forgotten', async () => {
  const kept = createMemoryDocuments();
  const slow: PromiseWithResolvers<undefined>[] = [];
  let isSlow = false;
  const documents: Documents = {
    ...kept,
    async write(...call) {
      if (isSlow && call[0] === file) {
        const gate = Promise.withResolvers<undefined>();
        slow.push(gate);
        await gate.promise;
      }
      return kept.write(...call);
    },
  };
  const harness = createChangeHarness({ documents, namespaces: [] });
  const [till, preview] = [inPlace('till'), inPlace('preview')];
  await harness.list(till, preview);
  await harness.remove(preview.key);
  isSlow = true;
  await harness.list(till);
  expect(slow).toHaveLength(1);
  await harness.put(preview);
  isSlow = false;
  slow.forEach(({ resolve }) => resolve(undefined));
  await harness.clock.advance(60_000);

  const { text } = (await kept.read(file, signal)) ?? {};
  expect(JSON.parse(text ?? '')).toMatchObject({ namespaces: ['till', 'preview'] });
  expect(harness.said()).toEqual(['deleted shop: 1.0.0', 'created shop: 1.0.0']);
});

test('a namespace of which nothing can be read says so by itself, not by each workload', async () => {
  const kept = createMemoryDocuments();
  let [isAway, reads] = [true, 0];
  const documents: Documents = {
    ...kept,
    read(...call) {
      reads++;
      return isAway ? Promise.reject(new AppError('unauthorized', 'wrong login')) : kept.read(...call);
    },
  };
  const names = Array.from({ length: 50 }, (_, n) => `shop-${n}`);
  const all = names.map((name) => aWatched({ key: keyOf(name), uid: name }));
  const harness = createChangeHarness({ documents });
  await harness.list(...all);
  for (let round = 0; round < 20; round++) {
    await harness.put(...all);
    await harness.clock.advance(10_000);
  }
  const lines = harness.log.lines.filter(({ message }) => message === 'step failed, retrying');
  expect(lines.filter(({ fields }) => 'workload' in fields)).toEqual([]);
  expect(lines.length).toBeLessThan(60);
  expect(reads).toBeLessThan(100);

  isAway = false;
  await harness.clock.advance(60_000);
  await harness.put(
    aWatched({ key: keyOf('shop-7'), uid: 'shop-7', generation: 2, observedGeneration: 2, image: 'a:2' }),
  );
  expect(harness.said()).toEqual(['image-changed shop-7: 1.0.0 → 2']);
});

test('a namespace that is named is old from the beginning, and in no file', async () => {
  const harness = createChangeHarness({ namespaces: ['till', 'preview'] });
  await harness.list(inPlace('till'));
  await harness.restart();
  await harness.list(inPlace('till'), inPlace('preview'));

  expect(harness.said()).toEqual(['created shop:  → 1.0.0']);
  expect(await harness.documents.read(file, signal)).toBeUndefined();
});

test('a cluster that is away does not make old what comes to another', async () => {
  const build = (name: string) =>
    createWatchedCluster({
      ...{ name, scopes: scopesOf([]), log: createFakeLog(), changed: () => undefined },
      rest: {
        json: () => Promise.resolve({}),
        lines: () => Promise.reject(new Error('nobody watches here')),
      },
      pods: () => Promise.resolve([]),
    });
  const [own, east] = [build('default'), build('east')];
  const watched = watchedWorkloads(
    new Map([
      ['default', own],
      ['east', east],
    ]),
  );
  const outbox = createMemoryDocuments();
  const context = { watched, outbox, ownNamespace: 'platform', ownCluster: 'default', log: createFakeLog() };
  const known = createKnownPlaces(context, signal);
  for (const kind of workloadKinds)
    own.replaceAll({ kind, namespace: undefined }, kind === 'Deployment' ? [inPlace('till')] : []);
  expect(await known.takeUp('default')).toEqual([{ cluster: 'default', namespace: 'till' }]);
  expect(await known.takeUp('east')).toEqual([]);
  const newIn = async (cluster: string, namespace: string): Promise<readonly WorkloadKind[]> => {
    await known.meet({ cluster, namespace });
    return known.newKinds({ cluster, namespace });
  };

  expect(await newIn('default', 'till')).toEqual([]);
  expect(await newIn('default', 'preview')).toEqual(workloadKinds);
  expect(await newIn('east', 'preview')).toEqual([]);
  expect(await outbox.read('deployment-namespaces-v1-platform.east.json', signal)).toBeUndefined();
});
