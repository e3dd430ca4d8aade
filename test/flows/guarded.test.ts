import { describe, expect, test } from '@jest/globals';
import type { FlowContext } from '../../src/flows/context.ts';
import { guarded, guardedCluster } from '../../src/flows/guarded.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { createHarness } from '../support/harness.ts';

const update = anUpdate();
const patch = { workload: keyOf(), resourceVersion: '1', moves: [], annotations: {} };

type Call = (context: FlowContext, signal: AbortSignal) => Promise<unknown>;
const writes: readonly (readonly [string, Call])[] = [
  ['store.replace', ({ store }) => store.replace(update, '1')],
  ['store.remove', ({ store }) => store.remove(update.name, '1')],
  ['delivery.deliver', ({ delivery }, signal) => delivery.deliver(update, signal)],
  [
    'receiver.tell',
    ({ receivers: [receiver] }, signal) =>
      receiver?.tell(update, 'update.succeeded', signal) ?? Promise.resolve(),
  ],
  ['cluster.patchImages', ({ cluster }, signal) => cluster.patchImages(patch, signal)],
];
const others: readonly (readonly [string, Call])[] = [
  ['store.create', ({ store }) => store.create([update])],
  ['store.get', ({ store }) => store.get(update.name)],
  ['store.open', ({ store }) => store.open()],
  ['store.ofWorkload', ({ store }) => store.ofWorkload(keyOf(), 1)],
  ['cluster.read', ({ cluster }, signal) => cluster.read(keyOf(), signal)],
  ['cluster.readRaw', ({ cluster }, signal) => cluster.readRaw(keyOf(), signal)],
];

/** A context whose writes do nothing but be counted. */
function setUp(holds: () => boolean) {
  const done: string[] = [];
  const count = (name: string) => (): Promise<never> => {
    done.push(name);
    return Promise.resolve(undefined as never);
  };
  const { context } = createHarness({
    around: (plain) => ({
      ...plain,
      store: { ...plain.store, replace: count('store.replace'), remove: count('store.remove') },
      cluster: { ...plain.cluster, patchImages: count('cluster.patchImages') },
      delivery: { deliver: count('delivery.deliver') },
      receivers: [{ name: 'webhook', tell: count('receiver.tell') }],
    }),
  });
  return { done, context: guarded(context, { holds }), plain: context };
}

describe('a guarded context', () => {
  test.each(writes)('%s is refused to who leads no more', async (_, call) => {
    const { context, done } = setUp(() => false);

    const refused = call(context, new AbortController().signal);

    await expect(refused).rejects.toMatchObject({ code: 'not-leader' });
    expect(done).toEqual([]);
  });

  test.each(writes)(
    '%s goes through as long as we lead, and is asked about every time',
    async (name, call) => {
      let asked = 0;
      const { context, done } = setUp(() => ++asked < 3);
      const { signal } = new AbortController();

      await call(context, signal);
      await call(context, signal);

      await expect(call(context, signal)).rejects.toMatchObject({ code: 'not-leader' });
      expect(done).toEqual([name, name]);
    },
  );

  test.each(writes.slice(2))(
    '%s of a term that is over is refused even if we lead again',
    async (_, call) => {
      const { context, done } = setUp(() => true);

      await expect(call(context, AbortSignal.abort())).rejects.toMatchObject({ code: 'not-leader' });
      expect(done).toEqual([]);
    },
  );

  test.each(others)("%s is everybody's", async (_, call) => {
    const { context } = setUp(() => false);

    await expect(call(context, new AbortController().signal)).resolves.not.toThrow();
  });

  test('keeps the names of receivers, and everything else', () => {
    const { context, plain } = setUp(() => false);

    expect(context.receivers.map(({ name }) => name)).toEqual(['webhook']);
    expect([context.clock, context.log, context.view]).toEqual([plain.clock, plain.log, plain.view]);
  });
});

test('a guarded cluster can be read by everyone', async () => {
  const { plain } = setUp(() => false);
  const cluster = guardedCluster(plain.cluster, { holds: () => false });

  expect((await cluster.read(keyOf(), new AbortController().signal))?.key).toEqual(keyOf());
});
