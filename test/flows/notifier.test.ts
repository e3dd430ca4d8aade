import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Clock, Message, Sink } from '../../src/core/ports.ts';
import { usualWording } from '../../src/core/wording.ts';
import type { Announcement } from '../../src/core/update.ts';
import { createNotifier, type NotifierOptions } from '../../src/flows/notifier.ts';
import { changeKinds } from '../../src/core/change-kinds.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { aWatched, createChangeHarness } from '../support/change-harness.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aMessage } from '../contract/sink.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createHarness } from '../support/harness.ts';

/** A sink that keeps what it gets; it takes nothing while `full`, and asks to be left alone. */
function aSink() {
  const sent: Message[] = [];
  const sink: Sink & { full: boolean; retryAfterMs: number } = {
    ...{ full: false, retryAfterMs: 60_000 },
    send(message) {
      const { retryAfterMs } = sink;
      if (sink.full) return Promise.reject(new AppError('rate-limited', 'full', { retryAfterMs }));
      sent.push(message);
      return Promise.resolve();
    },
  };
  return { sent, sink };
}

/** The flows with one notifier, and an update that has come to its end at `at`. */
async function delivered(different: Partial<NotifierOptions>, at: string) {
  const { sent, sink } = aSink();
  const harness = createHarness({
    workloads: [aWorkload()],
    at: new Date(at),
    around: (context) => ({
      ...context,
      receivers: [
        createNotifier({
          ...{ name: 'deploys', sink, clock: context.clock, log: context.log, wording: usualWording },
          quiet: undefined,
          ...{ filter: { events: ['update.succeeded', 'update.failed'] }, ...different },
          teamOf: () => 'checkout',
          link: ({ name }) => `https://more.example/${name}`,
        }),
      ],
    }),
  });
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  harness.cluster.converge(keyOf());
  await harness.settle();
  return { harness, sent, sink, name: updates[0] ?? '' };
}

const announcementsOf = async ({ harness, name }: Awaited<ReturnType<typeof delivered>>) =>
  (await harness.context.store.get(name))?.update.announcements;

