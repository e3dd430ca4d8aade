import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { AnnouncementResult, Receiver, Store } from '../../src/core/ports.ts';
import type { Announcement } from '../../src/core/update.ts';
import { replay, type ReplayResult } from '../../src/flows/replay.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { keyOf } from '../support/builders.ts';
import { createHarness, type Harness } from '../support/harness.ts';

interface Ended {
  readonly harness: Harness;
  readonly name: string;
  /** What the second receiver, `slack`, was told. */
  readonly slack: readonly string[];
  again(receiver?: string): Promise<ReplayResult>;
  entries(): Promise<readonly Announcement[]>;
}

/** An update that succeeded and was told to `webhook` and `slack`. */
async function anEndedUpdate(answers: readonly AnnouncementResult[] = [], store?: Store): Promise<Ended> {
  const slack: string[] = [];
  const second: Receiver = {
    name: 'slack',
    tell: ({ name }) => {
      slack.push(name);
      return Promise.resolve({ kind: 'sent' });
    },
  };
  const harness = createHarness({
    receiver: answers,
    ...(store ? { store } : {}),
    around: (context) => ({ ...context, receivers: [...context.receivers, second] }),
  });
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  harness.cluster.converge(keyOf());
  await harness.settle();
  const name = updates[0] ?? '';
  return {
    ...{ harness, name, slack },
    again: (receiver) =>
      replay({ ...harness.context, wake: harness.reconciler.wake }, name, receiver).finally(harness.settle),
    entries: async () => (await harness.context.store.get(name))?.update.announcements ?? [],
  };
}

describe('a replay', () => {
  test('tells every receiver again at once, with the same id and words', async () => {
    const { harness, name, slack, again, entries } = await anEndedUpdate();

    const result = await again();

    expect(result).toEqual({ kind: 'due', receivers: ['webhook', 'slack'] });
    expect(harness.told).toHaveLength(2);
    expect(harness.told[1]).toEqual(harness.told[0]);
    expect(slack).toEqual([name, name]);
    expect((await entries()).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['sent', 1],
      ['sent', 1],
    ]);
    expect(harness.cluster.patches).toHaveLength(1);
  });

  test('of one receiver leaves the others alone', async () => {
    const { harness, name, slack, again } = await anEndedUpdate();

    const result = await again('slack');

    expect(result).toEqual({ kind: 'due', receivers: ['slack'] });
    expect(slack).toEqual([name, name]);
    expect(harness.told).toHaveLength(1);
  });

  test('tells who had given up', async () => {
    const gone: AnnouncementResult = { kind: 'abandoned', message: 'answered 410' };
    const { harness, again, entries } = await anEndedUpdate([gone]);
    expect((await entries())[0]).toMatchObject({ receiver: 'webhook', state: 'abandoned' });

    await again('webhook');

    expect(harness.told).toHaveLength(2);
    expect((await entries())[0]).toMatchObject({ receiver: 'webhook', state: 'sent' });
  });

  test('does not wait for the next try of who is still to be told, and begins the schedule anew', async () => {
    const refused: AnnouncementResult = { kind: 'failed', message: 'answered 500', retryAfterMs: 7_200_000 };
    const { harness, again, entries } = await anEndedUpdate([refused, refused]);
    expect(harness.told).toHaveLength(1);

    await again();

    expect(harness.told).toHaveLength(2);
    expect((await entries())[0]).toMatchObject({ receiver: 'webhook', state: 'pending', attempts: 1 });
  });

  test('is written down, and said in the log', async () => {
    const { harness, name, again } = await anEndedUpdate();

    await again();

    expect(harness.log.lines).toContainEqual({
      level: 'info',
      message: 'announcement asked for again',
      fields: { update: name, receivers: ['webhook', 'slack'] },
    });
  });

  test('survives that somebody else writes the record meanwhile', async () => {
    const store = createMemoryStore();
    let disturbances = 0;
    const { harness, name } = await anEndedUpdate([], store);
    const disturbed: Store = {
      ...store,
      async replace(update, revision) {
        if (disturbances++ < 2) {
          const found = await store.get(update.name);
          if (found) await store.replace(found.update, found.revision);
        }
        return store.replace(update, revision);
      },
    };

    const result = await replay(
      { ...harness.context, store: disturbed, wake: harness.reconciler.wake },
      name,
      'webhook',
    );
    await harness.settle();

    expect(result.kind).toBe('due');
    expect(disturbances).toBe(3);
    expect(harness.told).toHaveLength(2);
  });

  test('of a record that is forgotten in this moment says so', async () => {
    const store = createMemoryStore();
    const { harness, name } = await anEndedUpdate([], store);
    const forgetful: Store = {
      ...store,
      async replace(update, revision) {
        await store.remove(update.name, revision);
        return store.replace(update, revision);
      },
    };

    const result = await replay({ ...harness.context, store: forgetful, wake: () => undefined }, name);

    expect(result).toEqual({ kind: 'not-found', message: `there is no update ${name}` });
  });

  test('that cannot be written is an error, and nobody is woken', async () => {
    const { harness, name } = await anEndedUpdate();
    const full: Store = {
      ...harness.context.store,
      replace: () => Promise.reject(new AppError('unavailable', 'the disk is full')),
    };
    const woken: string[] = [];

    const replaying = replay({ ...harness.context, store: full, wake: (one) => woken.push(one) }, name);

    await expect(replaying).rejects.toMatchObject({ code: 'unavailable' });
    expect(woken).toEqual([]);
  });
});

