import { beforeEach, describe, expect, test } from '@jest/globals';
import { collapseMs } from '../../../src/core/notice-box.ts';
import type { Pod, Workload } from '../../../src/core/workload.ts';
import { loopRecoveryMs, recoveryMs } from '../../../src/flows/changes/look-at-workload.ts';
import { keyOf } from '../../support/builders.ts';
import {
  aWatched,
  createChangeHarness,
  rollingOut,
  type ChangeHarness,
} from '../../support/change-harness.ts';

const at = (generation: number, different: Parameters<typeof aWatched>[0] = {}): Workload =>
  aWatched({ generation, observedGeneration: generation, ...different });
const image = (tag: string): { readonly image: string } => ({ image: `quay.io/acme/shop:${tag}` });
const [v1, v2, v3] = [at(1), at(2, image('2.0.0')), at(3, image('3.0.0'))];

const backingOff = (tag: string, waitingReason = 'ImagePullBackOff'): readonly Pod[] => [
  {
    name: 'shop-1',
    containers: [
      {
        ...{ name: 'app', image: `quay.io/acme/shop:${tag}`, restarts: 5 },
        ...{ waitingReason, waitingMessage: 'Back-off pulling image' },
      },
    ],
  },
];

let harness: ChangeHarness;

beforeEach(() => {
  harness = createChangeHarness();
});

