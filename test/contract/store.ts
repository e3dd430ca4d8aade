import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Store } from '../../src/core/ports.ts';
import { enter, type Announcement, type Update } from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

/** The n-th update, created n minutes after the first. */
function nth(n: number, different: Partial<Update> = {}): Update {
  return anUpdate({ name: `up-${n}`, ...different }, new Date(start + n * 60_000));
}

/** The update at its end, with the telling of it in `state`. */
function ended(update: Update, ...states: readonly Announcement['state'][]): Update {
  const failed = enter(update, 'Failed', new Date(start + 3_600_000), { reason: 'refused' });
  const [event, dueAt] = ['update.failed', '2026-01-01T01:00:00.000Z'];
  const announcements = states.map((state, n) => ({ receiver: `r${n}`, event, state, attempts: n, dueAt }));
  return { ...failed, announcements };
}

/**
 * What every store promises, whatever it is made of.
 *
 * @param open opens an empty one.
 */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
    });

    afterEach(() => store.close());

    const names = async (found: ReturnType<Store['open']>): Promise<readonly string[]> =>
      (await found).map(({ update }) => update.name);

    test('an empty store has nothing', async () => {
      expect(await store.get('up-1')).toBeUndefined();
      expect(await store.open()).toEqual([]);
      expect(await store.ofWorkload(keyOf(), 10)).toEqual([]);
      expect(await store.create([])).toEqual([]);
    });

    test('create writes a batch and answers in its order', async () => {
      const created = await store.create([nth(2), nth(1)]);

      expect(created.map(({ update, created }) => [update.name, created])).toEqual([
        ['up-2', true],
        ['up-1', true],
      ]);
      expect((await store.get('up-1'))?.update).toEqual(nth(1));
      expect((await store.get('up-2'))?.update).toEqual(nth(2));
    });

    test('create keeps what is there and says so', async () => {
      const [first] = await store.create([nth(1, { policy: 'the first' })]);

      const again = await store.create([nth(1, { policy: 'a repetition' }), nth(2)]);

      expect(again.map(({ created }) => created)).toEqual([false, true]);
      expect(again[0]?.update.policy).toBe('the first');
      expect(again[0]?.revision).toBe(first?.revision);
      expect((await store.get('up-1'))?.update.policy).toBe('the first');
    });

    test('create keeps who pushed first, and what was written before anybody was asked who it is', async () => {
      const [first] = await store.create([nth(1, { pushedBy: 'ann' })]);
      await store.create([nth(2)]);

      const again = await store.create([nth(1, { pushedBy: 'bob' }), nth(2, { pushedBy: 'bob' })]);

      expect(again.map(({ update }) => update.pushedBy)).toEqual(['ann', undefined]);
      expect(first?.update).toEqual(nth(1, { pushedBy: 'ann' }));
      expect((await store.get('up-2'))?.update).not.toHaveProperty('pushedBy');
    });

    test('a name twice in one batch is created once', async () => {
      const created = await store.create([nth(1), nth(1)]);

      expect(created.map((one) => one.created)).toEqual([true, false]);
      expect(await names(store.open())).toEqual(['up-1']);
    });

    test('a repetition of an update that has ended is not created anew', async () => {
      const [stored] = await store.create([nth(1)]);
      await store.replace(ended(nth(1)), stored?.revision ?? '');

      const [again] = await store.create([nth(1)]);

      expect(again?.created).toBe(false);
      expect(again?.update.phase).toBe('Failed');
    });

    test('every field comes back as it was written', async () => {
      const update = nth(1, {
        tag: '1.1.0\u2028"\'; DROP TABLE updates; --',
        digest: `sha256:${'a'.repeat(64)}`,
        pushedBy: 'robot$ci "\u2028',
        moves: [
          { container: 'app', init: false, from: 'a:1', to: 'a:2' },
          { container: 'migrate', init: true, from: 'a:1', to: 'a:2' },
        ],
      });
      const moved = {
        ...ended(enter(update, 'Delivering', new Date(start)), 'sent', 'pending', 'abandoned'),
        deliveredAt: '2026-01-01T00:30:00.000Z',
        message: 'ünïcödé \n "🚀"',
        moves: update.moves.map((move) => ({ ...move, from: 'a:1.5' })),
      };

      const [created] = await store.create([update]);
      const asCreated = await store.get('up-1');
      await store.replace(moved, created?.revision ?? '');

      expect(asCreated?.update).toEqual(update);
      expect((await store.get('up-1'))?.update).toEqual(moved);
    });

    test('replace writes over the revision it was given, and gives a new one', async () => {
      const [first] = await store.create([nth(1)]);

      const second = await store.replace(nth(1, { message: 'second' }), first?.revision ?? '');
      const third = await store.replace(nth(1, { message: 'third' }), second.revision);

      expect(new Set([first?.revision, second.revision, third.revision]).size).toBe(3);
      expect(await store.get('up-1')).toEqual(third);
      expect(third.update.message).toBe('third');
    });

    test('replace with a revision that is not the stored one is a conflict and changes nothing', async () => {
      const [first] = await store.create([nth(1)]);
      const second = await store.replace(nth(1, { message: 'second' }), first?.revision ?? '');

      for (const stale of [first?.revision ?? '', '', 'x', '-1', '99999']) {
        await expect(store.replace(nth(1, { message: 'stale' }), stale)).rejects.toMatchObject({
          code: 'conflict',
        });
      }

      expect(await store.get('up-1')).toEqual(second);
    });

    test('replace of what is not there is not-found and writes nothing', async () => {
      await expect(store.replace(nth(1), '1')).rejects.toMatchObject({ code: 'not-found' });

      expect(await store.get('up-1')).toBeUndefined();
    });

    test('of many that replace the same revision exactly one wins', async () => {
      const [first] = await store.create([nth(1)]);

      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          store.replace(nth(1, { message: `writer ${n}` }), first?.revision ?? ''),
        ),
      );

      const winners = outcomes.filter(({ status }) => status === 'fulfilled');
      const codes = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(winners).toHaveLength(1);
      expect(codes).toHaveLength(19);
      for (const error of codes) expect(error).toMatchObject({ code: 'conflict' });
    });

    test('open gives what is unfinished, oldest first, whatever the order of writing', async () => {
      await store.create([nth(3), nth(1), nth(2)]);

      expect(await names(store.open())).toEqual(['up-1', 'up-2', 'up-3']);
    });

    test('open gives an ended update only while its announcement is pending', async () => {
      const written = await store.create([nth(1), nth(2), nth(3), nth(4)]);
      const states = [[], ['sent', 'pending'], ['sent'], ['abandoned']] as const;
      for (const [n, own] of states.entries()) {
        await store.replace(ended(nth(n + 1), ...own), written[n]?.revision ?? '');
      }

      expect(await names(store.open())).toEqual(['up-2']);

      const told = await store.get('up-2');
      await store.replace(ended(nth(2), 'sent', 'sent'), told?.revision ?? '');
      expect(await store.open()).toEqual([]);
    });

    test('open of one workload leaves out the others, also those with a similar name', async () => {
      const [other, similar] = [keyOf('cart'), { ...keyOf(), namespace: 'default2' }];
      await store.create([nth(4), nth(2, { workload: other }), nth(3, { workload: similar }), nth(1)]);

      expect(await names(store.open(keyOf()))).toEqual(['up-1', 'up-4']);
      expect(await names(store.open(other))).toEqual(['up-2']);
      expect(await names(store.open({ ...keyOf(), cluster: 'elsewhere' }))).toEqual([]);
    });

    test('open of one workload also gives one whose end is to be announced', async () => {
      const [first] = await store.create([nth(1)]);
      await store.replace(ended(nth(1), 'pending'), first?.revision ?? '');

      expect(await names(store.open(keyOf()))).toEqual(['up-1']);
    });

    test('ofWorkload gives open and ended ones, newest first, at most the limit', async () => {
      const written = await store.create([
        nth(2),
        nth(1),
        nth(4),
        nth(3),
        nth(5, { workload: keyOf('cart') }),
      ]);
      await store.replace(ended(nth(1)), written[1]?.revision ?? '');
      await store.replace(ended(nth(4)), written[2]?.revision ?? '');

      expect(await names(store.ofWorkload(keyOf(), 10))).toEqual(['up-4', 'up-3', 'up-2', 'up-1']);
      expect(await names(store.ofWorkload(keyOf(), 2))).toEqual(['up-4', 'up-3']);
      expect(await names(store.ofWorkload(keyOf('cart'), 10))).toEqual(['up-5']);
    });

    test('what was removed is gone, and can be created anew', async () => {
      const [first, second] = await store.create([nth(1), nth(2)]);
      const changed = await store.replace(ended(nth(1)), first?.revision ?? '');

      await store.remove('up-1', changed.revision);

      expect(await store.get('up-1')).toBeUndefined();
      expect(await names(store.ofWorkload(keyOf(), 10))).toEqual(['up-2']);
      expect((await store.get('up-2'))?.revision).toBe(second?.revision);
      expect((await store.create([nth(1)]))[0]?.created).toBe(true);
    });

    test('remove of what has changed meanwhile is a conflict, of what is not there it is nothing', async () => {
      const [first] = await store.create([nth(1)]);
      const changed = await store.replace(ended(nth(1)), first?.revision ?? '');

      await expect(store.remove('up-1', first?.revision ?? '')).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.get('up-1')).toEqual(changed);
      await store.remove('up-2', '1');
    });

    test('200 names, each created 8 times at once, are created once each', async () => {
      const all = Array.from({ length: 200 }, (_, n) => nth(n));

      const answers = await Promise.all(
        Array.from({ length: 8 }, () => all.map((update) => store.create([update]))).flat(),
      );

      const created = answers.flat().filter((one) => one.created);
      expect(answers).toHaveLength(1600);
      expect(created.map(({ update }) => update.name).sort()).toEqual(all.map((one) => one.name).sort());
      expect(await store.open()).toHaveLength(200);
    });
  });
}