describe('a replay that cannot be', () => {
  test('an update nobody knows', async () => {
    const { harness } = await anEndedUpdate();

    const result = await replay({ ...harness.context, wake: harness.reconciler.wake }, 'up-0');

    expect(result).toEqual({ kind: 'not-found', message: 'there is no update up-0' });
  });

  test('a receiver nobody knows: those that are there are named', async () => {
    const { again } = await anEndedUpdate();

    expect(await again('sms')).toEqual({
      kind: 'not-found',
      message: 'there is no receiver sms; known: webhook, slack',
    });
  });

  test('a receiver where there is none at all', async () => {
    const { harness, name } = await anEndedUpdate();
    const context = { ...harness.context, receivers: [], wake: harness.reconciler.wake };

    expect(await replay(context, name, 'webhook')).toMatchObject({
      message: 'there is no receiver webhook; known: none',
    });
    expect(await replay(context, name)).toEqual({
      kind: 'conflict',
      message: `update ${name} (Succeeded) never had anything to say to any receiver there is`,
    });
  });

  test('an update that has not ended', async () => {
    const harness = createHarness();
    const { updates } = await harness.push('1.1.0');
    await harness.settle();
    const [name = ''] = updates;

    const result = await replay({ ...harness.context, wake: harness.reconciler.wake }, name);

    expect(result).toEqual({
      kind: 'conflict',
      message: `update ${name} is RollingOut: it is told when it has ended`,
    });
    expect(harness.told).toHaveLength(0);
  });

  test('a receiver that came after the end', async () => {
    const harness = createHarness();
    const { updates } = await harness.push('1.1.0');
    await harness.settle();
    harness.cluster.converge(keyOf());
    await harness.settle();
    const [name = ''] = updates;
    const late: Receiver = { name: 'late', tell: () => Promise.resolve({ kind: 'sent' }) };
    const context = {
      ...harness.context,
      receivers: [...harness.context.receivers, late],
      wake: harness.reconciler.wake,
    };

    expect(await replay(context, name, 'late')).toEqual({
      kind: 'conflict',
      message: `update ${name} (Succeeded) never had anything to say to late`,
    });
    expect(await replay(context, name)).toEqual({ kind: 'due', receivers: ['webhook'] });
  });
});
