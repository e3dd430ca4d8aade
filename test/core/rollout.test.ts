import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isHeld,
  isJustLate,
  isOverdue,
  isWell,
  rolloutState,
  withoutDeadline,
} from '../../src/core/rollout.ts';
import type { Condition, Pod, PodContainer, Workload } from '../../src/core/workload.ts';
import { aWorkload } from '../support/builders.ts';

const image = 'quay.io/acme/shop:1.1.0';
const wanted = { app: image };
const counts = (replicas: number, updated: number, available: number): Pick<Workload, 'status'> => ({
  status: { replicas, updated, available },
});
const running = (different: Partial<Workload> = {}): Workload =>
  aWorkload({ containers: [{ name: 'app', image, init: false }], ...different });
const condition = (type: string, status: string, reason: string): Condition => ({
  ...{ type, status, reason },
  message: `about ${reason}`,
});
const deadlineOver = condition('Progressing', 'False', 'ProgressDeadlineExceeded');

/** A pod of the new image whose container waits like this. */
function aPod(different: Partial<PodContainer> = {}): Pod {
  const container = { name: 'app', image, waitingReason: undefined, waitingMessage: undefined, restarts: 0 };
  return { name: 'shop-1', containers: [{ ...container, ...different }] };
}

const progressing = (detail: string) => ({ kind: 'progressing', detail });
const failed = (reason: string, detail: string) => ({ kind: 'failed', reason, detail });
const sidecar = { name: 'proxy', image: 'quay.io/acme/proxy:1', init: false };

