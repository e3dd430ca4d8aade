import { describe, expect, test } from '@jest/globals';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness } from '../support/harness.ts';
import { lifeOf, mortal, mortalCluster } from './life.ts';

/** One update from push to announcement; the first process dies at step `dieAt`, a second one takes over. */
async function run(dieAt: number) {
  const store = createMemoryStore();
  const cluster = createFakeCluster([aWorkload()]);
  const life = lifeOf(dieAt);
  const first = createHarness({
    store,
    cluster: { ...cluster, port: mortalCluster(life, cluster.port) },
    around: (context) => ({ ...context, ...mortal(life, context) }),
  });
  cluster.onChange = first.reconciler.workloadChanged;
  const { updates } = await first.push('1.1.0');
  await first.settle();
  if (cluster.patches.length > 0) cluster.converge(keyOf());
  await first.settle();

  const second = createHarness({ store, cluster });
  await second.reconciler.resume();
  await second.settle();
  cluster.converge(keyOf());
  await second.clock.advance(60_000);

  const told = [...first.told, ...second.told];
  const stored = await store.get(updates[0] ?? '');
  return { calls: life.calls, cluster, told, update: stored?.update };
}

describe('a process that is killed between any two steps', () => {
  test('leaves a job that its successor finishes: one patch, at least one announcement, one id', async () => {
    const whole = await run(Infinity);
    expect(whole.calls).toEqual([
      'before write Delivering/none',
      'after write Delivering/none',
      'before patch',
      'after patch',
      'before write RollingOut/none',
      'after write RollingOut/none',
      'before write Succeeded/pending',
      'after write Succeeded/pending',
      'before tell update.succeeded',
      'after tell update.succeeded',
      'before write Succeeded/sent',
      'after write Succeeded/sent',
    ]);

    for (let dieAt = 0; dieAt < whole.calls.length; dieAt++) {
      const { update, cluster, told } = await run(dieAt);

      const context = `died at ${whole.calls[dieAt] ?? ''}`;
      expect({ context, phase: update?.phase, patches: cluster.patches.length }).toEqual({
        context,
        phase: 'Succeeded',
        patches: 1,
      });
      expect(update?.announcements).toMatchObject([{ state: 'sent', attempts: 1 }]);
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    }
  });
});
