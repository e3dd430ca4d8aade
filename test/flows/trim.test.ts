import { describe, expect, test } from '@jest/globals';
import { trim } from '../../src/flows/trim.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createHarness } from '../support/harness.ts';

const hourMs = 3_600_000;
const now = new Date('2026-03-01T00:00:00Z');

/** The n-th update, finished so many hours ago. */
function finished(n: number, hoursAgo: number): Update {
  const at = new Date(now.getTime() - hoursAgo * hourMs);
  return enter(anUpdate({ name: `up-${n}` }, at), 'Failed', at, { reason: 'refused' });
}

async function storeOf(updates: readonly Update[]) {
  const store = createMemoryStore();
  for (const update of updates) {
    const [first] = await store.create([anUpdate({ ...update, phase: 'Pending' })]);
    await store.replace(update, first?.revision ?? '');
  }
  return store;
}

/** Names that are left after a trim, newest first. */
async function leftOf(updates: readonly Update[]): Promise<readonly string[]> {
  const store = await storeOf(updates);
  await trim({ store, clock: createFakeClock(now), log: createFakeLog() }, keyOf());
  return (await store.ofWorkload(keyOf(), 1000)).map(({ update }) => update.name);
}

describe('trimming', () => {
  test('keeps the last ten of a workload, however old', async () => {
    const updates = Array.from({ length: 14 }, (_, n) => finished(n, 100 - n));

    expect(await leftOf(updates)).toEqual(Array.from({ length: 10 }, (_, n) => `up-${13 - n}`));
  });

  test('keeps what people have rejected, however old, a hundred updates back', async () => {
    const at = new Date(now.getTime() - 90 * 24 * hourMs);
    const rejected = (n: number): Update => {
      const asked = enter(anUpdate({ name: `up-${n}` }, new Date(at.getTime() + n)), 'AwaitingApproval', at);
      return enter(asked, 'Rejected', at);
    };
    const updates = [
      ...Array.from({ length: 12 }, (_, n) => rejected(n)),
      ...Array.from({ length: 105 }, (_, n) => finished(n + 12, 1)),
    ];

    const left = await leftOf(updates);

    expect(left.filter((name) => Number(name.slice(3)) < 12)).toEqual(
      [11, 10, 9, 8, 7].map((n) => `up-${n}`),
    );
  });

  test('keeps every tombstone for a day, however many', async () => {
    const updates = Array.from({ length: 40 }, (_, n) => finished(n, 23));

    expect(await leftOf(updates)).toHaveLength(40);
  });

  test('keeps what is not finished, not told, or of another workload', async () => {
    const recent = Array.from({ length: 10 }, (_, n) => finished(n, 1));
    const dueAt = now.toISOString();
    const untold: Update = {
      ...finished(20, 99),
      announcements: [{ receiver: 'webhook', event: 'update.failed', state: 'pending', attempts: 3, dueAt }],
    };
    const open = anUpdate({ name: 'up-21' }, new Date(now.getTime() - 99 * hourMs));
    const other = { ...finished(22, 99), workload: keyOf('cart') };
    const store = await storeOf([...recent, untold, open, other, finished(23, 99)]);

    await trim({ store, clock: createFakeClock(now), log: createFakeLog() }, keyOf());

    expect(await store.get('up-20')).toBeDefined();
    expect(await store.get('up-21')).toBeDefined();
    expect(await store.get('up-22')).toBeDefined();
    expect(await store.get('up-23')).toBeUndefined();
  });

  test('leaves one that was changed meanwhile', async () => {
    const store = await storeOf([
      finished(0, 99),
      ...Array.from({ length: 10 }, (_, n) => finished(n + 1, 1)),
    ]);
    const ofWorkload: typeof store.ofWorkload = async (key, limit) => {
      const found = await store.ofWorkload(key, limit);
      const oldest = found.at(-1);
      if (oldest) await store.replace(oldest.update, oldest.revision);
      return found;
    };

    await trim(
      { store: { ...store, ofWorkload }, clock: createFakeClock(now), log: createFakeLog() },
      keyOf(),
    );

    expect(await store.get('up-0')).toBeDefined();
  });
});

test('the end of an update trims its workload', async () => {
  const harness = createHarness({ store: await storeOf([finished(0, 9000)]) });
  const first = await harness.context.store.get('up-0');
  expect(first).toBeDefined();

  for (let n = 1; n <= 11; n++) {
    await harness.push(`1.${n}.0`);
    await harness.settle();
    harness.cluster.converge(keyOf());
    await harness.settle();
  }

  // The builder's clock starts in January; the record is from February of the year before.
  expect(await harness.context.store.get('up-0')).toBeUndefined();
});
