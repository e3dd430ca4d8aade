import { beforeEach, describe, expect, test } from '@jest/globals';
import { watchedWorkloads } from '../../../src/cluster/watched-cluster.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { DatedPod } from '../../../src/core/old-pods.ts';
import { seenOf } from '../../../src/core/seen.ts';
import type { Workload } from '../../../src/core/workload.ts';
import {
  believedMs,
  createLookAtWorkload,
  loopRecoveryMs,
  recoveryMs,
} from '../../../src/flows/changes/look-at-workload.ts';
import { deadlineLastsMs } from '../../../src/flows/lasting-deadline.ts';
import {
  aWatched,
  createChangeHarness,
  rollingOut,
  type ChangeHarness,
} from '../../support/change-harness.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

type Different = Parameters<typeof aWatched>[0];
const at = (generation: number, different: Different = {}): Workload =>
  aWatched({ generation, observedGeneration: generation, ...different });
const image = (tag: string): { readonly image: string } => ({ image: `quay.io/acme/shop:${tag}` });
/** The same before its controller has seen it. */
const unseen = (workload: Workload): Workload => ({
  ...workload,
  observedGeneration: workload.generation - 1,
});
const down = (workload: Workload): Workload => ({
  ...workload,
  status: { replicas: 2, updated: 2, available: 0 },
});

const aPod = (
  name: string,
  tag: string,
  waitingReason: string | undefined,
  restarts = waitingReason === 'CrashLoopBackOff' ? 5 : 0,
): DatedPod => ({
  name,
  containers: [
    {
      ...{ name: 'app', image: `quay.io/acme/shop:${tag}`, restarts },
      ...{ waitingReason, waitingMessage: undefined },
    },
  ],
});
const crashing = (name: string, tag = '1.0.0'): DatedPod => aPod(name, tag, 'CrashLoopBackOff');
/** All of one template. */
const of = (revision: string, ...pods: readonly DatedPod[]): readonly DatedPod[] =>
  pods.map((pod) => ({ ...pod, revision }));
const starting = (name: string, tag = '1.0.0'): DatedPod => aPod(name, tag, undefined);

let harness: ChangeHarness;
const told = (): readonly unknown[] => harness.told.map(({ kind, reason }) => reason ?? kind);

beforeEach(() => {
  harness = createChangeHarness();
});