describe('a notifier', () => {
  test('tells its sink once, in words', async () => {
    const run = await delivered({}, '2026-01-01T12:00:00Z');

    expect(run.sent).toHaveLength(1);
    expect(run.sent[0]?.notice).toMatchObject({
      kind: 'update.succeeded',
      team: 'checkout',
      thread: run.name,
    });
    expect(run.sent[0]?.text).toContain(`shop deployed to default`);
    expect(run.sent[0]?.text).toContain(`https://more.example/${run.name}`);
    expect(await announcementsOf(run)).toMatchObject([{ receiver: 'deploys', state: 'sent', attempts: 1 }]);
  });

  test.each([
    ['events', { events: ['update.failed'] }],
    ['namespaces', { events: ['update.succeeded'], namespaces: ['other'] }],
    ['teams', { events: ['update.succeeded'], teams: ['search'] }],
    ['severity', { events: ['update.succeeded'], severity: 'error' }],
  ] as const)('that does not want it, by %s, is not even noted', async (_, filter) => {
    const run = await delivered({ filter }, '2026-01-01T12:00:00Z');

    expect([run.sent, await announcementsOf(run)]).toEqual([[], []]);
  });

  test('that its sink says nothing of is not even noted', async () => {
    const { sink } = aSink();
    const run = await delivered(
      { sink: { ...sink, tells: (kind) => kind !== 'update.succeeded' } },
      '2026-01-01T12:00:00Z',
    );
    const notifier = createNotifier({
      ...{ name: 'ops', sink: { ...sink, tells: (kind) => kind === 'workload.failed' }, quiet: undefined },
      ...{ filter: { events: changeKinds }, wording: usualWording, clock: run.harness.clock },
      ...{ log: run.harness.log, teamOf: () => undefined, link: () => undefined },
    });
    const heard = changeKinds.filter((kind) => notifier.wants(aMessage({ kind }).notice));

    expect(await announcementsOf(run)).toEqual([]);
    expect(heard).toEqual(['workload.failed']);
  });

  test('tells after the quiet hours, and that is no failed try', async () => {
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60, zone: 'UTC', except: 'error' } as const;
    const run = await delivered({ quiet }, '2026-01-01T23:00:00Z');
    expect(run.sent).toEqual([]);
    expect(await announcementsOf(run)).toMatchObject([{ state: 'pending', attempts: 0 }]);

    await run.harness.clock.advance(8 * 3_600_000 - 1);
    expect(run.sent).toEqual([]);
    await run.harness.clock.advance(1);

    expect(run.sent).toHaveLength(1);
    expect(await announcementsOf(run)).toMatchObject([{ state: 'sent', attempts: 1 }]);
    expect(run.harness.log.lines.map(({ message }) => message)).not.toContain('announcement not taken');
  });

  test('says nothing where its template says nothing', async () => {
    const run = await delivered({ wording: () => '' }, '2026-01-01T12:00:00Z');

    expect(run.sent).toEqual([]);
    expect(await announcementsOf(run)).toMatchObject([{ state: 'sent' }]);
  });

  test('tells when they are over though clocks were put forward in between', async () => {
    const zone = 'Europe/Copenhagen';
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60, zone, except: 'error' } as const;
    const run = await delivered({ quiet }, '2026-03-28T21:30:00Z');

    await run.harness.clock.advance(7.5 * 3_600_000 - 1);
    expect(run.sent).toEqual([]);
    await run.harness.clock.advance(1);

    expect(run.sent).toHaveLength(1);
  });

  test('tells at once what cannot wait for the end of quiet hours, after what led to it', async () => {
    const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60, zone: 'UTC', except: 'error' } as const;
    const filter = { events: ['update.succeeded', 'update.failed'] } as const;
    const run = await delivered({ quiet, filter }, '2026-01-01T23:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const update = (await run.harness.context.store.get(run.name))?.update;
    const pending = update?.announcements[0];
    if (!update || !pending) throw new Error('nothing waits');
    const tell = (announcements: readonly Announcement[]) =>
      receiver?.tell({ ...update, announcements }, 'update.succeeded', new AbortController().signal);

    expect(await tell([pending])).toMatchObject({ kind: 'postponed' });
    expect(await tell([pending, { ...pending, event: 'update.failed', receiver: 'other' }])).toMatchObject({
      kind: 'postponed',
    });
    expect(await tell([pending, { ...pending, event: 'update.failed', state: 'sent' }])).toMatchObject({
      kind: 'postponed',
    });
    expect(run.sent).toEqual([]);
    expect(await tell([pending, { ...pending, event: 'update.failed' }])).toEqual({ kind: 'sent' });
  });

  test('leaves a sink alone that asks for it, whatever else there is to tell', async () => {
    const { sink, sent } = aSink();
    const run = await delivered({ sink }, '2026-01-01T12:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const update = (await run.harness.context.store.get(run.name))?.update;
    const tell = () => update && receiver?.tell(update, 'update.succeeded', new AbortController().signal);
    sink.full = true;
    expect(await tell()).toEqual({ kind: 'postponed', ms: 60_100 });
    sink.full = false;

    expect(await tell()).toEqual({ kind: 'postponed', ms: 60_000 });
    await run.harness.clock.advance(59_999);
    expect(await tell()).toEqual({ kind: 'postponed', ms: 1 });
    expect(sent).toHaveLength(1);
    await run.harness.clock.advance(1);

    expect(await tell()).toEqual({ kind: 'sent' });
    expect(sent).toHaveLength(2);
  });

  describe('that is asked to leave its sink alone', () => {
    const pauses = ({ harness }: Awaited<ReturnType<typeof delivered>>) =>
      harness.log.lines.filter(({ message }) => message.startsWith('asked to be left alone'));

    /** The same event as often as one likes. */
    async function telling() {
      const { sink } = aSink();
      const run = await delivered({ sink }, '2026-01-01T12:00:00Z');
      const [receiver] = run.harness.context.receivers;
      const update = (await run.harness.context.store.get(run.name))?.update;
      if (!update) throw new Error('no update');
      sink.full = true;
      const tell = () => receiver?.tell(update, 'update.succeeded', new AbortController().signal);
      return { run, sink, tell };
    }

    test('for long says so once, however much waits or was under way', async () => {
      const { run, sink, tell } = await telling();
      sink.retryAfterMs = 600_000;

      await Promise.all([tell(), tell(), tell()]);
      await run.harness.clock.advance(1000);
      await tell();

      expect(pauses(run)).toEqual([
        {
          level: 'warn',
          message: 'asked to be left alone: nothing is told there until then, and one by one for a while',
          fields: { receiver: 'deploys', waitMs: 600_000, until: '2026-01-01T12:10:00.000Z', why: 'full' },
        },
      ]);
    });

    test('and is again when that is over says so again', async () => {
      const { run, sink, tell } = await telling();
      sink.retryAfterMs = 48 * 3_600_000;

      await tell();
      await run.harness.clock.advance(24 * 3_600_000);
      await tell();

      expect(pauses(run).map(({ fields }) => fields.until)).toEqual([
        '2026-01-02T12:00:00.000Z',
        '2026-01-03T12:00:00.000Z',
      ]);
    });

    test('for longer than it has said says so', async () => {
      const { run, sink, tell } = await telling();
      const slow = Promise.withResolvers<undefined>();
      const send = sink.send;
      sink.send = async (...call) => slow.promise.then(() => send(...call));
      const late = tell();
      sink.send = send;
      sink.retryAfterMs = 120_000;
      await tell();

      sink.retryAfterMs = 600_000;
      slow.resolve(undefined);
      await late;

      expect(pauses(run).map(({ fields }) => fields.waitMs)).toEqual([120_000, 600_000]);
    });

    test('for moments, again and again, says so once in ten minutes', async () => {
      const { run, sink, tell } = await telling();
      sink.retryAfterMs = 1000;
      for (let second = 0; second < 300; second++) {
        await tell();
        await run.harness.clock.advance(1000);
      }
      expect(pauses(run)).toHaveLength(1);

      await run.harness.clock.advance(611_000);
      await tell();
      expect(pauses(run)).toHaveLength(2);
    });
  });

  test('waits as long as its sink asks, and has nothing to say of what never happened', async () => {
    const { sink, sent } = aSink();
    const run = await delivered({ sink }, '2026-01-01T12:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const stored = await run.harness.context.store.get(run.name);
    sink.full = true;

    const update = stored?.update;
    const results = update && [
      await receiver?.tell(update, 'update.succeeded', new AbortController().signal),
      await receiver?.tell(update, 'update.failed', new AbortController().signal),
    ];

    expect(sent).toHaveLength(1);
    expect(results).toEqual([
      { kind: 'postponed', ms: 60_100 },
      { kind: 'abandoned', message: 'nothing to say about update.failed' },
    ]);
  });

  describe('whose place takes so many at a time', () => {
    /** Takes one message a second, and needs a moment to say so. */
    function aSlowPlace(clock: Clock, retryAfterMs: number | undefined) {
      const nowMs = (): number => clock.monotonicMs();
      const texts: string[] = [];
      let freeAtMs = -Infinity;
      let refused = 0;
      const sink: Sink = {
        async send({ text }) {
          await new Promise<void>((resolve) => void clock.after(20, resolve));
          if (nowMs() >= freeAtMs) {
            texts.push(text);
            freeAtMs = nowMs() + 1000;
            return;
          }
          refused++;
          throw new AppError('rate-limited', 'slow down', retryAfterMs === undefined ? {} : { retryAfterMs });
        },
      };
      return { sink, texts, refused: () => refused };
    }

    /** A minute of everything at once: 60 changes, each of its own workload. */
    async function told(retryAfterMs: number | undefined, forMs: number) {
      const clock = createFakeClock();
      const log = createFakeLog();
      const place = aSlowPlace(clock, retryAfterMs);
      const notifier = createNotifier({
        ...{ name: 'deploys', sink: place.sink, clock, log, quiet: undefined },
        ...{ wording: ({ workload }) => workload.name, filter: { events: changeKinds } },
        ...{ teamOf: () => undefined, link: () => undefined },
      });
      const harness = createChangeHarness({ clock, notifiers: [notifier], context: { log } });
      const names = Array.from({ length: 60 }, (_, n) => `shop-${n}`);
      await harness.list();
      await harness.put(...names.map((name) => aWatched({ key: keyOf(name), uid: name })));
      await clock.advance(forMs);
      return { ...place, names, log };
    }

    test('gets everything at its pace, which is no failed try', async () => {
      const { texts, names, refused, log } = await told(1000, 70_000);

      expect(texts.toSorted()).toEqual(names.toSorted());
      expect(refused()).toBeLessThan(130);
      expect(log.lines.filter(({ message }) => message === 'announcement not taken')).toEqual([]);
      expect(log.lines.filter(({ message }) => message.startsWith('asked to be left'))).toHaveLength(1);
    });

    test('gets it at the usual one where it does not say', async () => {
      const { texts, names } = await told(undefined, 600_000);

      expect(texts.toSorted()).toEqual(names.toSorted());
    });
  });

  test('whose place takes all but one thing tells the others meanwhile', async () => {
    const clock = createFakeClock();
    const texts: string[] = [];
    const sink: Sink = {
      send({ text }) {
        if (text === 'shop-0')
          return Promise.reject(new AppError('rate-limited', 'no', { retryAfterMs: 30_000 }));
        texts.push(text);
        return Promise.resolve();
      },
    };
    const notifier = createNotifier({
      ...{ name: 'deploys', sink, clock, log: createFakeLog(), quiet: undefined },
      ...{ wording: ({ workload }) => workload.name, filter: { events: changeKinds } },
      ...{ teamOf: () => undefined, link: () => undefined },
    });
    const harness = createChangeHarness({ clock, notifiers: [notifier] });
    const names = Array.from({ length: 20 }, (_, n) => `shop-${n}`);
    await harness.list();
    await harness.put(...names.map((name) => aWatched({ key: keyOf(name), uid: name })));
    await clock.advance(60_000);

    expect(texts.toSorted()).toEqual(names.slice(1).toSorted());
  });

  test('whose place refuses one thing for ever tells what comes after it, for the same workload too', async () => {
    const clock = createFakeClock();
    const texts: string[] = [];
    let refused = 0;
    const sink: Sink = {
      send({ text }) {
        if (text === 'shop created') {
          refused++;
          return Promise.reject(new AppError('rate-limited', 'no'));
        }
        texts.push(text);
        return Promise.resolve();
      },
    };
    const notifier = createNotifier({
      ...{ name: 'deploys', sink, clock, log: createFakeLog(), quiet: undefined },
      ...{ wording: ({ workload, kind }) => `${workload.name} ${kind.slice('workload.'.length)}` },
      ...{ filter: { events: changeKinds }, teamOf: () => undefined, link: () => undefined },
    });
    const harness = createChangeHarness({ clock, notifiers: [notifier] });
    await harness.list();
    await harness.put(aWatched());
    await harness.put(aWatched({ generation: 2, observedGeneration: 2, image: 'a:2' }));
    for (let n = 0; n < 48; n++) {
      await harness.put(aWatched({ key: keyOf(`other-${n}`), uid: `uid-${n}` }));
      await clock.advance(1_800_000);
    }

    expect(texts).toContain('shop image-changed');
    expect(texts.indexOf('shop image-changed')).toBeLessThan(8);
    expect(refused).toBeLessThan(500);
  });

  test('that is stopped sends nothing more, though it is its turn', async () => {
    const { sink, sent } = aSink();
    const run = await delivered({ sink }, '2026-01-01T12:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const update = (await run.harness.context.store.get(run.name))?.update;
    if (!update) throw new Error('no update');

    await expect(receiver?.tell(update, 'update.succeeded', AbortSignal.abort())).rejects.toThrow();
    expect(sent).toHaveLength(1);
  });

  test('takes its time from when it refused first, however old what it is told is', async () => {
    const run = await delivered({}, '2026-01-01T12:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const update = (await run.harness.context.store.get(run.name))?.update;
    const tell = () => update && receiver?.tell(update, 'update.succeeded', new AbortController().signal);
    await run.harness.clock.advance(8 * 3_600_000);
    run.sink.full = true;
    expect(await tell()).toMatchObject({ kind: 'postponed' });
    await run.harness.clock.advance(3_599_999);
    run.sink.full = false;
    expect(await tell()).toEqual({ kind: 'sent' });

    run.sink.full = true;
    expect(await tell()).toMatchObject({ kind: 'postponed' });
    await run.harness.clock.advance(3_599_999);
    expect(await tell()).toMatchObject({ kind: 'postponed' });
  });

  test('that is told too much for an hour counts that as failed tries, which have an end', async () => {
    const run = await delivered({}, '2026-01-01T12:00:00Z');
    const [receiver] = run.harness.context.receivers;
    const update = (await run.harness.context.store.get(run.name))?.update;
    const tell = () => update && receiver?.tell(update, 'update.succeeded', new AbortController().signal);
    run.sink.full = true;
    expect(await tell()).toMatchObject({ kind: 'postponed' });
    await run.harness.clock.advance(3_600_000);

    expect(await tell()).toMatchObject({ kind: 'failed', message: 'full' });
  });
});