describe('rolloutState', () => {
  test.each<[string, Workload | undefined, unknown]>([
    ['gone', undefined, failed('WorkloadDeleted', 'the workload was deleted')],
    ['being deleted', running({ deleting: true }), failed('WorkloadDeleted', 'the workload was deleted')],
    [
      'changed again by someone else',
      aWorkload(),
      { kind: 'replaced', detail: 'container app now has image quay.io/acme/shop:1.0.0' },
    ],
    [
      'without the container',
      aWorkload({ containers: [sidecar] }),
      { kind: 'replaced', detail: 'container app now has image (it is gone)' },
    ],
    [
      'not yet seen by its controller',
      running({ generation: 2, observedGeneration: 1 }),
      progressing('waiting for the controller'),
    ],
    [
      'over its deadline',
      running({ conditions: [deadlineOver], ...counts(2, 1, 1) }),
      failed('ProgressDeadlineExceeded', 'about ProgressDeadlineExceeded'),
    ],
    [
      'over its deadline an image ago',
      running({ conditions: [deadlineOver], generation: 2 }),
      progressing('waiting for the controller'),
    ],
    [
      'progressing, says its condition',
      running({ conditions: [condition('Progressing', 'True', 'NewReplicaSetAvailable')] }),
      { kind: 'converged' },
    ],
    ['paused', running({ paused: true, ...counts(2, 0, 2) }), progressing('the workload is paused')],
    ['paused but at its end', running({ paused: true }), progressing('the workload is paused')],
    ['without new pods', running(counts(2, 0, 2)), progressing('0 of 2 pods are new')],
    ['with half of its new pods', running(counts(3, 1, 3)), progressing('1 of 2 pods are new')],
    [
      'without new pods until somebody deletes the old ones',
      running({ onDelete: true, ...counts(2, 0, 2) }),
      progressing('0 of 2 pods are new (OnDelete: somebody has to delete the old ones)'),
    ],
    [
      'refused by a quota',
      running({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate')], ...counts(1, 1, 1) }),
      progressing('1 of 2 pods are new (FailedCreate: about FailedCreate)'),
    ],
    [
      'no longer refused by a quota',
      running({ conditions: [condition('ReplicaFailure', 'False', 'FailedCreate')], ...counts(1, 1, 1) }),
      progressing('1 of 2 pods are new'),
    ],
    ['with old pods', running(counts(3, 2, 3)), progressing('1 old pods are still there')],
    ['with pods that are not available', running(counts(2, 2, 1)), progressing('1 of 2 pods are available')],
    ['converged', running(), { kind: 'converged' }],
    ['scaled to nothing', running({ replicas: 0, ...counts(0, 0, 0) }), { kind: 'converged' }],
    [
      'being scaled to nothing',
      running({ replicas: 0, ...counts(2, 0, 2) }),
      progressing('2 old pods are still there'),
    ],
    [
      'with a sidecar of its own',
      running({ containers: [...running().containers, sidecar] }),
      { kind: 'converged' },
    ],
  ])('%s', (_what, workload, state) => {
    expect(rolloutState(workload, wanted, [])).toEqual(state);
  });

  const under = running(counts(3, 1, 2));
  const waits = progressing('1 of 2 pods are new');
  test.each<[string, Pod, unknown]>([
    ['runs', aPod(), waits],
    ['is being made', aPod({ waitingReason: 'ContainerCreating' }), waits],
    ['pulls for the first time', aPod({ waitingReason: 'ErrImagePull' }), waits],
    [
      'cannot be pulled',
      aPod({ waitingReason: 'ImagePullBackOff', waitingMessage: 'not found' }),
      failed('ImagePullBackOff', 'pod shop-1, container app: not found'),
    ],
    [
      'has no legal image',
      aPod({ waitingReason: 'InvalidImageName' }),
      failed('InvalidImageName', 'pod shop-1, container app'),
    ],
    [
      'may not pull',
      aPod({ waitingReason: 'ErrImageNeverPull' }),
      failed('ErrImageNeverPull', 'pod shop-1, container app'),
    ],
    [
      'has no config map',
      aPod({ waitingReason: 'CreateContainerConfigError', waitingMessage: '' }),
      failed('CreateContainerConfigError', 'pod shop-1, container app'),
    ],
    [
      'cannot be made',
      aPod({ waitingReason: 'CreateContainerError' }),
      failed('CreateContainerError', 'pod shop-1, container app'),
    ],
    ['crashed twice', aPod({ waitingReason: 'CrashLoopBackOff', restarts: 2 }), waits],
    [
      'crashed three times',
      aPod({ waitingReason: 'CrashLoopBackOff', waitingMessage: 'back-off', restarts: 3 }),
      failed('CrashLoopBackOff', 'pod shop-1, container app: back-off'),
    ],
    ['is an old one', aPod({ image: 'quay.io/acme/shop:1.0.0', waitingReason: 'ImagePullBackOff' }), waits],
    [
      'has a sidecar that cannot be pulled',
      {
        name: 'shop-2',
        containers: [
          ...aPod().containers,
          ...aPod({ name: 'proxy', image: sidecar.image, waitingReason: 'ImagePullBackOff' }).containers,
        ],
      },
      failed('ImagePullBackOff', 'pod shop-2, container proxy'),
    ],
  ])('a pod that %s', (_what, pod, state) => {
    expect(rolloutState(under, wanted, [aPod(), pod])).toEqual(state);
  });

  test.each<[string, boolean, Workload]>([
    ['of what is wanted now', true, running({ conditions: [deadlineOver] })],
    ['of what was wanted before', false, running({ conditions: [deadlineOver], generation: 2 })],
    ['of nothing', false, running({ conditions: [condition('Progressing', 'True', 'ReplicaSetUpdated')] })],
  ])('a controller that says %s that the deadline is over', (_what, overdue, workload) => {
    expect(isOverdue(workload)).toBe(overdue);
  });

  test('without its deadline there is the rest to judge by', () => {
    const refused = condition('ReplicaFailure', 'True', 'FailedCreate');
    const late = running({ conditions: [deadlineOver, refused], ...counts(1, 1, 1) });

    expect(rolloutState(withoutDeadline(late), wanted, [])).toEqual(
      progressing('1 of 2 pods are new (FailedCreate: about FailedCreate)'),
    );
  });

  test('a pod with one wanted image of two is an old one', () => {
    const workload = running({ ...counts(3, 1, 2), containers: [...running().containers, sidecar] });
    const proxy = aPod({ name: 'proxy', image: sidecar.image }).containers;
    const pod = (tag: string): Pod => ({
      name: 'shop-1',
      containers: [
        ...aPod({ image: `quay.io/acme/shop:${tag}`, waitingReason: 'ImagePullBackOff' }).containers,
        ...proxy,
      ],
    });
    const both = { ...wanted, proxy: sidecar.image };

    expect(rolloutState(workload, both, [pod('1.0.0')])).toEqual(waits);
    expect(rolloutState(workload, both, [pod('1.1.0')])).toMatchObject({ reason: 'ImagePullBackOff' });
    expect(rolloutState(workload, both, [{ name: 'shop-1', containers: proxy }])).toEqual(waits);
  });

  test('a deadline that is over says more than the pods', () => {
    const pod = aPod({ waitingReason: 'ImagePullBackOff' });

    const state = rolloutState(running({ conditions: [deadlineOver] }), wanted, [pod]);

    expect(state).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
  });

  test('a container may bear the name of what every object has', () => {
    const odd = running({ containers: [...running().containers, { ...sidecar, name: 'constructor' }] });

    expect(rolloutState(odd, wanted, [])).toEqual({ kind: 'converged' });
  });

  test('every wanted image counts, init containers too', () => {
    const init = { name: 'migrate', image: 'quay.io/acme/shop:1.0.0', init: true };
    const workload = running({ containers: [...running().containers, init] });

    const state = rolloutState(workload, { ...wanted, migrate: image }, []);

    expect(state).toEqual({
      kind: 'replaced',
      detail: 'container migrate now has image quay.io/acme/shop:1.0.0',
    });
  });

  test('has converged exactly when every wanted pod is new, available and alone', () => {
    const few = fc.nat(3);

    fc.assert(
      fc.property(few, few, few, few, fc.boolean(), (replicas, all, updated, available, paused) => {
        const state = rolloutState(
          running({ replicas, paused, ...counts(all, updated, available) }),
          wanted,
          [],
        );

        const done = !paused && updated >= replicas && all <= updated && available >= replicas;
        expect(state.kind).toBe(done ? 'converged' : 'progressing');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('but for what holds old pods back', () => {
  test.each(['paused', 'onDelete'] as const)('a workload is well when all its pods are (%s)', (hold) => {
    const held = (replicas: number, updated: number, available: number): Workload =>
      running({ [hold]: true, ...counts(replicas, updated, available) });

    expect(isHeld(held(2, 0, 2))).toBe(true);
    expect(rolloutState(held(2, 0, 2), {}, []).kind).toBe('progressing');
    expect(isWell(held(2, 0, 2))).toBe(true);
    expect(isWell(held(2, 1, 1))).toBe(false);
    // Paused half-way there is one more, and it may be that one which is not well; of others one too many is to go.
    expect(isWell(held(3, 1, 2))).toBe(false);
    expect(isWell(held(3, 1, 3))).toBe(hold === 'paused');
    expect(isWell({ ...held(2, 0, 2), generation: 2 })).toBe(false);
  });

  test('a workload of which nothing is held back is well when it is at its end', () => {
    expect(isHeld(running())).toBe(false);
    expect([isWell(running()), isWell(running(counts(3, 1, 3)))]).toEqual([true, false]);
  });
});

test.each([
  ['ProgressDeadlineExceeded', true],
  ['rollout-timeout', true],
  ['CrashLoopBackOff', false],
  [undefined, false],
])('%s says no more than that it takes too long: %p', (reason, expected) => {
  expect(isJustLate(reason)).toBe(expected);
});
