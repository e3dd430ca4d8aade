import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../../src/core/errors.ts';
import type { Notice, Severity } from '../../../src/core/notice.ts';
import type { AnnouncementResult, Notifier } from '../../../src/core/ports.ts';
import type { Workload } from '../../../src/core/workload.ts';
import type { Ledger } from '../../../src/flows/changes/ledger.ts';
import { createTellNotice } from '../../../src/flows/changes/tell-notices.ts';
import { keyOf } from '../../support/builders.ts';
import { aWatched, createChangeHarness, said, type ChangeHarness } from '../../support/change-harness.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeLog } from '../../support/fake-log.ts';
import { createFakeMetrics } from '../../support/fake-metrics.ts';

const at = (generation: number, tag: string, name = 'shop'): Workload => {
  const image = `quay.io/acme/shop:${tag}`;
  return aWatched({ key: keyOf(name), generation, observedGeneration: generation, image });
};
const failure: AnnouncementResult = { kind: 'failed', message: 'down', retryAfterMs: undefined };

/** A notifier that answers as it is told to. */
function aNotifier(
  name: string,
  answer: (notice: Notice, worst?: Severity) => AnnouncementResult | Promise<AnnouncementResult>,
  wants: (notice: Notice) => boolean = () => true,
): Notifier & { readonly told: string[] } {
  const told: string[] = [];
  return {
    ...{ name, told, wants, takes: () => false },
    tell: () => Promise.reject(new Error('no update is told here')),
    async bring(notice, _signal, worst) {
      told.push(said(notice));
      return answer(notice, worst);
    },
  };
}

async function begun(harness: ChangeHarness): Promise<ChangeHarness> {
  await harness.list(at(1, '1'), at(1, '1', 'till'));
  return harness;
}

describe('whoever is told', () => {
  test('is told what he wants, and nothing else is written for him', async () => {
    const picky = aNotifier(
      'notify-picky',
      () => ({ kind: 'sent' }),
      ({ workload }) => workload.name === 'till',
    );
    const harness = await begun(createChangeHarness({ notifiers: [picky] }));
    await harness.put(at(2, '2'), at(2, '2', 'till'));

    expect(picky.told).toEqual(['image-changed till: 1 → 2']);
  });

  test('hears of one workload in the order in which it happened, and of others meanwhile', async () => {
    const answers: AnnouncementResult[] = [failure];
    const slow = aNotifier('notify-slow', ({ workload }) =>
      workload.name === 'shop' ? (answers.shift() ?? { kind: 'sent' }) : { kind: 'sent' },
    );
    const harness = await begun(createChangeHarness({ notifiers: [slow] }));
    await harness.put(at(2, '2'));
    await harness.put(at(3, '3'), at(2, '2', 'till'));
    expect(slow.told).toEqual(['image-changed shop: 1 → 2', 'image-changed till: 1 → 2']);

    await harness.clock.advance(10_000);

    expect(slow.told.slice(2)).toEqual(['image-changed shop: 1 → 2', 'image-changed shop: 2 → 3']);
  });

  test('holds up nobody else by never answering', async () => {
    const stuck = aNotifier('notify-stuck', () => new Promise<never>(() => undefined));
    const other = aNotifier('notify-other', () => ({ kind: 'sent' }));
    const harness = await begun(createChangeHarness({ notifiers: [stuck, other] }));
    await harness.put(at(2, '2'));
    await harness.put(at(3, '3'));

    expect(stuck.told).toHaveLength(1);
    expect(other.told).toEqual(['image-changed shop: 1 → 2', 'image-changed shop: 2 → 3']);
  });

  test('is told again when he has not taken it, as the schedule says, also by the next process', async () => {
    let answer: AnnouncementResult = failure;
    const down = aNotifier('notify-down', () => answer);
    const harness = await begun(createChangeHarness({ notifiers: [down] }));
    await harness.put(at(2, '2'));
    await harness.restart();
    await harness.list(at(2, '2'), at(1, '1', 'till'));
    await harness.clock.advance(6_000);
    expect(down.told).toHaveLength(2);
    expect(harness.log.lines.at(-1)).toMatchObject({
      ...{ level: 'warn', message: 'announcement not taken' },
      fields: { receiver: 'notify-down', state: 'pending', attempts: 2, message: 'down' },
    });

    answer = { kind: 'sent' };
    await harness.clock.advance(3_600_000);

    expect(down.told).toHaveLength(3);
  });

  test('and does not exist any more is told nothing more; what comes after it is told', async () => {
    const answers: AnnouncementResult[] = [{ kind: 'abandoned', message: 'gone' }];
    const gone = aNotifier('notify-gone', () => answers.shift() ?? { kind: 'sent' });
    const harness = await begun(createChangeHarness({ notifiers: [gone] }));
    await harness.put(at(2, '2'));
    await harness.put(at(3, '3'));
    await harness.clock.advance(3_600_000);

    expect(gone.told).toEqual(['image-changed shop: 1 → 2', 'image-changed shop: 2 → 3']);
    expect(harness.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'announcement not taken', fields: { state: 'abandoned', message: 'gone' } },
    ]);
  });

  test('in quiet hours is told when they are over, and it was no try', async () => {
    const answers: AnnouncementResult[] = [{ kind: 'postponed', ms: 3_600_000 }];
    const quiet = aNotifier('notify-quiet', () => answers.shift() ?? { kind: 'sent' });
    const harness = await begun(createChangeHarness({ notifiers: [quiet] }));
    await harness.put(at(2, '2'));
    await harness.clock.advance(3_599_999);
    expect(quiet.told).toHaveLength(1);

    await harness.clock.advance(1);

    expect(quiet.told).toHaveLength(2);
    expect(harness.metrics.counted.filter((one) => one.startsWith('announcement'))).toEqual([
      'announcement:sent',
    ]);
  });

  test('in quiet hours hears at once of what cannot wait, after what led to it', async () => {
    const quiet = aNotifier('notify-quiet', (_notice, worst) =>
      worst === 'warning' ? { kind: 'sent' } : { kind: 'postponed', ms: 3_600_000 },
    );
    const harness = await begun(createChangeHarness({ notifiers: [quiet] }));
    await harness.put(at(2, '2'));
    await harness.put(at(2, '2', 'till'));
    quiet.told.length = 0;

    await harness.remove();

    expect(quiet.told).toEqual(['image-changed shop: 1 → 2', 'deleted shop: 2']);
  });

  test('that refuses one message is told the next all the same, after a few tries', async () => {
    const picky = aNotifier('notify-picky', (notice) =>
      said(notice).endsWith('→ 2') ? failure : { kind: 'sent' },
    );
    const harness = await begun(createChangeHarness({ notifiers: [picky] }));
    await harness.put(at(2, '2'));
    await harness.put(at(3, '3'));
    expect(picky.told).toEqual(['image-changed shop: 1 → 2']);

    await harness.clock.advance(10 * 60_000);

    expect(picky.told.slice(-1)).toEqual(['image-changed shop: 2 → 3']);
    await harness.put(at(4, '4'));
    expect(picky.told.slice(-1)).toEqual(['image-changed shop: 3 → 4']);
  });

  test('by a fault of ours is tried again, and nothing else stops', async () => {
    let faults = 1;
    const broken = aNotifier('notify-broken', () => {
      if (faults-- > 0) throw new AppError('internal', 'a fault of ours');
      return { kind: 'sent' };
    });
    const harness = await begun(createChangeHarness({ notifiers: [broken] }));
    await harness.put(at(2, '2'));
    await harness.clock.advance(1_000);

    expect(broken.told).toHaveLength(2);
    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'step failed, retrying' }),
    );
  });
});

