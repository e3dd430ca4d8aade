import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Pod, StatefulSet } from '../../src/embedded/objects.ts';
import { statefulSetStep } from '../../src/embedded/stateful-set.ts';
import { createBareCluster, podReadyMs, shown, webSpec, webTemplate } from './bare-cluster.ts';

function start(spec: object, image = 'web:1') {
  const cluster = createBareCluster();
  cluster.create('statefulsets', { metadata: { name: 'web' }, spec: webSpec(image, spec) });
  return {
    ...cluster,
    setImage: (image: string) => cluster.patch('statefulsets', 'web', { template: webTemplate(image) }),
    patchSet: (patch: object) => cluster.patch('statefulsets', 'web', patch),
    status: () => cluster.statefulSet().status ?? {},
    shown: () => shown(cluster.pods()),
    /** Lets `count` pods become ready, one after the other. */
    settle: (count: number) => cluster.clock.advance(count * podReadyMs),
  };
}

describe('StatefulSet over time', () => {
  test('pods come one by one', async () => {
    const cluster = start({ replicas: 2, serviceName: 'peers' });
    await cluster.clock.advance(0);
    const first = [cluster.shown(), cluster.status()];
    await cluster.settle(1);
    const second = cluster.shown();
    await cluster.settle(1);

    expect(first).toEqual([
      ['web-0 web:1?'],
      {
        ...{ observedGeneration: 1, replicas: 1, availableReplicas: 0, collisionCount: 0 },
        ...{ currentReplicas: 1, updatedReplicas: 1 },
        currentRevision: cluster.status().updateRevision,
        updateRevision: cluster.status().updateRevision,
      },
    ]);
    expect(second).toEqual(['web-0 web:1', 'web-1 web:1?']);
    expect(cluster.shown()).toEqual(['web-0 web:1', 'web-1 web:1']);
    expect(cluster.events()).toContain('create Pod web-1 in StatefulSet web successful');
    expect(cluster.clock.pending()).toBe(0);
  });

  test('an update goes from the last to the first, and its status says how far it is', async () => {
    const cluster = start({ replicas: 2 });
    await cluster.settle(2);
    const { updateRevision: before } = cluster.status();
    cluster.setImage('web:2');
    const steps: string[] = [];
    for (let round = 0; round < 3; round++) {
      await cluster.clock.advance(round === 0 ? 0 : podReadyMs);
      const { replicas, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0 } = cluster.status();
      const counts = [replicas, readyReplicas, currentReplicas, updatedReplicas].join(' ');
      steps.push(`${cluster.shown().join(', ')}: ${counts}`);
    }

    expect(steps).toEqual([
      'web-0 web:1, web-1 web:2?: 2 1 1 1',
      'web-0 web:2?, web-1 web:2: 2 1 0 2',
      'web-0 web:2, web-1 web:2: 2 2 2 2',
    ]);
    expect(cluster.status().currentRevision).toBe(cluster.status().updateRevision);
    expect(cluster.status().currentRevision).not.toBe(before);
    expect(cluster.clock.pending()).toBe(0);
  });

  test('without a partition of its own, a rolling update goes on past pods that were deleted meanwhile', async () => {
    const cluster = start({ replicas: 3, updateStrategy: { type: 'RollingUpdate' } });
    await cluster.settle(3);
    cluster.setImage('web:2');
    await cluster.clock.advance(0);
    cluster.remove('pods', 'web-0');
    await cluster.clock.advance(0);
    const back = cluster.shown();
    await cluster.settle(5);

    expect(cluster.statefulSet().spec.updateStrategy).toEqual({ type: 'RollingUpdate' });
    expect(back).toEqual(['web-0 web:1?', 'web-1 web:1', 'web-2 web:2?']);
    expect(cluster.shown()).toEqual(['web-0 web:2', 'web-1 web:2', 'web-2 web:2']);
  });

  test('in parallel: all come at once, all surplus goes at once, updates still go one by one', async () => {
    const cluster = start({ replicas: 3, podManagementPolicy: 'Parallel' });
    await cluster.settle(1);
    const all = cluster.shown();
    cluster.setImage('web:2-broken');
    await cluster.settle(3);
    const stuck = cluster.shown();
    cluster.setImage('web:1');
    await cluster.settle(1);
    const healed = cluster.shown();
    cluster.patchSet({ replicas: 1 });
    await cluster.clock.advance(0);

    expect(all).toEqual(['web-0 web:1', 'web-1 web:1', 'web-2 web:1']);
    expect(stuck).toEqual(['web-0 web:1', 'web-1 web:1', 'web-2 web:2-broken?']);
    expect(healed).toEqual(all);
    expect(cluster.shown()).toEqual(['web-0 web:1']);
  });

  test('scaling down takes the highest pod first, then the update of the rest goes on', async () => {
    const cluster = start({ replicas: 2 });
    await cluster.settle(2);
    cluster.patchSet({ replicas: 4, template: webTemplate('web:2-broken') });
    await cluster.settle(3);
    const grown = cluster.shown();
    cluster.patchSet({ replicas: 1 });
    await cluster.clock.advance(0);

    expect(grown).toEqual(['web-0 web:1', 'web-1 web:1', 'web-2 web:2-broken?']);
    expect(cluster.shown()).toEqual(['web-0 web:2-broken?']);
    expect(cluster.events()).toContain('delete Pod web-2 in StatefulSet web successful');
  });

  test('ordinals may begin elsewhere', async () => {
    const cluster = start({ replicas: 2, ordinals: { start: 5 } });
    await cluster.settle(2);
    cluster.patchSet({ ordinals: { start: 6 } });
    await cluster.settle(2);

    expect(cluster.shown()).toEqual(['web-6 web:1', 'web-7 web:1']);
  });

  test('a partition counts from the first ordinal', async () => {
    const updateStrategy = { rollingUpdate: { partition: 1 } };
    const cluster = start({ replicas: 2, ordinals: { start: 5 }, updateStrategy });
    await cluster.settle(2);
    cluster.setImage('web:2');
    await cluster.settle(1);
    cluster.remove('pods', 'web-5');
    cluster.remove('pods', 'web-6');
    await cluster.settle(2);

    expect(cluster.shown()).toEqual(['web-5 web:1', 'web-6 web:2']);
  });

  test('OnDelete: pods stay until they are deleted, and the update is never over by itself', async () => {
    const cluster = start({ replicas: 1, updateStrategy: { type: 'OnDelete' } });
    await cluster.settle(1);
    const { currentRevision } = cluster.status();
    cluster.setImage('web:2');
    await cluster.settle(1);
    const held = cluster.shown();
    cluster.remove('pods', 'web-0');
    await cluster.settle(1);

    expect(held).toEqual(['web-0 web:1']);
    expect(cluster.shown()).toEqual(['web-0 web:2']);
    expect(cluster.status()).toMatchObject({ readyReplicas: 1, updatedReplicas: 1, currentRevision });
    expect(cluster.status()).not.toHaveProperty('currentReplicas');
  });

  test('a stranger that has the name of a pod is waited out', async () => {
    const cluster = createBareCluster();
    const { spec } = webTemplate('web:0') as { spec: object };
    cluster.create('pods', { metadata: { name: 'web-0' }, spec });
    cluster.create('statefulsets', { metadata: { name: 'web' }, spec: webSpec('web:1') });
    await cluster.clock.advance(5000);
    const before = shown(cluster.pods());
    cluster.remove('pods', 'web-0');
    await cluster.clock.advance(2000);

    expect(before).toEqual(['web-0 web:0']);
    expect(shown(cluster.pods())).toEqual(['web-0 web:1']);
    expect(cluster.clock.pending()).toBe(0);
  });

  test('pods left behind by a deletion that orphans them stay', async () => {
    const cluster = start({ replicas: 1 });
    await cluster.settle(1);
    cluster.remove('statefulsets', 'web', { propagationPolicy: 'Orphan' });
    await cluster.settle(1);

    expect(cluster.shown()).toEqual(['web-0 web:1']);
  });

  test('revisions beyond the limit go, but none that a pod still has', async () => {
    const cluster = start({
      replicas: 2,
      revisionHistoryLimit: 1,
      updateStrategy: { rollingUpdate: { partition: 1 } },
    });
    await cluster.settle(2);
    for (const tag of ['2', '3', '4', '5']) {
      cluster.setImage(`web:${tag}`);
      await cluster.settle(1);
    }
    const kept = cluster.revisions().map(({ data }) => data.spec.template.spec.containers[0]?.image);

    expect(cluster.shown()).toEqual(['web-0 web:1', 'web-1 web:5']);
    expect(kept.toSorted()).toEqual(['web:1', 'web:4', 'web:5']);
  });

  test('a revision is a patch that brings its template back, as kubectl rollout undo sends it', async () => {
    const cluster = start({ replicas: 1 });
    await cluster.settle(1);
    const before = cluster.statefulSet().spec.template;
    cluster.setImage('web:2');
    await cluster.settle(1);
    const first = cluster.revisions().find(({ revision }) => revision === 1);
    cluster.api.patch(
      {
        ...{ namespace: 'default', name: 'web', subresource: undefined },
        resource: cluster.resource('statefulsets'),
      },
      'application/strategic-merge-patch+json',
      first?.data,
      { dryRun: false, manager: 'test' },
    );
    await cluster.settle(1);

    expect(cluster.statefulSet().spec.template).toEqual(before);
    expect(cluster.shown()).toEqual(['web-0 web:1']);
    expect(
      cluster
        .revisions()
        .map(({ revision }) => revision)
        .toSorted(),
    ).toEqual([2, 3]);
  });

  test('a set that comes again takes the revisions of its predecessor over', async () => {
    const cluster = start({ replicas: 0 });
    await cluster.clock.advance(0);
    cluster.setImage('web:2');
    await cluster.clock.advance(0);
    cluster.remove('statefulsets', 'web', { propagationPolicy: 'Orphan' });
    cluster.create('statefulsets', { metadata: { name: 'web' }, spec: webSpec('web:2', { replicas: 0 }) });
    await cluster.clock.advance(0);
    const { uid } = cluster.statefulSet().metadata;
    const own = cluster.revisions().filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid);

    expect(own.map(({ metadata }) => metadata.name)).toEqual([cluster.status().updateRevision]);
    expect(cluster.revisions()).toHaveLength(2);
  });

  test('a set and a daemon of one name and template have revisions of their own', async () => {
    const cluster = start({ replicas: 1 });
    cluster.create('daemonsets', { metadata: { name: 'web' }, spec: webSpec('web:1') });
    await cluster.settle(1);
    const owners = cluster.revisions().map(({ metadata }) => metadata.ownerReferences?.[0]?.kind ?? '');

    expect(owners.toSorted()).toEqual(['DaemonSet', 'StatefulSet']);
    expect(cluster.shown().map((text) => text.replace(/-\w{5} /, ' '))).toEqual(['web-0 web:1', 'web web:1']);
  });

  test('a revision never changes, but may be renumbered', async () => {
    const cluster = start({ replicas: 0 });
    await cluster.clock.advance(0);
    const name = cluster.revisions()[0]?.metadata.name ?? '';
    const target = { resource: cluster.resource('controllerrevisions'), namespace: 'default', name };
    const patch = (body: object) =>
      cluster.api.patch({ ...target, subresource: undefined }, 'application/merge-patch+json', body, {
        dryRun: false,
        manager: 'test',
      });

    expect(() => patch({ data: { spec: { template: webTemplate('web:9') } } })).toThrow('field is immutable');
    expect(patch({ revision: 7 })).toMatchObject({ revision: 7 });
  });
});