describe('the repair of what crashes, whose old pods are still there', () => {
  const v1 = at(1);
  const repair = at(2, { set: { template: 't2' } });
  const isDown = async (): Promise<void> => {
    await harness.list(v1);
    harness.pods = () => [crashing('old')];
    await harness.put(down(v1));
    await harness.clock.advance(60_000);
    expect(told()).toEqual(['CrashLoopBackOff']);
  };

  test('is not told as a failure of what one image of theirs is still the same as', async () => {
    const proxy = { name: 'proxy', image: 'quay.io/acme/proxy:1' };
    const of = (generation: number, tag: string): Workload =>
      at(generation, {
        containers: [
          { name: 'app', ...image(tag), init: false },
          { ...proxy, init: false },
        ],
      });
    const withProxy = (pod: DatedPod): DatedPod => ({
      ...pod,
      containers: [
        ...pod.containers,
        { ...proxy, restarts: 0, waitingReason: undefined, waitingMessage: undefined },
      ],
    });
    await harness.list(of(1, '1.0.0'));
    const old = withProxy(crashing('old'));
    harness.pods = () => [old];
    await harness.put(down(of(1, '1.0.0')));
    // As if it had been on its way to crash when this process looked first: no poll shows what is old.
    harness.pods = () => [withProxy(starting('old')), withProxy(starting('new', '2.0.0'))];
    await harness.put(rollingOut(of(2, '2.0.0')));
    harness.pods = () => [old, withProxy(starting('new', '2.0.0'))];
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
    await harness.put(of(2, '2.0.0'));
    await harness.clock.advance(recoveryMs);
    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('is not told as a failure where the images are as they were', async () => {
    await isDown();
    // Between two crashes it runs.
    harness.pods = () => [aPod('old', '1.0.0', undefined, 5)];
    await harness.put(unseen(down(repair)));
    harness.pods = () => [crashing('old'), starting('new')];
    await harness.put(rollingOut(repair));
    await harness.clock.advance(120_000);
    await harness.put(repair);
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test.each<readonly [string, readonly DatedPod[]]>([
    ['that knows them by their revision', [...of('r1', crashing('old'), crashing('older'))]],
    [
      'that cannot tell them, as they are as many',
      [...of('r1', crashing('old')), ...of('r0', starting('x'))],
    ],
    ['that cannot tell them, as they have none', [crashing('old'), crashing('older')]],
    ['that cannot tell them, as one is gone', [...of('r1', crashing('old'))]],
  ])('nor by a process that takes over meanwhile, %s', async (_what, old) => {
    await isDown();
    harness.pods = () => [...old, ...of('r2', starting('new'))];
    await harness.restart();
    // Nobody is noted where a variable is only taken away, so that the change seems as old as the workload.
    const changedAt = '2025-01-01T00:00:00Z';
    await harness.list(rollingOut(at(2, { set: { template: 't2', changedAt } })));
    await harness.clock.advance(120_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('that crashes as well is told in the end by who takes over, where nobody can tell its pods', async () => {
    await isDown();
    harness.pods = () => [...of('r1', crashing('old')), ...of('r2', crashing('new'))];
    await harness.restart();
    await harness.list({ ...repair, replicas: 1, status: { replicas: 2, updated: 1, available: 0 } });
    await harness.clock.advance(899_999);
    expect(told()).toEqual(['CrashLoopBackOff']);

    await harness.clock.advance(1);
    expect(told()).toEqual(['CrashLoopBackOff', 'rollout-timeout']);
  });

  test('by an undo is not told as a failure by a process that takes over, though its pods are the older ones', async () => {
    await harness.list(v1);
    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...of('r2', crashing('bad'))];
    await harness.put(rollingOut(repair));
    await harness.restart();
    await harness.list({ ...at(3), status: { replicas: 3, updated: 2, available: 2 } });
    await harness.clock.advance(60_000);
    harness.pods = () => [...of('r1', starting('a'), starting('b'))];
    await harness.put(at(3));
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('by an undo to another image is not told as a failure before a pod has it', async () => {
    const one = (workload: Workload, updated: number, available = updated): Workload => ({
      ...{ ...workload, replicas: 1 },
      status: { replicas: 1, updated, available },
    });
    await harness.list(one(v1, 1));
    harness.pods = () => of('r2', crashing('db-0', '2.0.0'));
    await harness.put(one(at(2, image('2.0.0')), 1, 0));
    await harness.put(one(at(3), 0));
    await harness.clock.advance(60_000);
    harness.pods = () => of('r1', starting('db-0'));
    await harness.put(one(at(3), 1));
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('that takes the container away which crashes is not told as a failure', async () => {
    const side = { name: 'side', ...image('side'), init: false };
    const app = { name: 'app', ...image('1.0.0'), init: false };
    const both = at(1, { containers: [app, side] });
    const pod = (name: string): DatedPod => {
      const { containers } = crashing(name, 'side');
      const [running] = starting(name).containers;
      return {
        name,
        containers: [...(running ? [running] : []), ...containers.map((one) => ({ ...one, name: 'side' }))],
      };
    };
    await harness.list(both);
    harness.pods = () => of('r1', pod('old'), pod('older'));
    await harness.put(down(both));
    const mended = at(2, { containers: [app], set: { template: 't2' } });
    await harness.put(unseen(down(mended)));
    harness.pods = () => [...of('r1', pod('old'), pod('older')), ...of('r2', starting('new'))];
    await harness.put(rollingOut(mended));
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('that crashes as well is told, also where the new pod has the name of the old one', async () => {
    await isDown();
    const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:30Z'];
    harness.pods = () => [{ ...crashing('db-0'), createdAt: first }];
    await harness.put(rollingOut(repair));
    harness.pods = () => [{ ...crashing('db-0'), createdAt: second }];
    await harness.clock.advance(20_000);

    expect(told()).toEqual(['CrashLoopBackOff', 'CrashLoopBackOff']);
  });

  test('that crashes as well is told, also when it was well for a moment', async () => {
    await isDown();
    harness.pods = () => [crashing('old'), starting('new')];
    await harness.put(rollingOut(repair), repair);
    await harness.clock.advance(recoveryMs - 1);
    harness.pods = () => [aPod('new', '1.0.0', 'CrashLoopBackOff', 1)];
    await harness.put(down(repair));
    harness.pods = () => [crashing('new')];
    await harness.clock.advance(20_000);

    expect(told()).toEqual(['CrashLoopBackOff', 'CrashLoopBackOff']);
  });

  test('by an undo of what was told as failed is not told as a failure', async () => {
    await harness.list(v1);
    harness.pods = () => [...of('r1', starting('good'), starting('better')), ...of('r2', crashing('bad'))];
    await harness.put(rollingOut(repair));
    const undone = at(3);
    await harness.put(unseen(rollingOut(undone)));
    await harness.put({ ...undone, status: { replicas: 3, updated: 2, available: 2 } });
    await harness.clock.advance(60_000);
    harness.pods = () => [starting('good')];
    await harness.put(undone);
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('of what nobody was told yet is not told as a failure', async () => {
    await harness.list(v1);
    harness.pods = () => [aPod('bad', '1.0.0', 'CrashLoopBackOff', 2)];
    await harness.put(rollingOut(repair));
    const undone = at(3);
    await harness.put(rollingOut(undone));
    harness.pods = () => [crashing('bad')];
    await harness.clock.advance(60_000);
    await harness.put(undone);

    expect(told()).toEqual([]);
  });
});

describe('a configuration that cannot run', () => {
  const bad = at(2, { set: { template: 't2' } });
  const stuck = aPod('new', '1.0.0', 'CreateContainerConfigError');

  test('is told at the next poll', async () => {
    await harness.list(at(1));
    harness.pods = () => [starting('old')];
    await harness.put(unseen(bad));
    harness.pods = () => [starting('old'), stuck];
    await harness.put(rollingOut(bad));
    await harness.clock.advance(20_000);

    expect(told()).toEqual(['CreateContainerConfigError']);
  });

  test('that came while nobody looked is told at once', async () => {
    await harness.list(at(1));
    harness.pods = () => [...of('r1', starting('old'), starting('older')), ...of('r2', stuck)];
    await harness.restart();
    // Whoever changed it has put a label on it since.
    const changedAt = '2026-01-01T00:10:00Z';
    await harness.list(rollingOut(at(2, { set: { template: 't2', changedAt } })));

    expect(told()).toEqual(['CreateContainerConfigError']);
  });

  test('that mends what nobody was told of while nobody looked is not blamed for its pods', async () => {
    await harness.list(at(1));
    const old = of('r1', crashing('old'), crashing('older'));
    harness.pods = () => [...old, ...of('r2', starting('new'))];
    await harness.restart();
    await harness.list(rollingOut(bad));
    await harness.clock.advance(60_000);
    expect(told()).toEqual([]);

    harness.pods = () => [...old, ...of('r2', crashing('new'))];
    await harness.clock.advance(60_000);
    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('of an image that failed before is not blamed for its pods by whoever takes over', async () => {
    const [v2, mended] = [at(2, image('2.0.0')), { ...image('2.0.0'), set: { template: 't2' } }];
    await harness.list(at(1));
    const old = of('r2', crashing('old', '2.0.0'), crashing('older', '2.0.0'));
    harness.pods = () => old;
    await harness.put(rollingOut(v2));
    harness.pods = () => [...old, ...of('r3', starting('new', '2.0.0'))];
    await harness.restart();
    await harness.list(rollingOut(at(3, mended)));
    await harness.clock.advance(60_000);
    await harness.put(at(3, mended));
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('and mends what was told of, is told by whoever takes over when its pods are stuck already', async () => {
    await harness.list(at(1));
    harness.pods = () => [crashing('old')];
    await harness.put(down(at(1)));
    harness.pods = () => [
      ...of('r1', crashing('old'), crashing('older')),
      ...of('r2', aPod('new', '1.0.0', 'CreateContainerConfigError')),
    ];
    await harness.restart();
    await harness.list(rollingOut(bad));

    expect(told()).toEqual(['CrashLoopBackOff', 'CreateContainerConfigError']);
  });

  test('is not blamed for a pod that was in trouble before', async () => {
    await harness.list(at(1));
    harness.pods = () => [aPod('old', '1.0.0', undefined, 2)];
    await harness.put(unseen(bad));
    harness.pods = () => [crashing('old'), starting('new')];
    await harness.put(rollingOut(bad));
    await harness.clock.advance(60_000);

    expect(told()).toEqual([]);
  });
});

describe('a deadline that is over', () => {
  const over = {
    conditions: [
      {
        ...{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
        message: 'ReplicaSet "shop-bad" has timed out progressing.',
      },
    ],
  };

  test('is told when it stays so', async () => {
    await harness.list(at(1));
    await harness.put(rollingOut(at(2, { ...image('2.0.0'), ...over })));
    await harness.clock.advance(deadlineLastsMs - 1);
    expect(told()).toEqual([]);

    await harness.clock.advance(1);

    expect(told()).toEqual(['ProgressDeadlineExceeded']);
    await harness.clock.advance(3_600_000);
    expect(told()).toEqual(['ProgressDeadlineExceeded']);
  });

  test('is not that of the undo which its controller has just seen', async () => {
    await harness.list(at(1));
    await harness.put(rollingOut(at(2, { ...image('2.0.0'), ...over })));
    await harness.clock.advance(3_600_000);
    const undone = at(3);
    await harness.put(unseen({ ...rollingOut(undone), ...over }), { ...rollingOut(undone), ...over });
    await harness.clock.advance(deadlineLastsMs - 1);
    await harness.put(undone);
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['ProgressDeadlineExceeded', 'workload.recovered']);
  });

  test('is of another workload when it is deleted and made again', async () => {
    await harness.list(at(1));
    await harness.put(rollingOut(at(1, over)));
    await harness.clock.advance(deadlineLastsMs - 1);
    await harness.remove();
    await harness.put(rollingOut(at(1, { ...over, uid: 'uid-2' })));
    await harness.clock.advance(1);

    expect(told()).toEqual(['workload.deleted']);
  });
});

describe('whoever sets the clock', () => {
  let offsetMs = 0;
  beforeEach(() => {
    offsetMs = 0;
    const clock = createFakeClock();
    harness = createChangeHarness({
      clock: { ...clock, now: () => new Date(clock.now().getTime() + offsetMs) },
    });
  });
  const v2 = at(2, image('2.0.0'));

  test('ahead makes no rollout late, and nothing well', async () => {
    await harness.list(at(1));
    await harness.put(rollingOut(v2));
    offsetMs = 3_600_000;
    await harness.clock.advance(25_000);
    await harness.put(rollingOut(v2));
    expect(told()).toEqual([]);

    harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
    await harness.clock.advance(60_000);
    await harness.put(v2);
    offsetMs *= 2;
    await harness.put(v2);

    expect(told()).toEqual(['ImagePullBackOff']);
  });

  test('back makes nobody deaf', async () => {
    await harness.list(at(1));
    await harness.put(rollingOut(v2));
    offsetMs = -3_600_000;
    harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
    await harness.clock.advance(20_000);
    expect(told()).toEqual(['ImagePullBackOff']);

    await harness.put(v2);
    offsetMs *= 2;
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);
  });
});

describe('while an autoscaler works', () => {
  const withPods = (generation: number, pods: number, tag: string): Workload =>
    at(generation, {
      ...{ ...image(tag), replicas: pods, set: { scale: pods } },
      status: { replicas: pods, updated: pods, available: pods },
    });
  /** Scaled up and down every so often, for an hour. */
  const scaled = async (tag: string, everyMs: number): Promise<void> => {
    for (let generation = 4; generation * everyMs < 3_600_000; generation++) {
      await harness.clock.advance(everyMs - 5_000);
      const next = withPods(generation, 2 + (generation % 2), tag);
      await harness.put({ ...next, status: { ...next.status, available: 1 } });
      await harness.clock.advance(5_000);
      await harness.put(next);
    }
  };
  const fails = async (): Promise<void> => {
    await harness.list(at(1));
    harness.pods = () => [crashing('new', '2.0.0')];
    await harness.put(rollingOut(at(2, image('2.0.0'))));
    await harness.clock.advance(60_000);
    harness.pods = () => [];
  };

  test('what is mended is told as well', async () => {
    await fails();
    await harness.put(withPods(3, 2, '2.0.1'));
    await harness.clock.advance(recoveryMs);

    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);
  });

  test('what is well by itself is told so, ten minutes after its last crash', async () => {
    await fails();
    await harness.put(withPods(3, 2, '2.0.0'));
    await scaled('2.0.0', 240_000);

    expect(told().slice(0, 2)).toEqual(['CrashLoopBackOff', 'workload.recovered']);
    const [first, second] = harness.told.map((notice) => Date.parse(notice.at));
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(60_000 + loopRecoveryMs + 240_000);
  });

  test('a rollout that does not end is late all the same', async () => {
    await harness.list(at(1));
    for (let generation = 2; generation < 6; generation++) {
      const scale = 2 + (generation % 2);
      const v2 = at(generation, { ...image('2.0.0'), replicas: scale, set: { scale } });
      await harness.put(rollingOut(v2));
      await harness.clock.advance(840_000);
    }

    expect(told()).toEqual(['rollout-timeout']);
  });

  test('what was not well for long has its time from the first scaling on', async () => {
    await harness.list(at(1));
    await harness.put(down(at(1)));
    await harness.clock.advance(3_600_000);
    await harness.put(down(at(2, { replicas: 3, set: { scale: 3 } })));
    await harness.clock.advance(899_999);
    expect(told()).toEqual([]);

    await harness.clock.advance(1);

    expect(told()).toEqual(['rollout-timeout']);
  });
});

test('what is not well for a moment has to stay well from then on', async () => {
  const v2 = at(2, image('2.0.0'));
  await harness.list(at(1));
  harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(v2));
  harness.pods = () => [];
  await harness.put(v2);
  await harness.clock.advance(recoveryMs - 1);
  await harness.put(down(v2));
  await harness.put(v2);
  await harness.clock.advance(recoveryMs - 1);
  expect(told()).toEqual(['ImagePullBackOff']);

  await harness.clock.advance(1);

  expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);
});

test('what is well of another template has to stay so from its beginning', async () => {
  await harness.list(at(1));
  harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(at(2, image('2.0.0'))));
  await harness.put(at(2, image('2.0.0')));
  await harness.clock.advance(recoveryMs - 1);
  await harness.put(at(3, image('3.0.0')));
  await harness.clock.advance(recoveryMs - 1);
  expect(told()).toEqual(['ImagePullBackOff']);

  await harness.clock.advance(1);

  expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);
});

test('what was told for another reason and crashes since is not told again with every crash', async () => {
  const v2 = at(2, image('2.0.0'));
  await harness.list(at(1));
  harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(v2));
  harness.pods = () => [crashing('new', '2.0.0')];
  await harness.clock.advance(30_000);
  for (let round = 0; round < 5; round++) {
    await harness.put(v2);
    await harness.clock.advance(recoveryMs + 10_000);
    await harness.put(rollingOut(v2));
    await harness.clock.advance(160_000);
  }

  expect(told()).toEqual(['ImagePullBackOff']);
});

test('what others broke and our update mends is told as well, in its thread', async () => {
  await harness.list(at(1));
  harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(at(2, image('2.0.0'))));
  harness.pods = () => [];
  await harness.put(at(3, { ...image('2.0.1'), set: { setBy: { images: { app: 'updatekate' } } } }));
  await harness.clock.advance(recoveryMs);

  expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);
  expect(harness.told[1]?.thread).toBe(harness.told[0]?.thread);
});

describe('our update that failed', () => {
  const set = { setBy: { images: { app: 'updatekate' } } };
  const ours = at(2, { ...image('2.0.0'), annotations: { 'updatekate.dev/update': 'up-1' }, set });
  const timeoutMs = 900_000;
  const expectTold = (): void => {
    expect(told()).toEqual(['workload.recovered']);
    expect(harness.told[0]?.thread).toBe('up-1');
  };

  test.each<readonly [string, Different]>([
    ['is paused', { paused: true }],
    ['waits for somebody who deletes old pods', { onDelete: true }],
  ])('since its workload %s is told when it works after all', async (_what, different) => {
    await harness.list(at(1));
    const waiting = { ...ours, ...different, status: { replicas: 2, updated: 0, available: 2 } };
    await harness.put(waiting);
    await harness.clock.advance(timeoutMs + 20_000);
    expect(told()).toEqual([]);

    await harness.put(ours);
    await harness.clock.advance(recoveryMs);
    expectTold();
  });

  test('while another process took over is told when it works after all', async () => {
    await harness.list(at(1));
    await harness.restart();
    const changedAt = new Date(harness.clock.now().getTime() - timeoutMs + 60_000).toISOString();
    const late: Workload = { ...ours, traits: { template: 't1', scale: 2, ...set, changedAt } };
    await harness.list(rollingOut(late));
    await harness.clock.advance(80_000);
    await harness.put(late);
    await harness.clock.advance(recoveryMs);
    expectTold();
  });
});

describe('whoever takes over our rollout', () => {
  const timeoutMs = 900_000;
  const setBy = { images: { app: 'updatekate' } };
  /** Ours since so long, by the clock of the API server. */
  const ours = (ms: number): Workload => {
    const changedAt = new Date(harness.clock.now().getTime() - ms).toISOString();
    return at(2, { ...image('2.0.0'), set: { setBy, changedAt } });
  };
  /** It is late when `forMs` are over, which nobody is told; that it works after all, everybody. */
  const isLateAfter = async (workload: Workload, forMs: number): Promise<boolean> => {
    await harness.clock.advance(forMs);
    await harness.put(workload);
    await harness.clock.advance(recoveryMs);
    return told().includes('workload.recovered');
  };

  test.each([
    ['before it is over', 60_000, 59_999, false],
    ['when it is over', 60_000, 60_000, true],
    [
      'with the clock of the cluster ahead, when all its time is over',
      timeoutMs + 3_600_000,
      timeoutMs,
      true,
    ],
    ['with the clock of the cluster ahead, before', timeoutMs + 3_600_000, timeoutMs - 1, false],
  ])('counts its time from when it began: %s', async (_what, leftMs, forMs, isLate) => {
    await harness.list(at(1));
    await harness.restart();
    const workload = ours(timeoutMs - leftMs);
    await harness.list(rollingOut(workload));

    expect(await isLateAfter(workload, forMs)).toBe(isLate);
  });

  test('gives what begins later its own', async () => {
    await harness.list(at(1));
    await harness.restart();
    await harness.list(at(1));
    const workload = ours(timeoutMs);
    await harness.put(rollingOut(workload));

    expect(await isLateAfter(workload, timeoutMs - 1)).toBe(false);
  });
});

test('whoever takes over the rollout of somebody else gives it all its time', async () => {
  await harness.list(at(1));
  await harness.restart();
  const changedAt = new Date(harness.clock.now().getTime() - 900_000).toISOString();
  await harness.list(rollingOut(at(2, { set: { template: 't2', changedAt } })));
  await harness.clock.advance(899_999);
  expect(told()).toEqual([]);

  await harness.clock.advance(1);
  expect(told()).toEqual(['rollout-timeout']);
});

test('pods from before are known to who saw the change from its start, by no label', async () => {
  await harness.list(at(1));
  harness.pods = () => [crashing('old')];
  const mended = at(2, { set: { template: 't2' } });
  await harness.put(unseen(down(mended)));
  harness.pods = () => [crashing('old'), starting('new')];
  await harness.put(rollingOut(mended));
  await harness.clock.advance(60_000);

  expect(told()).toEqual([]);
});

test('what crashed at the first look is not told after the first moment in which it does not', async () => {
  await harness.list(down(at(1)));
  for (let round = 0; round < 5; round++) {
    harness.pods = () => [crashing('app')];
    await harness.put(down(at(1)));
    await harness.clock.advance(60_000);
    await harness.put(at(1));
    await harness.clock.advance(recoveryMs);
  }
  expect(told()).toEqual([]);

  await harness.put(at(1));
  await harness.clock.advance(loopRecoveryMs);
  await harness.put(down(at(1)));
  await harness.clock.advance(60_000);
  expect(told()).toEqual(['CrashLoopBackOff']);
});

test('a pod that is on its way out, and crashes, is no failure of what it leaves', async () => {
  await harness.list(at(1));
  harness.pods = () => [{ ...crashing('leaving'), isLeaving: true }, starting('coming')];
  await harness.put(down(at(1)));
  await harness.clock.advance(60_000);

  expect(told()).toEqual([]);
});

test('more pods of what is paused that do not come are told as failed', async () => {
  await harness.list(at(1, { paused: true }));
  const scaled = at(2, { paused: true, replicas: 3, set: { scale: 3 } });
  await harness.put({ ...scaled, status: { replicas: 3, updated: 3, available: 2 } });
  await harness.clock.advance(899_999);
  expect(told()).toEqual([]);

  await harness.clock.advance(1);
  expect(told()).toEqual(['rollout-timeout']);
});

test('more pods of what is paused are told when they are there', async () => {
  await harness.list(at(1, { paused: true }));
  const scaled = at(2, { paused: true, replicas: 3, set: { scale: 3 } });
  await harness.put({ ...scaled, status: { replicas: 3, updated: 3, available: 2 } });
  expect(told()).toEqual([]);

  await harness.put({ ...scaled, status: { replicas: 3, updated: 3, available: 3 } });
  expect(harness.said()).toEqual(['scaled shop: 2 → 3']);
});

test('what was paused and well at the first look, and crashes then, is told', async () => {
  await harness.list(at(1, { paused: true }));
  harness.pods = () => [crashing('app')];
  await harness.put(down(at(1, { paused: true })));
  await harness.clock.advance(60_000);

  expect(told()).toEqual(['CrashLoopBackOff']);
});

describe('while a pause holds a new image back', () => {
  const [all, wider] = [
    { replicas: 2, updated: 0, available: 2 },
    { replicas: 3, updated: 0, available: 3 },
  ];
  const held = (generation: number, status: Workload['status'], different: Different = {}): Workload =>
    at(generation, { ...image('2.0.0'), paused: true, status, ...different });
  const canary = (available: number): Workload =>
    held(3, { replicas: 3, updated: 1, available }, { set: { template: 't1' } });

  test('old pods that crash are told, and that they are well again', async () => {
    await harness.list(at(1));
    harness.pods = () => of('r1', starting('a'), starting('b'));
    await harness.put(held(2, all));
    await harness.clock.advance(3_600_000);
    harness.pods = () => of('r1', crashing('a'), crashing('b'));
    await harness.put(held(2, { ...all, available: 0 }));
    await harness.clock.advance(300_000);
    expect(told()).toEqual(['CrashLoopBackOff']);

    harness.pods = () => of('r1', starting('a'), starting('b'));
    await harness.put(held(2, all));
    await harness.clock.advance(loopRecoveryMs);
    expect(told()).toEqual(['CrashLoopBackOff', 'workload.recovered']);

    await harness.put(at(3, image('2.0.0')));
    expect(harness.said().slice(2)).toEqual(['image-changed shop: 1.0.0 → 2.0.0']);
  });

  test('an old pod that crashes is told, also when it was restarted once long before', async () => {
    await harness.list(at(1));
    harness.pods = () => of('r1', aPod('a', '1.0.0', undefined, 1), starting('b'));
    await harness.put(held(2, all));
    await harness.clock.advance(3_600_000);
    harness.pods = () => of('r1', crashing('a'), starting('b'));
    await harness.put(held(2, { ...all, available: 1 }));
    await harness.clock.advance(300_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('an old pod that crashed before, and runs for a moment when it begins, is no fault of it', async () => {
    await harness.list(at(1));
    harness.pods = () => of('r1', crashing('a'), starting('b'));
    await harness.put(down(at(1)));
    await harness.clock.advance(60_000);
    harness.pods = () => of('r1', aPod('a', '1.0.0', undefined, 5), starting('b'));
    await harness.put(at(1), held(2, all));
    await harness.clock.advance(5_000);
    harness.pods = () => of('r1', crashing('a'), starting('b'));
    await harness.put(held(2, { ...all, available: 1 }));
    await harness.clock.advance(300_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('the pod of a canary that was taken back, and is still there, is told when it crashes', async () => {
    await harness.list(at(1));
    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...of('r2', starting('c', '2.0.0'))];
    await harness.put(held(2, { replicas: 3, updated: 1, available: 3 }));
    const back = { replicas: 3, updated: 2, available: 3 };
    await harness.put(at(3, { paused: true, status: back }));
    await harness.clock.advance(60_000);
    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...of('r2', crashing('c', '2.0.0'))];
    await harness.put(at(3, { paused: true, status: { ...back, available: 2 } }));
    await harness.clock.advance(300_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('old pods that crashed before are no fault of it', async () => {
    await harness.list(at(1));
    harness.pods = () => of('r1', crashing('a'), starting('b'));
    await harness.put(held(2, { ...all, available: 1 }));
    await harness.clock.advance(3_600_000);

    expect(told()).toEqual([]);
  });

  test('more pods are told when they are there, with the image that they have, and the new one at the end', async () => {
    const more = { replicas: 3, set: { scale: 3 } };
    await harness.list(at(1));
    await harness.put(held(2, all));
    await harness.put(held(3, { ...wider, available: 2 }, more));
    expect(told()).toEqual([]);

    await harness.put(held(3, wider, more));
    await harness.clock.advance(60_000);
    expect(harness.told.map(({ images }) => images)).toEqual([
      [{ container: 'app', from: image('1.0.0').image, to: image('1.0.0').image }],
    ]);
    await harness.put(held(4, wider, { ...more, paused: false }));
    await harness.put(at(4, { ...image('2.0.0'), ...more, status: { ...wider, updated: 3 } }));

    expect(harness.said()).toEqual(['scaled shop: 2 → 3', 'image-changed shop: 1.0.0 → 2.0.0']);
    expect(harness.told[1]).not.toHaveProperty('scale');
  });

  test('a first pod with it that fails and is well again is told so before the others have it', async () => {
    const bad = of('r2', aPod('new', '2.0.0', 'ImagePullBackOff'));
    await harness.list(at(1));
    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...of('r2', starting('new', '2.0.0'))];
    await harness.put(rollingOut(at(2, image('2.0.0'))), canary(2));
    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...bad];
    await harness.clock.advance(3_600_000);
    expect(told()).toEqual(['ImagePullBackOff']);

    harness.pods = () => [...of('r1', starting('a'), starting('b')), ...of('r2', starting('new', '2.0.0'))];
    await harness.put(canary(3));
    await harness.clock.advance(recoveryMs);
    expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);

    await harness.put(at(4, image('2.0.0')));
    expect(harness.said().slice(2)).toEqual(['image-changed shop: 1.0.0 → 2.0.0']);
  });

  test('more pods are told also when that image was taken back, and the pause keeps a pod of it', async () => {
    await harness.list(at(1));
    await harness.put(canary(3));
    const more = { paused: true, replicas: 3, set: { scale: 3 } };
    await harness.put(at(4, { ...more, status: { replicas: 4, updated: 3, available: 4 } }));

    expect(harness.said()).toEqual(['scaled shop: 2 → 3']);
  });

  test('which mends what crashed, old pods are not told again when the pause comes half-way', async () => {
    await harness.list(at(1));
    harness.pods = () => of('r1', crashing('a'), crashing('b'));
    await harness.put(down(at(1)));
    harness.pods = () => [...of('r1', crashing('a'), crashing('b')), ...of('r2', starting('new', '2.0.0'))];
    await harness.put(rollingOut(at(2, image('2.0.0'))), canary(1));
    await harness.clock.advance(3_600_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });
});

describe('another failure after one that was told', () => {
  const secondIsDown = (): readonly DatedPod[] => [
    ...of('r1', starting('good'), starting('better')),
    ...of('r3', aPod('second', '3.0.0', 'ImagePullBackOff')),
  ];
  beforeEach(async () => {
    await harness.list(at(1));
    harness.pods = () => [aPod('first', '2.0.0', 'ImagePullBackOff')];
    await harness.put(rollingOut(at(2, image('2.0.0'))));
  });

  test('is told by the process that follows, though its pods had failed before that looked', async () => {
    harness.pods = secondIsDown;
    await harness.restart();
    await harness.list(rollingOut(at(3, image('3.0.0'))));
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['ImagePullBackOff', 'ImagePullBackOff']);
  });

  test('is told though nobody would say what pods there are at first', async () => {
    let polls = 0;
    harness.pods = () => {
      if (polls++ === 0) throw new Error('away');
      return secondIsDown();
    };
    await harness.put(rollingOut(at(3, image('3.0.0'))));
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['ImagePullBackOff', 'ImagePullBackOff']);
  });
});

describe('beside a container whose image is rewritten in every pod', () => {
  const withProxies = (tag: string): Different => ({
    containers: [
      { name: 'app', image: `quay.io/acme/shop:${tag}`, init: false },
      { name: 'istio-proxy', image: 'auto', init: false },
    ],
  });
  const crashingBeside = (tag: string): DatedPod => {
    const pod = crashing('new', tag);
    const proxy = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.2', restarts: 0 };
    const waiting = { waitingReason: undefined, waitingMessage: undefined };
    return { ...pod, containers: [...pod.containers, { ...proxy, ...waiting }] };
  };

  test('a new image that crashes is told', async () => {
    await harness.list(at(1, withProxies('1.0.0')));
    harness.pods = () => [crashingBeside('2.0.0')];
    await harness.put(rollingOut(at(2, withProxies('2.0.0'))));
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });

  test('what ran and crashes is told', async () => {
    await harness.list(at(1, withProxies('1.0.0')));
    harness.pods = () => [crashingBeside('1.0.0')];
    await harness.put(down(at(1, withProxies('1.0.0'))));
    await harness.clock.advance(60_000);

    expect(told()).toEqual(['CrashLoopBackOff']);
  });
});

test('what others broke, our update does not mend and the next one does ends where it began', async () => {
  const ours = (generation: number, tag: string): Workload =>
    at(generation, {
      ...image(tag),
      annotations: { 'updatekate.dev/update': `up-${generation}` },
      set: { setBy: { images: { app: 'updatekate' } } },
    });
  await harness.list(at(1));
  harness.pods = () => [aPod('new', '2.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(at(2, image('2.0.0'))));
  harness.pods = () => [aPod('newer', '3.0.0', 'ImagePullBackOff')];
  await harness.put(rollingOut(ours(3, '3.0.0')));
  await harness.clock.advance(60_000);
  harness.pods = () => [];
  await harness.put(ours(4, '4.0.0'));
  await harness.clock.advance(recoveryMs);

  expect(told()).toEqual(['ImagePullBackOff', 'workload.recovered']);
  expect(harness.told[1]?.thread).toBe(harness.told[0]?.thread);
});

describe('what is in no list any more', () => {
  const [clock, signal] = [createFakeClock(), new AbortController().signal];
  const forbidden = new AppError('forbidden', 'the Role went with its namespace');
  const away = new AppError('unavailable', 'no answer');
  const workload = at(1);
  /** Somebody who is answered so. */
  const asking = (answer: { isGone: () => Promise<boolean>; there?: boolean }) => {
    const get = (): Workload | undefined => (answer.there ? workload : undefined);
    const watched = { ...watchedWorkloads(new Map()), get, isGone: () => answer.isGone() };
    const rollout = { timeoutMs: 900_000, pollMs: 20_000 };
    const look = createLookAtWorkload({ clock, watched, rollout, ownManager: undefined });
    return async (): Promise<unknown> => {
      const { judgement, againMs } = await look(workload.key, seenOf(workload, 'ADDED'), signal);
      return judgement.kind === 'settled' ? judgement.change?.kind : againMs;
    };
  };
  const refused = () => Promise.reject(forbidden);

  test('and may not be asked for, is told as deleted when that stays so', async () => {
    const look = asking({ isGone: refused });

    expect(await look()).toBe(60_000);
    await clock.advance(believedMs - 1);
    expect(await look()).toBe(60_000);
    await clock.advance(1);
    expect(await look()).toBe('workload.deleted');
  });

  test.each(['is there', 'was found for a moment'])(
    'but %s is not told, however long nobody may ask',
    async (what) => {
      const answer: Parameters<typeof asking>[0] = { isGone: refused };
      const look = asking(answer);
      for (let round = 0; round < 3; round++) {
        expect(await look()).toBe(60_000);
        await clock.advance(believedMs - 1);
        if (what === 'is there') answer.isGone = () => Promise.resolve(false);
        else answer.there = true;
        await look();
        await clock.advance(1);
        Object.assign(answer, { isGone: refused, there: false });
      }
    },
  );

  test('is asked for again where there is no answer', async () => {
    await expect(asking({ isGone: () => Promise.reject(away) })()).rejects.toBe(away);
  });
});