describe('a process that is about to end', () => {
  test('tells what is due, and begins nothing any more', async () => {
    const answer = Promise.withResolvers<AnnouncementResult>();
    const slow = aNotifier('notify-slow', () => answer.promise);
    const harness = await begun(createChangeHarness({ notifiers: [slow] }));
    await harness.put(at(2, '2'));
    const drained = harness.lead.drain(10_000);
    answer.resolve({ kind: 'sent' });
    await harness.clock.advance(0);
    await drained;
    harness.lead.acquired();
    await harness.put(at(3, '3'));

    expect(slow.told).toEqual(['image-changed shop: 1 → 2']);
    expect(harness.log.lines.at(-1)?.message).toBe('announcement sent');
  });

  test('waits no longer than it may', async () => {
    const stuck = aNotifier('notify-stuck', () => new Promise<never>(() => undefined));
    const harness = await begun(createChangeHarness({ notifiers: [stuck] }));
    await harness.put(at(2, '2'));
    let isOver = false;
    void harness.lead.drain(10_000).then(() => (isOver = true));
    await harness.clock.advance(9_999);
    expect(isOver).toBe(false);
  });
});

test('a place that is left alone costs nothing, however much waits for it', async () => {
  const looked = (): never => {
    throw new Error('nobody has to look');
  };
  const ledger: Ledger = { book: looked, box: looked, settle: looked, tried: looked, flush: looked };
  const notifier: Notifier = {
    name: 'notify-busy',
    ...{ takes: () => false, tell: looked, wants: () => true, bring: looked, busyMs: () => 5000 },
  };
  const context = {
    clock: createFakeClock(),
    log: createFakeLog(),
    metrics: createFakeMetrics(),
    random: () => 0,
  };
  const tell = createTellNotice(context, notifier);

  expect(await tell({ ledger, id: 'ch-1' }, new AbortController().signal)).toEqual({
    next: { kind: 'after', ms: 5000 },
    following: [],
  });
});
