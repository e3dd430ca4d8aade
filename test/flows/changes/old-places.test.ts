import { describe, expect, test } from '@jest/globals';
import { scopesOf } from '../../../src/cluster/watch-workloads.ts';
import { createWatchedCluster, watchedWorkloads } from '../../../src/cluster/watched-cluster.ts';
import { workloadKinds, type Workload, type WorkloadKind } from '../../../src/core/workload.ts';
import { createOldPlaces } from '../../../src/flows/changes/old-places.ts';
import { aWatched, createChangeHarness } from '../../support/change-harness.ts';
import { createFakeLog } from '../../support/fake-log.ts';

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

describe('of two clusters', () => {
  const build = (name: string, namespaces: readonly string[]) =>
    createWatchedCluster({
      ...{ name, scopes: scopesOf(namespaces), log: createFakeLog(), changed: () => undefined },
      rest: {
        json: () => Promise.resolve({}),
        lines: () => Promise.reject(new Error('nobody watches here')),
      },
      pods: () => Promise.resolve([]),
    });

  test('one that is away does not make old what comes to the other', () => {
    const [own, east] = [build('default', []), build('east', [])];
    const watched = watchedWorkloads(
      new Map([
        ['default', own],
        ['east', east],
      ]),
    );
    const places = createOldPlaces({ watched });
    places.note();
    for (const kind of workloadKinds) {
      own.replaceAll({ kind, namespace: undefined }, kind === 'Deployment' ? [inPlace('till')] : []);
      places.note({ cluster: 'default', namespace: undefined });
    }
    const has = (namespace: string, cluster: string): boolean => places.has({ cluster, namespace });

    expect(has('till', 'default')).toBe(true);
    expect(has('preview', 'default')).toBe(false);
    expect(has('preview', 'east')).toBe(true);
  });

  test('what is listed again after a break finds young what was made meanwhile', () => {
    const own = build('default', []);
    const places = createOldPlaces({ watched: watchedWorkloads(new Map([['default', own]])) });
    for (const there of [['till'], ['till', 'preview']]) {
      const workloads = there.map((namespace) => inPlace(namespace));
      own.replaceAll({ kind: 'Deployment', namespace: undefined }, workloads);
      places.note({ cluster: 'default', namespace: undefined });
    }

    expect(places.has({ cluster: 'default', namespace: 'preview' })).toBe(false);
  });

  test('what is named is old from the beginning, though it is listed after others', () => {
    const own = build('default', ['till', 'shop']);
    const places = createOldPlaces({ watched: watchedWorkloads(new Map([['default', own]])) });
    own.replaceAll({ kind: 'Deployment', namespace: 'till' }, []);
    places.note({ cluster: 'default', namespace: 'till' });

    expect(places.has({ cluster: 'default', namespace: 'shop' })).toBe(true);
  });
});
