import { expect, test } from '@jest/globals';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness } from '../support/harness.ts';
import { lifeOf, mortal, mortalCluster } from './life.ts';

test('what is due at once is told at once by a successor whose clock is behind', async () => {
  const store = createMemoryStore();
  const cluster = createFakeCluster([aWorkload()]);
  const life = lifeOf(8);
  const first = createHarness({
    store,
    cluster: { ...cluster, port: mortalCluster(life, cluster.port) },
    around: (context) => ({ ...context, ...mortal(life, context) }),
  });
  cluster.onChange = first.reconciler.workloadChanged;
  await first.push('1.1.0');
  await first.settle();
  cluster.converge(keyOf());
  await first.settle();
  expect(life.calls.at(-1)).toBe('before tell update.succeeded');

  const second = createHarness({ store, cluster, at: new Date(first.clock.now().getTime() - 600_000) });
  await second.reconciler.resume();
  await second.clock.advance(60_000);

  expect([...first.told, ...second.told]).toHaveLength(1);
});
