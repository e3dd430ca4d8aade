import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createHarness } from '../support/harness.ts';

const broken = {
  name: 'shop-1',
  containers: [
    {
      name: 'app',
      image: 'quay.io/acme/shop:1.1.0',
      waitingReason: 'ImagePullBackOff',
      waitingMessage: 'Back-off pulling image',
      restarts: 0,
    },
  ],
};

describe('an update that goes well', () => {
  test('is patched once, followed to its end, and told', async () => {
    const harness = createHarness();

    const answer = await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.converge(keyOf());
    await harness.settle();

    const [name = ''] = answer.updates;
    expect(harness.cluster.patches).toHaveLength(1);
    expect(harness.cluster.get(keyOf()).containers[0]?.image).toBe('quay.io/acme/shop:1.1.0');
    expect(harness.told).toMatchObject([
      { id: `${name}-succeeded`, status: 'succeeded', image: 'quay.io/acme/shop:1.1.0' },
    ]);
    const stored = await harness.context.store.get(name);
    expect(stored?.update.history.map(({ phase }) => phase)).toEqual([
      'Pending',
      'Delivering',
      'RollingOut',
      'Succeeded',
    ]);
  });

  test('is announced at the change the watch brings, not at the next poll', async () => {
    const harness = createHarness();
    await harness.push('1.1.0');
    await harness.clock.advance(1000);

    harness.cluster.converge(keyOf());
    await harness.settle();

    expect(harness.told).toHaveLength(1);
  });

  test('ends at the next poll when the watch is dead', async () => {
    const harness = createHarness();
    await harness.push('1.1.0');
    await harness.clock.advance(1000);
    harness.cluster.onChange = () => undefined;
    harness.cluster.converge(keyOf());

    await harness.clock.advance(18_000);
    expect(harness.told).toHaveLength(0);
    await harness.clock.advance(2000);

    expect(harness.told).toHaveLength(1);
  });

  test('leaves its name on the workload, and never touches replicas', async () => {
    const harness = createHarness();

    const { updates } = await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches[0]?.annotations).toEqual({
      'updatekate.dev/update': updates[0],
      'kubernetes.io/change-cause': 'updatekate: app quay.io/acme/shop:1.0.0 -> quay.io/acme/shop:1.1.0',
    });
    expect(harness.cluster.get(keyOf()).replicas).toBe(2);
  });
});

describe('an update that fails', () => {
  test('is told with the reason of the pod as soon as a poll sees it', async () => {
    const harness = createHarness();
    harness.cluster.setPods([broken]);
    await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.observe(keyOf());

    await harness.clock.advance(20_000);

    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'ImagePullBackOff' }]);
    expect(harness.told[0]?.message).toContain('shop-1');
  });

  test('fails when its time is over, with the last thing that was seen', async () => {
    const harness = createHarness();
    await harness.push('1.1.0');
    await harness.clock.advance(899_000);
    expect(harness.told).toHaveLength(0);

    await harness.clock.advance(2000);

    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'rollout-timeout' }]);
    expect(harness.told[0]?.message).toContain('waiting for the controller');
  });

  test('is superseded without a word when someone changes the image again', async () => {
    const harness = createHarness();
    const { updates } = await harness.push('1.1.0');
    await harness.settle();
    const containers = [{ name: 'app', image: 'quay.io/acme/shop:9.0.0', init: false }];
    harness.cluster.put({ ...harness.cluster.get(keyOf()), containers });

    await harness.settle();

    const stored = await harness.context.store.get(updates[0] ?? '');
    expect(stored?.update).toMatchObject({ phase: 'Superseded', reason: 'replaced' });
    expect(harness.told).toHaveLength(0);
  });

  test('fails when the workload is deleted', async () => {
    const harness = createHarness();
    await harness.push('1.1.0');
    await harness.settle();

    harness.cluster.remove(keyOf());
    await harness.settle();

    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'WorkloadDeleted' }]);
  });
});

describe('several updates of one workload', () => {
  test('a newer push supersedes one that waits, whatever the order of the webhooks', async () => {
    const harness = createHarness();

    const first = await harness.push('1.2.0');
    const second = await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches.map(({ moves }) => moves[0]?.to)).toEqual(['quay.io/acme/shop:1.2.0']);
    expect((await harness.context.store.get(first.updates[0] ?? ''))?.update.phase).toBe('RollingOut');
    expect((await harness.context.store.get(second.updates[0] ?? ''))?.update.phase).toMatch(
      /Pending|Superseded/,
    );
  });

  test('one that is rolling out is finished before the next begins', async () => {
    const harness = createHarness();
    await harness.push('1.1.0');
    await harness.settle();
    await harness.push('1.2.0');
    await harness.settle();
    expect(harness.cluster.patches).toHaveLength(1);

    harness.cluster.converge(keyOf());
    await harness.settle();
    harness.cluster.converge(keyOf());
    await harness.settle();

    expect(harness.cluster.patches).toHaveLength(2);
    expect(harness.told.map(({ image }) => image)).toEqual([
      'quay.io/acme/shop:1.1.0',
      'quay.io/acme/shop:1.2.0',
    ]);
  });

  test('a repeated webhook makes no second update', async () => {
    const harness = createHarness();

    const answers = await Promise.all([harness.push('1.1.0'), harness.push('1.1.0'), harness.push('1.1.0')]);
    await harness.settle();

    expect(new Set(answers.flatMap(({ updates }) => updates)).size).toBe(1);
    expect(harness.cluster.patches).toHaveLength(1);
  });
});

