import { expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { replayed } from '../../src/core/outbox.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness } from '../support/harness.ts';
import { lifeOf, mortal, mortalCluster } from './life.ts';

/** An update that has been told, which cannot be written down before `mend`. */
async function toldInVain() {
  const cluster = createFakeCluster([aWorkload()]);
  let isDown = true;
  const harness = createHarness({
    cluster,
    around: (context) => ({
      ...context,
      store: {
        ...context.store,
        replace(update, revision) {
          const isTold = update.announcements.some(({ state }) => state === 'sent');
          return isDown && isTold
            ? Promise.reject(new AppError('unavailable', 'no answer'))
            : context.store.replace(update, revision);
        },
      },
    }),
  });
  cluster.onChange = harness.reconciler.workloadChanged;
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  cluster.converge(keyOf());
  await harness.settle();
  await harness.clock.advance(3_600_000);
  const mend = async (): Promise<void> => {
    isDown = false;
    await harness.clock.advance(60_000);
  };
  return { harness, name: updates[0] ?? '', mend };
}

test('what was told is not told again because nobody could write that down', async () => {
  const { harness, name, mend } = await toldInVain();

  await mend();

  const stored = await harness.context.store.get(name);
  expect(stored?.update.announcements).toMatchObject([{ state: 'sent', attempts: 1 }]);
  expect(harness.told).toHaveLength(1);
});

test('what somebody wants told again is, though it could not be written down that it was told', async () => {
  const { harness, name, mend } = await toldInVain();
  const stored = await harness.context.store.get(name);
  if (!stored) throw new Error(`no ${name}`);
  const again = replayed(stored.update, harness.clock.now(), ['webhook']);
  await harness.context.store.replace(again, stored.revision);

  await mend();

  expect(harness.told).toHaveLength(2);
});

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
