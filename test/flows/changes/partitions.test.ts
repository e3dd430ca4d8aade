import { describe, expect, test } from '@jest/globals';
import type { DatedPod } from '../../../src/core/old-pods.ts';
import type { Pod, Workload } from '../../../src/core/workload.ts';
import { loopRecoveryMs, recoveryMs } from '../../../src/flows/changes/look-at-workload.ts';
import { createChangeHarness } from '../../support/change-harness.ts';
import { readWorkload } from '../../support/workload-object.ts';

const image = (tag: string): string => `quay.io/acme/shop:${tag}`;

interface State {
  readonly generation: number;
  readonly tag: string;
  readonly replicas?: number;
  readonly partition?: number;
  /** Of its pods; as many as there are wanted. */
  readonly there?: number;
  readonly updated?: number;
  readonly available?: number;
}

/** A StatefulSet as the watch reads it. */
function aSet({ generation, tag, replicas = 3, partition = 3, there = replicas, ...state }: State): Workload {
  const { updated = replicas, available = there } = state;
  const object = {
    metadata: { name: 'db', namespace: 'default', uid: 'uid-1', resourceVersion: '1', generation },
    spec: {
      ...{
        replicas,
        selector: { matchLabels: { app: 'db' } },
        updateStrategy: { rollingUpdate: { partition } },
      },
      template: { spec: { containers: [{ name: 'app', image: image(tag) }] } },
    },
    status: {
      ...{ observedGeneration: generation, replicas: there, updatedReplicas: updated },
      availableReplicas: available,
    },
  };
  return readWorkload('default', 'StatefulSet', object, { traits: true });
}

/** A namespace in which it is known in this state. */
async function watching(state: State): Promise<ReturnType<typeof createChangeHarness>> {
  const harness = createChangeHarness();
  await harness.list();
  await harness.put(aSet(state));
  expect(harness.said()).toEqual([expect.stringContaining('created db')]);
  return harness;
}

test('what a partition held back at the first look, and crashes later, is told', async () => {
  const harness = createChangeHarness();
  const held = { generation: 1, tag: '2', partition: 2, updated: 1 };
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const)
    harness.cluster.replaceAll({ kind, namespace: 'default' }, kind === 'StatefulSet' ? [aSet(held)] : []);
  harness.lead.listed({ cluster: 'default', namespace: undefined });
  await harness.clock.advance(0);
  const waiting = { waitingReason: 'CrashLoopBackOff', waitingMessage: undefined };
  harness.pods = () => [
    { name: 'db-2', containers: [{ name: 'app', image: image('2'), restarts: 5, ...waiting }] },
  ];
  await harness.put(aSet({ ...held, available: 2 }));
  await harness.clock.advance(600_000);

  expect(harness.told.map(({ reason }) => reason)).toEqual(['CrashLoopBackOff']);
});

test('a new image that a partition holds back is told when the last pod has it, however late', async () => {
  const harness = await watching({ generation: 1, tag: '1' });

  await harness.put(aSet({ generation: 2, tag: '2', updated: 0 }));
  await harness.clock.advance(7_200_000);
  await harness.put(aSet({ generation: 3, tag: '2', partition: 2, updated: 1 }));
  await harness.clock.advance(7_200_000);
  expect(harness.told).toHaveLength(1);

  await harness.put(aSet({ generation: 4, tag: '2', partition: 0, updated: 2, available: 2 }));
  await harness.put(aSet({ generation: 4, tag: '2', partition: 0 }));
  expect(harness.said().slice(1)).toEqual(['image-changed db: 1 → 2']);
});