describe('delivery', () => {
  test('a conflict is read again and decided again', async () => {
    const harness = createHarness();
    harness.cluster.put({ ...harness.cluster.get(keyOf()), replicas: 7 }, true);

    await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches).toHaveLength(1);
    expect(harness.cluster.get(keyOf()).replicas).toBe(7);
  });

  test('a conflict with someone who moved further ahead ends the update untouched', async () => {
    const harness = createHarness();
    const containers = [{ name: 'app', image: 'quay.io/acme/shop:2.0.0', init: false }];
    harness.cluster.put({ ...harness.cluster.get(keyOf()), containers }, true);

    const { updates } = await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches).toHaveLength(0);
    const stored = await harness.context.store.get(updates[0] ?? '');
    expect(stored?.update).toMatchObject({ phase: 'Superseded', reason: 'not-newer' });
  });

  test('an image that Argo CD applies is left alone, and the update says what to do', async () => {
    const harness = createHarness({ workloads: [aWorkload({ gitOpsOwners: { app: 'argocd-controller' } })] });

    await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches).toHaveLength(0);
    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'owned-by-gitops' }]);
    expect(harness.told[0]?.message).toContain('change it in Git');
  });

  test('an API server that is away is asked again until it is back', async () => {
    let away = true;
    const harness = createHarness({
      around: (context) => ({
        ...context,
        delivery: {
          deliver: (update, signal) =>
            away
              ? Promise.reject(new AppError('unavailable', 'no answer'))
              : context.delivery.deliver(update, signal),
        },
      }),
    });
    await harness.push('1.1.0');
    await harness.clock.advance(120_000);
    expect(harness.cluster.patches).toHaveLength(0);

    away = false;
    await harness.clock.advance(30_000);

    expect(harness.cluster.patches).toHaveLength(1);
    expect(
      harness.log.lines.some(({ level, message }) => level === 'warn' && message === 'step failed, retrying'),
    ).toBe(true);
  });

  test('a refusal of the API server is an end, not a loop', async () => {
    const harness = createHarness({
      around: (context) => ({
        ...context,
        delivery: {
          deliver: () => Promise.resolve({ kind: 'refused', reason: 'forbidden', message: 'may not patch' }),
        },
      }),
    });

    await harness.push('1.1.0');
    await harness.settle();

    expect(harness.told).toMatchObject([{ status: 'failed', reason: 'forbidden', message: 'may not patch' }]);
  });
});

describe('announcements', () => {
  test('are tried again until they are taken, with the same id', async () => {
    const harness = createHarness({
      receiver: [
        { kind: 'failed', message: 'answered 500', retryAfterMs: undefined },
        { kind: 'failed', message: 'answered 429', retryAfterMs: 600_000 },
      ],
    });
    await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.converge(keyOf());

    await harness.clock.advance(4000);
    expect(harness.told).toHaveLength(1);
    await harness.clock.advance(2000);
    expect(harness.told).toHaveLength(2);
    await harness.clock.advance(599_000);
    expect(harness.told).toHaveLength(2);
    await harness.clock.advance(2000);

    expect(harness.told).toHaveLength(3);
    expect(new Set(harness.told.map(({ id }) => id)).size).toBe(1);
  });

  test('stop when the receiver says it is gone', async () => {
    const harness = createHarness({ receiver: [{ kind: 'abandoned', message: 'answered 410' }] });
    const { updates } = await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.converge(keyOf());

    await harness.clock.advance(86_400_000);

    expect(harness.told).toHaveLength(1);
    const stored = await harness.context.store.get(updates[0] ?? '');
    expect(stored?.update.announcements).toMatchObject([{ state: 'abandoned', attempts: 1 }]);
  });

  test('that are never answered hold up no other update', async () => {
    const other = aWorkload({ key: keyOf('cart'), uid: 'uid-2' });
    let asked = 0;
    const harness = createHarness({
      workloads: [aWorkload(), other],
      around: (context) => ({
        ...context,
        receivers: [
          {
            name: 'silent',
            tell: () => {
              asked++;
              return new Promise(() => undefined);
            },
          },
        ],
      }),
    });
    await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.converge(keyOf());
    harness.cluster.converge(keyOf('cart'));
    await harness.settle();

    await harness.push('1.2.0');
    await harness.settle();

    expect(asked).toBe(2);
    expect(harness.cluster.patches).toHaveLength(4);
  });
});