describe('what is there when the watch begins', () => {
  test('is seen, and nobody is told', async () => {
    await harness.list(v1, aWatched({ key: keyOf('till') }));

    expect(harness.told).toEqual([]);
    const { seen, kinds } = await harness.book();
    expect([...seen.keys()]).toEqual(['Deployment/shop', 'Deployment/till']);
    expect(kinds).toEqual(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob']);
  });

  test('is not told when it fails, or is well in the end: only what comes after it', async () => {
    harness.pods = () => backingOff('1.0.0');
    await harness.list(rollingOut(v1));
    await harness.clock.advance(600_000);
    await harness.put(v1);
    await harness.clock.advance(recoveryMs);
    expect(harness.said()).toEqual([]);

    await harness.put(v2);

    expect(harness.said()).toEqual(['image-changed shop: 1.0.0 → 2.0.0']);
  });
});

describe('a new image', () => {
  test('is told when every pod runs it, by whom, and once however often it is looked at', async () => {
    await harness.list(v1);
    await harness.put(rollingOut(v2));
    await harness.clock.advance(60_000);
    expect(harness.told).toEqual([]);

    await harness.put(v2, v2);
    await harness.list(v2);
    await harness.clock.advance(3_600_000);

    expect(harness.told).toHaveLength(1);
    expect(harness.told[0]).toMatchObject({
      ...{ kind: 'workload.image-changed', severity: 'info', team: 'checkout', by: ['kubectl-set'] },
      images: [{ container: 'app', from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:2.0.0' }],
    });
    expect(harness.metrics.counted).toContain('change:workload.image-changed');
    expect(harness.log.lines.filter(({ message }) => message === 'workload changed')).toMatchObject([
      { level: 'info', fields: { workload: 'default/default/Deployment/shop', by: ['kubectl-set'] } },
    ]);
  });

  test('that is replaced before it has arrived is never told: the way goes from what was there to what is', async () => {
    await harness.list(v1);
    await harness.put(rollingOut(v2));
    await harness.put(rollingOut(v3));
    await harness.put(v3);

    expect(harness.said()).toEqual(['image-changed shop: 1.0.0 → 3.0.0']);
  });

  test('that cannot be run is told with its reason, and again when it is well', async () => {
    await harness.list(v1);
    harness.pods = () => backingOff('2.0.0');
    await harness.put(rollingOut(v2));
    await harness.clock.advance(3_600_000);
    expect(harness.said()).toEqual(['failed shop: 1.0.0 → 2.0.0']);
    expect(harness.told[0]).toMatchObject({
      ...{ severity: 'error', reason: 'ImagePullBackOff' },
      message: 'pod shop-1, container app: Back-off pulling image',
    });

    await harness.put(v2);
    await harness.clock.advance(recoveryMs - 1);
    expect(harness.told).toHaveLength(1);
    await harness.clock.advance(1);

    expect(harness.said().slice(1)).toEqual(['recovered shop: 1.0.0 → 2.0.0']);
    expect(harness.told[1]?.thread).toBe(harness.told[0]?.thread);
  });

  test('that crashes in a loop is well in between: that is no recovery', async () => {
    await harness.list(v1);
    harness.pods = () => backingOff('2.0.0', 'CrashLoopBackOff');
    await harness.put(rollingOut(v2));
    for (let round = 0; round < 5; round++) {
      await harness.put(v2);
      await harness.clock.advance(loopRecoveryMs - 1);
      await harness.put(rollingOut(v2));
      await harness.clock.advance(60_000);
    }
    expect(harness.said()).toEqual(['failed shop: 1.0.0 → 2.0.0']);

    await harness.put(v2);
    await harness.clock.advance(loopRecoveryMs);

    expect(harness.said().slice(1)).toEqual(['recovered shop: 1.0.0 → 2.0.0']);
  });

  test('that does not arrive in time has failed; a workload that waits for somebody has not', async () => {
    const paused = at(2, { key: keyOf('till'), ...image('2.0.0'), paused: true });
    const byHand = at(2, { key: keyOf('wiki'), ...image('2.0.0'), onDelete: true });
    await harness.list(v1, at(1, { key: keyOf('till') }), at(1, { key: keyOf('wiki') }));
    await harness.put(rollingOut(v2), rollingOut(paused), rollingOut(byHand));
    await harness.clock.advance(899_999);
    expect(harness.told).toEqual([]);

    await harness.clock.advance(3_600_000);

    expect(harness.said()).toEqual(['failed shop: 1.0.0 → 2.0.0']);
    expect(harness.told[0]).toMatchObject({
      reason: 'rollout-timeout',
      message: 'not done within 900 s: 1 of 2 pods are new',
    });
  });
});

test('the time that a rollout has begins anew with every change', async () => {
  await harness.list(v1);
  await harness.put(rollingOut(v2));
  await harness.clock.advance(600_000);
  await harness.put(rollingOut(v3));
  await harness.clock.advance(600_000);
  expect(harness.told).toEqual([]);

  await harness.clock.advance(300_000);

  expect(harness.said()).toEqual(['failed shop: 1.0.0 → 3.0.0']);
});

describe('everything else', () => {
  test('is told as what it is', async () => {
    await harness.list(v1);
    await harness.put(at(2, { set: { template: 't2' } }));
    await harness.put(at(3, { set: { template: 't2', restartedAt: 'now' } }));
    await harness.put(at(4, { set: { template: 't2', restartedAt: 'now', scale: 5 } }));
    await harness.remove();
    await harness.put(at(1, { uid: 'uid-2' }));

    expect(harness.said()).toEqual([
      'config-changed shop: 1.0.0',
      'restarted shop: 1.0.0',
      'scaled shop: 2 → 5',
      'deleted shop: 1.0.0',
      'created shop: 1.0.0',
    ]);
    expect(harness.told.map(({ by }) => by)).toEqual([
      ['helm'],
      ['kubectl-rollout'],
      ['kubectl'],
      [],
      ['helm'],
    ]);
  });

  test('that an autoscaler does is told as such', async () => {
    const setBy = { images: {}, scale: 'kube-controller-manager' };
    await harness.list(v1);
    await harness.put(at(2, { set: { scale: 7, setBy } }));

    expect(harness.said()).toEqual(['autoscaled shop: 2 → 7']);
  });

  test('nothing is told of a status that comes and goes, and of pods that a node took with it', async () => {
    await harness.list(v1);
    for (let round = 0; round < 3; round++) {
      await harness.put({ ...v1, status: { replicas: 2, updated: 2, available: 1 } });
      await harness.clock.advance(3_600_000);
      await harness.put(v1);
    }

    expect(harness.told).toEqual([]);
  });

  test('of what was well and is not any more it is told why', async () => {
    await harness.list(v1);
    harness.pods = () => backingOff('1.0.0');
    await harness.put({ ...v1, status: { replicas: 2, updated: 2, available: 1 } });
    await harness.clock.advance(0);

    expect(harness.said()).toEqual(['failed shop: 1.0.0']);
  });

  test('a workload that only its list has lost is not told as deleted', async () => {
    await harness.list(v1);
    harness.isGone = false;
    await harness.list();
    await harness.clock.advance(120_000);
    expect(harness.told).toEqual([]);

    harness.isGone = true;
    await harness.clock.advance(60_000);

    expect(harness.said()).toEqual(['deleted shop: 1.0.0']);
  });

  test('the same within the window is told once', async () => {
    await harness.list(v1);
    await harness.put(at(2, { set: { template: 't2' } }));
    await harness.put(at(3, { set: { template: 't3' } }));
    expect(harness.said()).toEqual(['config-changed shop: 1.0.0']);

    await harness.clock.advance(collapseMs + 1);
    await harness.put(at(4, { set: { template: 't4' } }));

    expect(harness.told).toHaveLength(2);
  });
});

describe('what our own updates do', () => {
  const ours = { set: { setBy: { images: { app: 'updatekate' } } } };

  test('is not told a second time', async () => {
    await harness.list(v1);
    await harness.put(rollingOut(at(2, { ...image('2.0.0'), ...ours })));
    await harness.put(at(2, { ...image('2.0.0'), ...ours }));
    harness.pods = () => backingOff('3.0.0');
    await harness.put(rollingOut(at(3, { ...image('3.0.0'), ...ours })));
    await harness.clock.advance(3_600_000);

    expect(harness.told).toEqual([]);
  });

  test('is undone by somebody: that is told, in the thread of the update that failed', async () => {
    const failed = at(2, { ...image('2.0.0'), ...ours, annotations: { 'updatekate.dev/update': 'up-1' } });
    await harness.list(v1);
    harness.pods = () => backingOff('2.0.0');
    await harness.put(rollingOut(failed));
    await harness.clock.advance(60_000);
    await harness.put(at(3, image('1.0.0')));
    await harness.clock.advance(recoveryMs);

    expect(harness.said()).toEqual(['recovered shop: 1.0.0']);
    expect(harness.told[0]?.thread).toBe('up-1');
  });

  test('is told where there are no updates of ours', async () => {
    harness = createChangeHarness({ context: { ownManager: undefined } });
    await harness.list(v1);
    await harness.put(at(2, { ...image('2.0.0'), ...ours }));

    expect(harness.told.map(({ by }) => by)).toEqual([['updatekate']]);
  });
});

describe('what happened while nobody looked', () => {
  test('is found by the next process', async () => {
    await harness.list(v1, aWatched({ key: keyOf('till') }), aWatched({ key: keyOf('gone') }));
    await harness.restart();
    await harness.list(v2, aWatched({ key: keyOf('till') }), aWatched({ key: keyOf('new') }));

    expect(harness.said().toSorted()).toEqual([
      'created new:  → 1.0.0',
      'deleted gone: 1.0.0',
      'image-changed shop: 1.0.0 → 2.0.0',
    ]);
  });

  test('is found by the list after a break', async () => {
    await harness.list(v1);
    await harness.list(v2);

    expect(harness.said()).toEqual(['image-changed shop: 1.0.0 → 2.0.0']);
  });

  test('is told and written by the leader alone', async () => {
    await harness.list(v1);
    const before = await harness.book();
    harness.holds = false;
    await harness.put(v2);
    harness.lead.lost();
    await harness.put(v3);

    expect(harness.told).toEqual([]);
    expect(await harness.book()).toEqual(before);
    expect(await textOf(harness, 'deployment-notices-v1-platform-default.json')).not.toContain('2.0.0');
  });

  test('is not told any more by who leads no more, even if it was due to be', async () => {
    harness.answer = () => ({ kind: 'postponed', ms: 60_000 });
    await harness.list(v1);
    await harness.put(v2);
    harness.holds = false;
    await harness.clock.advance(120_000);

    expect(harness.told).toHaveLength(1);
  });

  test('a namespace that is made while all of them are watched is new from its first workload on', async () => {
    harness = createChangeHarness({ namespaces: [] });
    await harness.list(v1);
    const key = { ...keyOf('first'), namespace: 'young' };
    await harness.put(aWatched({ key }));
    await harness.put(aWatched({ key: { ...key, name: 'second' } }));

    expect(harness.said()).toEqual(['created first:  → 1.0.0', 'created second:  → 1.0.0']);
  });
});

async function textOf({ documents }: ChangeHarness, name: string): Promise<string> {
  return (await documents.read(name, new AbortController().signal))?.text ?? '';
}