describe('while a partition holds old pods back', () => {
  const waiting = { waitingReason: 'CrashLoopBackOff', waitingMessage: undefined };
  const pod = (name: string, tag: string, isCrashing: boolean): Pod => ({
    name,
    containers: [
      {
        ...{ name: 'app', image: image(tag), restarts: isCrashing ? 5 : 0 },
        ...(isCrashing ? waiting : { waitingReason: undefined, waitingMessage: undefined }),
      },
    ],
  });
  const canary = { generation: 2, tag: '2', partition: 2, updated: 1 };
  /** The same as our update `up-1` left it. */
  const ours = (state: Partial<State>): Workload => {
    const set = aSet({ ...canary, ...state });
    const { template = '' } = set.traits ?? {};
    const traits = { template, scale: 3, setBy: { images: { app: 'updatekate' } } };
    return { ...set, traits, annotations: { 'updatekate.dev/update': 'up-1' } };
  };
  const told = (harness: ReturnType<typeof createChangeHarness>): readonly unknown[] =>
    harness.told.slice(1).map(({ kind, reason }) => reason ?? kind);

  test('one of those that crashes is told, and that it is well again, and the change in the end', async () => {
    const harness = await watching({ generation: 1, tag: '1' });
    harness.pods = () => [pod('db-0', '1', false), pod('db-2', '2', false)];
    await harness.put(aSet(canary));
    await harness.clock.advance(60_000);
    harness.pods = () => [pod('db-0', '1', true), pod('db-2', '2', false)];
    await harness.put(aSet({ ...canary, available: 2 }));
    await harness.clock.advance(300_000);
    expect(told(harness)).toEqual(['CrashLoopBackOff']);

    harness.pods = () => [];
    await harness.put(aSet(canary));
    await harness.clock.advance(loopRecoveryMs);
    expect(told(harness)).toEqual(['CrashLoopBackOff', 'workload.recovered']);

    await harness.put(aSet({ ...canary, generation: 3, partition: 0, updated: 3 }));
    expect(harness.said().slice(2)).toEqual(['recovered db: 1 → 2', 'image-changed db: 1 → 2']);
  });

  test('one that crashed before is no fault of the change', async () => {
    const harness = await watching({ generation: 1, tag: '1' });
    harness.pods = () => [pod('db-0', '1', true), pod('db-2', '2', false)];
    await harness.put(aSet({ ...canary, available: 2 }));
    await harness.clock.advance(3_600_000);

    expect(told(harness)).toEqual([]);
  });

  test('a canary that fails and is mended is told as mended, before anybody lowers it', async () => {
    const harness = await watching({ generation: 1, tag: '1' });
    harness.pods = () => [pod('db-2', '2', false)];
    await harness.put(aSet({ ...canary, available: 2 }));
    harness.pods = () => [pod('db-2', '2', true)];
    await harness.clock.advance(60_000);
    harness.pods = () => [pod('db-2', '3', false)];
    await harness.put(aSet({ ...canary, generation: 3, tag: '3' }));
    await harness.clock.advance(recoveryMs);

    expect(harness.said().slice(1)).toEqual(['failed db: 1 → 2', 'recovered db: 1 → 3']);
  });

  test('our update that came to its end without them is told as working when they are gone, once', async () => {
    const harness = await watching({ generation: 1, tag: '1' });
    await harness.put(ours({}));
    await harness.clock.advance(3_600_000);
    await harness.put(ours({}));
    await harness.clock.advance(60_000);
    expect(told(harness)).toEqual([]);

    await harness.put(ours({ generation: 3, partition: 0, updated: 3 }));
    await harness.clock.advance(recoveryMs);
    expect(told(harness)).toEqual(['workload.recovered']);
  });

  test('our update that crashed and works after all is told so once', async () => {
    const harness = await watching({ generation: 1, tag: '1' });
    harness.pods = () => [pod('db-2', '2', true)];
    await harness.put(ours({ available: 2 }));
    await harness.clock.advance(60_000);
    harness.pods = () => [pod('db-2', '2', false)];
    await harness.put(ours({}));
    await harness.clock.advance(loopRecoveryMs);
    expect(told(harness)).toEqual(['workload.recovered']);

    await harness.clock.advance(3_600_000);
    await harness.put(ours({ generation: 3, partition: 0, updated: 3 }));
    await harness.clock.advance(3_600_000);
    expect(told(harness)).toEqual(['workload.recovered']);
  });
});

