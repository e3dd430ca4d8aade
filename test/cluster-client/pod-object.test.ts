import { describe, expect, test } from '@jest/globals';
import { toPod } from '../../src/cluster/pod-object.ts';

type Json = Readonly<Record<string, unknown>>;

describe('a pod', () => {
  const aPod = (status?: Json): Json => ({
    metadata: { name: 'shop-1', namespace: 'default' },
    spec: {
      containers: [{ name: 'app', image: 'quay.io/acme/shop:1.1.0' }],
      initContainers: [{ name: 'migrate', image: 'quay.io/acme/shop:1.1.0' }],
    },
    ...(status === undefined ? {} : { status }),
  });

  test.each([
    ['ImagePullBackOff', 'Back-off pulling image "quay.io/acme/shop:1.1.0"'],
    ['ErrImagePull', 'manifest unknown'],
    ['CrashLoopBackOff', 'back-off 10s restarting failed container'],
    ['CreateContainerConfigError', 'secret "shop" not found'],
    ['PodInitializing', undefined],
  ])('whose container waits says why: %s', (reason, message) => {
    const waiting = { reason, ...(message === undefined ? {} : { message }) };
    const pod = toPod(
      aPod({ containerStatuses: [{ name: 'app', restartCount: 4, ready: false, state: { waiting } }] }),
    );

    expect(pod).toEqual({
      name: 'shop-1',
      containers: [
        {
          name: 'app',
          image: 'quay.io/acme/shop:1.1.0',
          waitingReason: reason,
          waitingMessage: message,
          restarts: 4,
        },
        expect.objectContaining({ name: 'migrate', waitingReason: undefined, restarts: 0 }) as unknown,
      ],
    });
  });

  test('whose init container waits says why', () => {
    const waiting = { reason: 'CrashLoopBackOff' };
    const pod = toPod(
      aPod({ initContainerStatuses: [{ name: 'migrate', restartCount: 3, state: { waiting } }] }),
    );

    expect(pod.containers[1]).toMatchObject({ waitingReason: 'CrashLoopBackOff', restarts: 3 });
  });

  test.each([
    ['running', { running: { startedAt: '2026-01-01T00:00:00Z' } }],
    ['ended', { terminated: { exitCode: 1, reason: 'Error' } }],
    ['in no state', {}],
    ['without a state', undefined],
  ])('whose container is %s waits for nothing', (_name, state) => {
    const pod = toPod(aPod({ containerStatuses: [{ name: 'app', restartCount: 1, state }] }));

    expect(pod.containers[0]).toMatchObject({ waitingReason: undefined, restarts: 1 });
  });

  test('the image is the one that is wanted, not what the runtime calls it', () => {
    const pod = toPod(
      aPod({
        containerStatuses: [
          {
            name: 'app',
            restartCount: 0,
            image: 'sha256:abc',
            imageID: 'quay.io/acme/shop@sha256:abc',
            state: {},
          },
        ],
      }),
    );

    expect(pod.containers[0]?.image).toBe('quay.io/acme/shop:1.1.0');
  });

  test('that is not scheduled yet has no statuses', () => {
    expect(toPod(aPod()).containers).toHaveLength(2);
    expect(toPod(aPod({ phase: 'Pending' })).containers[0]?.restarts).toBe(0);
  });

  test('says when it was made, which tells it from another of its name', () => {
    const createdAt = '2026-01-01T00:00:00Z';
    const made = { ...aPod(), metadata: { name: 'db-0', creationTimestamp: createdAt } };

    expect(toPod(made)).toMatchObject({ name: 'db-0', createdAt });
    expect(toPod(aPod())).not.toHaveProperty('createdAt');
  });

  test.each<[string, Json | undefined, string | undefined]>([
    ['a ReplicaSet', { app: 'shop', 'pod-template-hash': '5d6f' }, '5d6f'],
    ['a StatefulSet or a DaemonSet', { app: 'shop', 'controller-revision-hash': 'db-7c8' }, 'db-7c8'],
    ['nobody who says so', { app: 'shop' }, undefined],
    ['nobody, without labels', undefined, undefined],
  ])('of %s says of which template it is: %j', (_what, labels, revision) => {
    const pod = toPod({ ...aPod(), metadata: { name: 'shop-1', ...(labels ? { labels } : {}) } });

    expect([pod.revision, 'revision' in pod]).toEqual([revision, revision !== undefined]);
  });

  test('that is being deleted or has ended is on its way out', () => {
    const metadata = { name: 'shop-1', deletionTimestamp: '2026-01-01T00:00:00Z' };

    expect(toPod({ ...aPod(), metadata }).isLeaving).toBe(true);
    expect(['Failed', 'Succeeded'].map((phase) => toPod(aPod({ phase })).isLeaving)).toEqual([true, true]);
    for (const phase of ['Pending', 'Running'])
      expect(toPod(aPod({ phase }))).not.toHaveProperty('isLeaving');
    expect(toPod(aPod())).not.toHaveProperty('isLeaving');
  });
});
