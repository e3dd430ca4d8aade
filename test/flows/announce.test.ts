import { expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import { replayed } from '../../src/core/outbox.ts';
import type { AnnouncementResult, Receiver, Store } from '../../src/core/ports.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import type { LoggedLine } from '../support/fake-log.ts';
import { createHarness, type Harness } from '../support/harness.ts';
import { seeded } from '../support/random.ts';
import { lifeOf, mortal, mortalCluster } from './life.ts';

/** An update that has been told, which cannot be written down before `mend`; every write fails with `code`. */
async function toldInVain(code: ErrorCode = 'unavailable') {
  const cluster = createFakeCluster([aWorkload()]);
  let isDown = true;
  let refused = 0;
  const harness = createHarness({
    cluster,
    around: (context) => ({
      ...context,
      store: {
        ...context.store,
        replace(update, revision) {
          const isTold = update.announcements.some(({ state }) => state === 'sent');
          if (!isDown || !isTold) return context.store.replace(update, revision);
          refused++;
          return Promise.reject(new AppError(code, 'not written'));
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
  return { harness, name: updates[0] ?? '', mend, refused: () => refused };
}

const linesOf = ({ log }: Pick<Harness, 'log'>, words: string): readonly LoggedLine[] =>
  log.lines.filter(({ message }) => message === words);

test.each(['unavailable', 'conflict'] as const)(
  'what was told is not told again because nobody could write that down: %s',
  async (code) => {
    const { harness, name, mend } = await toldInVain(code);

    await mend();

    const stored = await harness.context.store.get(name);
    expect(stored?.update.announcements).toMatchObject([{ state: 'sent', attempts: 1 }]);
    expect(harness.told).toHaveLength(1);
    expect(linesOf(harness, 'announcement sent')).toHaveLength(1);
  },
);

test('a store that is in conflict without an end is asked ever more slowly, and that is said', async () => {
  const { harness, refused } = await toldInVain('conflict');

  // In an hour, each half a minute apart or somewhat less.
  expect(refused()).toBeLessThan(200);
  expect(linesOf(harness, 'step failed, retrying').at(-1)).toMatchObject({
    ...{ level: 'warn', fields: { error: { code: 'conflict' }, waitMs: 22_500 } },
  });
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

/** Flows with these receivers, one for each way to tell, and updates of so many workloads that are about to succeed. */
async function aboutToSucceed(tells: readonly Receiver['tell'][], updates = 1, store = createMemoryStore()) {
  const keys = Array.from({ length: updates }, (_, n) => keyOf(`app-${n}`));
  const told: string[] = [];
  const receivers = tells.map((tell, n): Receiver => ({
    name: `receiver-${n}`,
    tell(update, event, signal) {
      told.push(`receiver-${n} ${update.name}`);
      return tell(update, event, signal);
    },
  }));
  const harness = createHarness({
    store,
    workloads: keys.map((key, n) => aWorkload({ key, uid: `uid-${n}` })),
    around: (context) => ({ ...context, receivers, random: seeded(1, 'jitter').next }),
  });
  await harness.push('1.1.0');
  await harness.settle();
  keys.forEach((key) => harness.cluster.converge(key));
  return { harness, told };
}

const takes: Receiver['tell'] = () => Promise.resolve({ kind: 'sent' });

test('receivers who are told at the same time are told once, without a word, and hardly later', async () => {
  const { harness, told } = await aboutToSucceed(Array<Receiver['tell']>(8).fill(takes), 300);

  await harness.clock.advance(300);

  expect([told.length, new Set(told).size]).toEqual([2400, 2400]);
  expect(linesOf(harness, 'announcement sent')).toHaveLength(2400);
  expect(harness.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  expect(await harness.context.store.open()).toEqual([]);
});

test('a process that is about to end writes down whom it has told, however many write at the same time', async () => {
  const store = createMemoryStore();
  const { harness, told } = await aboutToSucceed(Array<Receiver['tell']>(8).fill(takes), 1, store);

  const drained = harness.reconciler.drain(500);
  await harness.clock.advance(500);
  await drained;

  expect(told).toHaveLength(8);
  expect(await store.open()).toEqual([]);
});

test('what is made due again while it is told is told again, and both are said', async () => {
  const first = Promise.withResolvers<AnnouncementResult>();
  const answers = [first.promise];
  const { harness, told } = await aboutToSucceed([(...call) => answers.shift() ?? takes(...call)]);
  await harness.settle();
  const [stored] = await harness.context.store.open();
  if (!stored) throw new Error('nothing waits');
  await harness.clock.advance(1000);
  const again = replayed(stored.update, harness.clock.now(), ['receiver-0']);
  await harness.context.store.replace(again, stored.revision);

  first.resolve({ kind: 'sent' });
  await harness.settle();

  expect(told).toHaveLength(2);
  expect(linesOf(harness, 'announcement sent')).toHaveLength(2);
});

test('what was written down though nobody heard of it is said, and not told again', async () => {
  const store = createMemoryStore();
  const deaf: Store = {
    ...store,
    async replace(update, revision) {
      const stored = await store.replace(update, revision);
      // The answer is lost, and the call repeated.
      if (update.announcements.some(({ state }) => state === 'sent')) await store.replace(update, revision);
      return stored;
    },
  };
  const { harness, told } = await aboutToSucceed([takes], 1, deaf);

  await harness.settle();

  expect(told).toHaveLength(1);
  expect(linesOf(harness, 'announcement sent')).toHaveLength(1);
  expect(await store.open()).toEqual([]);
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
