import { describe, expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import { targetsOf } from '../../src/core/target.ts';
import type { Workload } from '../../src/core/workload.ts';
import { createPatchDelivery } from '../../src/deliveries/patch.ts';
import { anUpdate, aWorkload, keyOf } from '../support/builders.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';

const wanted = 'quay.io/acme/shop:1.1.0';
const { signal } = new AbortController();

function withImage(image: string, different: Partial<Workload> = {}): Workload {
  return aWorkload({ containers: [{ name: 'app', image, init: false }], ...different });
}

function deliver(workload: Workload | undefined) {
  const cluster = createFakeCluster(workload ? [workload] : []);
  const delivery = createPatchDelivery({
    cluster: cluster.port,
    view: cluster.view,
    targetsOf: (one) => targetsOf(one, undefined),
    clock: createFakeClock(),
  });
  return { cluster, result: delivery.deliver(anUpdate(), signal) };
}

describe('patch delivery', () => {
  test('sets the image, from what really runs', async () => {
    const { cluster, result } = deliver(withImage('quay.io/acme/shop:1.0.5'));

    expect(await result).toEqual({
      kind: 'delivered',
      moves: [{ container: 'app', init: false, from: 'quay.io/acme/shop:1.0.5', to: wanted }],
    });
    expect(cluster.patches).toHaveLength(1);
  });

  test('recognises what is already there, and patches nothing', async () => {
    const { cluster, result } = deliver(withImage(wanted));

    expect(await result).toMatchObject({ kind: 'delivered' });
    expect(cluster.patches).toHaveLength(0);
  });

  test('does not repeat itself when someone changed the image after its patch', async () => {
    const annotations = { 'updatekate.dev/policy': 'semver', 'updatekate.dev/update': anUpdate().name };
    const { cluster, result } = deliver(withImage('quay.io/acme/shop:1.0.0', { annotations }));

    expect(await result).toMatchObject({ kind: 'obsolete', reason: 'replaced' });
    expect(cluster.patches).toHaveLength(0);
  });

  test.each([
    ['was put on hold', { 'updatekate.dev/policy': 'semver', 'updatekate.dev/hold': 'true' }, 'held'],
    ['may take only patches now', { 'updatekate.dev/policy': 'patch' }, 'out-of-range'],
    ['has no policy any more', {}, 'no-policy'],
    ['asks for an approval', { 'updatekate.dev/policy': 'semver', 'updatekate.dev/approvals': '1' }, 'held'],
  ])('decides again: a workload that %s is left alone', async (_what, annotations, reason) => {
    const { cluster, result } = deliver(aWorkload({ annotations }));

    expect(await result).toMatchObject({ kind: 'obsolete', reason });
    expect(cluster.patches).toHaveLength(0);
  });

  test.each([
    ['is gone', undefined],
    ['is being deleted', aWorkload({ deleting: true })],
    ['is another one of the same name', aWorkload({ uid: 'uid-2' })],
  ])('refuses when the workload %s', async (_what, workload) => {
    const { cluster, result } = deliver(workload);

    expect(await result).toMatchObject({ kind: 'refused', reason: 'not-found' });
    expect(cluster.patches).toHaveLength(0);
  });

  test('gives up after several conflicts in a row, so that the step can wait', async () => {
    const cluster = createFakeCluster([aWorkload()]);
    let reads = 0;
    const delivery = createPatchDelivery({
      view: cluster.view,
      targetsOf: (one) => targetsOf(one, undefined),
      clock: createFakeClock(),
      cluster: {
        ...cluster.port,
        read: () => {
          reads++;
          return Promise.resolve({ ...cluster.get(keyOf()), resourceVersion: 'always old' });
        },
      },
    });
    cluster.put(cluster.get(keyOf()), true);

    await expect(delivery.deliver(anUpdate(), signal)).rejects.toMatchObject({ code: 'conflict' });
    expect(reads).toBe(5);
  });

  test('a 403 is believed when it has lasted for half a minute: a starting API server says so, too', async () => {
    const [cluster, clock] = [createFakeCluster([aWorkload()]), createFakeClock()];
    const answers: ErrorCode[] = [];
    const delivery = createPatchDelivery({
      ...{ view: cluster.view, targetsOf: (one) => targetsOf(one, undefined), clock },
      cluster: {
        ...cluster.port,
        patchImages: () =>
          Promise.reject(new AppError(answers.shift() ?? 'forbidden', 'the API server said so')),
      },
    });
    const after = async (ms: number) => {
      await clock.advance(ms);
      return delivery.deliver(anUpdate(), signal).catch((error: unknown) => (error as AppError).code);
    };

    expect(await after(0)).toBe('unavailable');
    expect(await after(29_999)).toBe('unavailable');
    // Gone and started again: its time begins anew.
    answers.push('timeout');
    expect(await after(60_000)).toBe('timeout');
    expect(await after(60_000)).toBe('unavailable');
    expect(await after(29_999)).toBe('unavailable');
    expect(await after(1)).toMatchObject({ kind: 'refused', reason: 'forbidden' });
  });
});