interface FakePod {
  readonly ordinal: number;
  readonly revision: string;
  readonly isReady: boolean;
}

describe('StatefulSet steps', () => {
  const pod = fc.record({
    ordinal: fc.nat(5),
    revision: fc.constantFrom('old', 'new'),
    isReady: fc.boolean(),
  });
  const podsOf = (given: readonly FakePod[]) =>
    given.map(({ ordinal, revision, isReady }) => ({
      metadata: { name: `web-${ordinal}`, labels: { revision } },
      status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
    })) as unknown as readonly Pod[];
  const setOf = (replicas: number, partition: number) =>
    ({
      metadata: { name: 'web' },
      spec: { replicas, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } },
    }) as unknown as StatefulSet;
  const revisionOf = ({ metadata }: Pod) => metadata.labels?.revision;

  test.each([
    [['+', '+', '+'], 'web-2'],
    [['+', '+', '-'], 'web-2'],
    [['+', '-', '+'], 'web-2'],
    [['+', '-', '-'], undefined],
    [['-', '+', '+'], undefined],
  ])('of %j, + that serve and - that do not, scaling down to one takes %s', (pods, expected) => {
    const given = pods.map((sign, ordinal) => ({ ordinal, revision: 'new', isReady: sign === '+' }));
    const view = { set: setOf(1, 0), pods: podsOf(given), current: 'new', update: 'new', revisionOf };

    expect(statefulSetStep(view).remove.map(({ metadata }) => metadata.name)[0]).toBe(expected);
  });

  test('in order: one thing at a time, never below the partition, never while a wanted pod does not serve', () => {
    const some = fc.uniqueArray(pod, { selector: ({ ordinal }) => ordinal });
    fc.assert(
      fc.property(some, fc.nat(5), fc.nat(5), (given, replicas, partition) => {
        const view = { set: setOf(replicas, partition), pods: podsOf(given), current: 'old', update: 'new' };
        const { create, remove, status } = statefulSetStep({ ...view, revisionOf });
        const [gone] = remove.map(({ metadata }) => Number(metadata.name.slice(4)));
        const wanted = given.filter(({ ordinal }) => ordinal < replicas);
        const serving = wanted.filter(({ isReady }) => isReady).length;

        expect(create.length + remove.length).toBeLessThanOrEqual(1);
        for (const { ordinal, revision } of create) {
          expect(given.some((one) => one.ordinal === ordinal)).toBe(false);
          expect(wanted.filter((one) => one.ordinal < ordinal && one.isReady)).toHaveLength(ordinal);
          expect(revision).toBe(ordinal < partition ? 'old' : 'new');
        }
        if (gone !== undefined) expect(serving).toBe(replicas);
        if (gone !== undefined && gone < replicas) expect(gone).toBeGreaterThanOrEqual(partition);
        expect(status.replicas).toBe(given.length);
      }),
    );
  });

  test('followed to the end, every pod from the partition on is new, unless one never serves', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(pod, { selector: ({ ordinal }) => ordinal }),
        fc.nat(5),
        (given, replicas) => {
          let all: readonly FakePod[] = given.map((one) => ({ ...one, isReady: true }));
          for (let round = 0; round < 50; round++) {
            const view = { set: setOf(replicas, 0), pods: podsOf(all), current: 'old', update: 'new' };
            const { create, remove } = statefulSetStep({ ...view, revisionOf });
            const names = remove.map(({ metadata }) => metadata.name);
            all = all.filter(({ ordinal }) => !names.includes(`web-${ordinal}`));
            all = [...all, ...create.map((one) => ({ ...one, isReady: true }))];
          }

          expect(all.map(({ ordinal }) => ordinal).toSorted()).toEqual(
            Array.from({ length: replicas }, (_, i) => i),
          );
          expect(all.every(({ revision }) => revision === 'new')).toBe(true);
        },
      ),
    );
  });
});