test.each([0, 1, 3, 9])('pods that crash are told with a partition of %d', async (partition) => {
  const harness = await watching({ generation: 1, tag: '1', partition });
  const app = { name: 'app', image: image('1'), waitingMessage: 'back-off' };
  const pod: Pod = { name: 'db-0', containers: [{ ...app, waitingReason: 'CrashLoopBackOff', restarts: 5 }] };
  harness.pods = () => [pod];

  await harness.put(aSet({ generation: 1, tag: '1', partition, available: 0 }));
  await harness.clock.advance(3_600_000);

  expect(harness.said().slice(1)).toEqual(['failed db: 1']);
});

test('fewer pods are told when the others are gone', async () => {
  const harness = await watching({ generation: 1, tag: '1', partition: 0, replicas: 10 });

  await harness.put(
    aSet({ generation: 2, tag: '1', partition: 0, replicas: 1, there: 10, updated: 10 }),
    aSet({ generation: 2, tag: '1', partition: 0, replicas: 1, there: 2, updated: 2 }),
  );
  await harness.clock.advance(60_000);
  expect(harness.told).toHaveLength(1);

  await harness.put(aSet({ generation: 2, tag: '1', partition: 0, replicas: 1 }));
  expect(harness.said().slice(1)).toEqual(['scaled db: 10 → 1']);
});

test('more pods are told while a partition holds a new image back, and that one when the last pod has it', async () => {
  const harness = await watching({ generation: 1, tag: '1' });

  await harness.put(aSet({ generation: 2, tag: '2', updated: 0 }));
  await harness.put(aSet({ generation: 3, tag: '2', replicas: 4, updated: 1, available: 3 }));
  expect(harness.told).toHaveLength(1);
  await harness.put(aSet({ generation: 3, tag: '2', replicas: 4, updated: 1 }));
  await harness.put(aSet({ generation: 4, tag: '2', replicas: 4, partition: 0 }));

  expect(harness.said().slice(1)).toEqual(['scaled db: 3 → 4', 'image-changed db: 1 → 2']);
});

test('fewer pods are told when the others are gone, also while a partition holds a new image back', async () => {
  const harness = await watching({ generation: 1, tag: '1' });

  await harness.put(aSet({ generation: 2, tag: '2', updated: 0 }));
  await harness.put(aSet({ generation: 3, tag: '2', replicas: 1, there: 2, updated: 0 }));
  expect(harness.told).toHaveLength(1);
  await harness.put(aSet({ generation: 3, tag: '2', replicas: 1, updated: 0 }));

  expect(harness.said().slice(1)).toEqual(['scaled db: 3 → 1']);
});

test('pods are told from those before by the revision that the controller names', async () => {
  const harness = await watching({ generation: 1, tag: '1', partition: 0 });
  const waiting = { waitingReason: 'CrashLoopBackOff', waitingMessage: undefined };
  const pod = (name: string, revision: string): DatedPod => ({
    ...{ name, revision },
    containers: [{ name: 'app', image: image('1'), restarts: 5, ...waiting }],
  });
  const state = { generation: 2, tag: '1', partition: 0, updated: 1, available: 1 };
  const restarted = (updateRevision: string): Workload => {
    const { traits = { template: '', setBy: { images: {} } }, ...set } = aSet(state);
    return { ...set, updateRevision, traits: { ...traits, template: 'other' } };
  };
  // Two are in trouble, of three revisions: by their number nobody could tell.
  harness.pods = () => [pod('db-0', 'a'), pod('db-1', 'b')];
  await harness.put(restarted('c'));
  await harness.clock.advance(60_000);
  expect(harness.told).toHaveLength(1);

  await harness.restart();
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const)
    harness.cluster.replaceAll(
      { kind, namespace: 'default' },
      kind === 'StatefulSet' ? [restarted('b')] : [],
    );
  harness.lead.listed({ cluster: 'default', namespace: undefined });
  await harness.clock.advance(0);
  expect(harness.told.slice(1).map(({ message }) => message)).toEqual(['pod db-1, container app']);
});
