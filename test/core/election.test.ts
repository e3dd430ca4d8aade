import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  candidatePauseMs,
  guardedUntilMs,
  heldRecord,
  Lease,
  nextMove,
  observe,
  releasedRecord,
  renewDeadlineMs,
  retryPeriodMs,
  type LeaseRecord,
  type Observation,
} from '../../src/core/election.ts';

const now = new Date('2026-01-01T00:00:10.123Z');

/** A Lease as the API server gives it. */
function aLease(spec: Readonly<Record<string, unknown>> = {}, resourceVersion = '7'): Lease {
  return Lease.parse({
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { name: 'updatekate', resourceVersion, labels: { app: 'x' } },
    spec: {
      holderIdentity: 'other',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:08.000000Z',
      leaseTransitions: 3,
      ...spec,
    },
  });
}

describe('a Lease as read', () => {
  test('keeps what is not ours, and may be empty', () => {
    expect(aLease()).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { labels: { app: 'x' } },
    });
    expect(Lease.parse({ metadata: { resourceVersion: '1' } }).spec).toEqual({});
  });

  test.each([[null], [{}], [{ metadata: {} }]])('%j is none', (value) => {
    expect(Lease.safeParse(value).success).toBe(false);
  });

  test.each([
    [null, {}],
    ['junk', {}],
    [
      { holderIdentity: 1, strategy: 'x' },
      { holderIdentity: undefined, strategy: 'x' },
    ],
    [{ leaseDurationSeconds: 'long' }, { leaseDurationSeconds: undefined }],
    [
      { acquireTime: 1, renewTime: {} },
      { acquireTime: undefined, renewTime: undefined },
    ],
    [{ leaseTransitions: -1 }, { leaseTransitions: undefined }],
    [{ leaseTransitions: 0.5 }, { leaseTransitions: undefined }],
    [{ leaseTransitions: 2 ** 31 - 2 }, { leaseTransitions: 2 ** 31 - 2 }],
    [{ leaseTransitions: 2 ** 31 - 1 }, { leaseTransitions: undefined }],
  ])('what makes no sense in %j is as if it were missing', (spec, read) => {
    expect(Lease.parse({ metadata: { resourceVersion: '1' }, spec }).spec).toEqual(read);
  });
});

const first: Observation = {
  resourceVersion: '7',
  holder: 'other',
  vacant: false,
  sinceMs: 1000,
  durationMs: 15_000,
};

describe('observe', () => {
  test('counts from the first sight of a version, whatever the times in it say', () => {
    const seen = observe(undefined, aLease(), 1000);
    const same = observe(seen, aLease({ renewTime: '2030-01-01T00:00:00.000000Z' }), 9000);
    const next = observe(same, aLease({}, '8'), 10_000);

    expect([seen, same, next]).toEqual([first, first, { ...first, resourceVersion: '8', sinceMs: 10_000 }]);
  });

  test.each<[string, number | null | undefined, number]>([
    ['none', undefined, 15_000],
    ['null', null, 15_000],
    ['less than a guard lasts', 1, 15_000],
    ['longer', 40, 40_000],
    ['for ever', 2 ** 31 - 1, 60_000],
  ])('a holder that asks for %s', (_, leaseDurationSeconds, durationMs) => {
    expect(observe(undefined, aLease({ leaseDurationSeconds }), 1000)).toEqual({ ...first, durationMs });
  });

  test('a release is news', () => {
    const released = aLease({ holderIdentity: '', leaseDurationSeconds: 1 }, '8');

    expect(observe(first, released, 2000).holder).toBe('');
  });

  test.each<[string, Lease | undefined, string]>([
    ['deleted', undefined, 'none'],
    ['emptied', aLease({ holderIdentity: '' }, '8'), '8'],
    ['left without a holder', aLease({ holderIdentity: null, leaseDurationSeconds: null }, '8'), '8'],
    ['left without anything', Lease.parse({ metadata: { resourceVersion: '8' } }), '8'],
  ])("one that was %s by hand counts as its last holder's, from then on", (_, lease, resourceVersion) => {
    const seen = { ...first, vacant: true, resourceVersion, sinceMs: 9000 };

    expect(observe(first, lease, 9000)).toEqual(seen);
    expect(observe(seen, lease, 12_000)).toEqual(seen);
    expect(observe(undefined, lease, 9000)).toEqual({ ...seen, holder: '' });
  });
});

describe('nextMove', () => {
  const wait = (untilMs: number) => ({ kind: 'wait', holder: 'other', untilMs });
  const vacant = { ...first, vacant: true };

  test.each<[string, Observation, boolean, number, object]>([
    ["nobody's", { ...first, holder: '' }, false, 1000, { kind: 'acquire' }],
    ['ours', { ...first, holder: 'me' }, true, 1000, { kind: 'renew' }],
    ['ours and long silent', { ...first, holder: 'me' }, false, 99_000, { kind: 'renew' }],
    ['held', first, false, 1000, wait(16_000)],
    ['held, at the last moment', first, false, 15_999, wait(16_000)],
    ['held, although our guard is not over', first, true, 1000, wait(16_000)],
    ['run out', first, false, 16_000, { kind: 'acquire' }],
    ['held for longer', { ...first, durationMs: 40_000 }, false, 16_000, wait(41_000)],
    ['vacant under us', vacant, true, 1000, { kind: 'renew' }],
    ['vacant under another', vacant, false, 15_999, wait(16_000)],
    ['vacant and run out', vacant, false, 16_000, { kind: 'acquire' }],
    [
      'vacant, ours once: another may have come after us',
      { ...vacant, holder: 'me' },
      false,
      1000,
      { ...wait(16_000), holder: 'me' },
    ],
  ])('%s', (_, seen, holds, nowMs, move) => {
    expect(nextMove(seen, { identity: 'me', holds }, nowMs)).toEqual(move);
  });
});

describe('the record that is written', () => {
  test('a new Lease', () => {
    expect(heldRecord(undefined, 'me', now)).toEqual({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:10.123000Z',
      renewTime: '2026-01-01T00:00:10.123000Z',
      leaseTransitions: 0,
    });
  });

  test('a renewal keeps when it was acquired', () => {
    expect(heldRecord(aLease({ holderIdentity: 'me' }), 'me', now)).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:10.123000Z',
      leaseTransitions: 3,
    });
    expect(heldRecord(aLease({ holderIdentity: 'me', acquireTime: null }), 'me', now)).toMatchObject({
      acquireTime: '2026-01-01T00:00:10.123000Z',
    });
  });

  test('a take-over is counted, whatever was written before', () => {
    expect(heldRecord(aLease(), 'me', now)).toMatchObject({
      acquireTime: '2026-01-01T00:00:10.123000Z',
      leaseTransitions: 4,
    });
    expect(heldRecord(Lease.parse({ metadata: { resourceVersion: '1' } }), 'me', now).leaseTransitions).toBe(
      1,
    );
  });

  test('a release names nobody', () => {
    expect(releasedRecord(aLease({ holderIdentity: 'me' }), now)).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: '2026-01-01T00:00:10.123000Z',
      renewTime: '2026-01-01T00:00:10.123000Z',
      leaseTransitions: 3,
    });
  });

  test('differs from what is there even if the wall clock stands still: else it would not be a change', () => {
    const lease = aLease({ holderIdentity: 'me', renewTime: '2026-01-01T00:00:10.123000Z' });
    const { renewTime } = heldRecord(lease, 'me', now);

    expect(renewTime).toBe('2026-01-01T00:00:10.123001Z');
    expect(heldRecord(aLease({ holderIdentity: 'me', renewTime }), 'me', now).renewTime).not.toBe(renewTime);
  });
});

test('a guard is over ten seconds after the renewal was sent, whenever its answer came', () => {
  expect(guardedUntilMs(5000)).toBe(15_000);
});

test('a candidate looks every 1 to 1.2 s', () => {
  expect([candidatePauseMs(0), candidatePauseMs(0.5), candidatePauseMs(0.999999)]).toEqual([
    1000,
    1100,
    expect.closeTo(1200, 1),
  ]);
});

/** What befalls one look of one candidate. */
interface Fate {
  /** From the call to the API server, back from it, there again with the write, and back. */
  readonly delaysMs: readonly [number, number, number, number];
  /** The process stands still before it writes, and before it takes note of the answer. */
  readonly freezesMs: readonly [number, number];
  readonly lost: 'nothing' | 'request' | 'answer';
  readonly jitter: number;
  /** The machine's time jumps by so much, or stands still. */
  readonly wallMs: number;
}

interface Candidate {
  readonly name: string;
  /** How fast its monotonic clock runs. */
  readonly rate: number;
  readonly fates: readonly Fate[];
  /** True time at which it dies. */
  readonly diesMs: number;
}

interface Interval {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What somebody does to the Lease by hand, at a true time: deletes it, or writes this over it. */
interface Meddling {
  readonly at: number;
  readonly spec: Readonly<Record<string, unknown>> | undefined;
}

/** Runs candidates against one API server for `endMs` of true time; answers when whose guard held. */
function elect(
  candidates: readonly Candidate[],
  endMs: number,
  meddling: readonly Meddling[] = [],
): readonly Interval[] {
  const events: { readonly at: number; readonly run: (at: number) => void }[] = [];
  const at = (time: number, run: (at: number) => void): void => void events.push({ at: time, run });
  const guards: Interval[] = [];
  let stored: Lease | undefined;
  let version = 0;
  /** A write that changes nothing makes no new version, as in the API server. */
  const write = (before: Lease | undefined, spec: LeaseRecord): Lease | undefined => {
    if (before?.metadata.resourceVersion !== stored?.metadata.resourceVersion) return undefined;
    if (JSON.stringify(stored?.spec) !== JSON.stringify(spec))
      stored = aLease({ ...spec }, String(++version));
    return stored;
  };
  const start = ({ name, rate, fates, diesMs }: Candidate): void => {
    let observation: Observation | undefined;
    let guardedTo = -Infinity;
    const alive = (run: (time: number) => void) => (time: number) => (time < diesMs ? run(time) : undefined);
    const look = (round: number): void => {
      const fate = fates[round % fates.length];
      if (!fate) return;
      const [there, back, writeThere, writeBack] = fate.delaysMs;
      const again = (time: number, pauseMs: number): void =>
        at(
          time + pauseMs / rate,
          alive((next) => at(next, () => look(round + 1))),
        );
      const decide = (lease: Lease | undefined) => (time: number) => {
        observation = observe(observation, lease, time * rate);
        const move = nextMove(observation, { identity: name, holds: time < guardedTo }, time * rate);
        const pauseMs = candidatePauseMs(fate.jitter);
        if (move.kind === 'wait') {
          again(time, Math.max(1, Math.min(pauseMs, move.untilMs - time * rate)));
          return;
        }
        const record = heldRecord(lease, name, new Date(now.getTime() + fate.wallMs));
        at(time + fate.freezesMs[0] + writeThere, (applied) => {
          const won = fate.lost === 'request' ? undefined : write(lease, record);
          at(
            applied + writeBack + fate.freezesMs[1],
            alive((known) => {
              const to = guardedUntilMs(time * rate) / rate;
              if (won && fate.lost === 'nothing' && known < to) {
                guardedTo = to;
                guards.push({ name, from: known, to: Math.min(to, diesMs) });
              }
              again(known, retryPeriodMs);
            }),
          );
        });
      };
      at(clockNow + there, (read) => at(read + back, alive(decide(stored))));
    };
    look(0);
  };
  let clockNow = 0;
  candidates.forEach(start);
  for (const { at: time, spec } of meddling)
    at(time, () => {
      stored = spec && aLease({ ...stored?.spec, ...spec }, String(++version));
    });
  for (;;) {
    events.sort((a, b) => a.at - b.at);
    const event = events.shift();
    if (!event || event.at > endMs) return guards;
    clockNow = event.at;
    event.run(event.at);
  }
}

const quick = fc.integer({ min: 0, max: 100 });
const slow = fc.oneof({ weight: 8, arbitrary: quick }, fc.integer({ min: 0, max: 30_000 }));
const freeze = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 60_000 }));
const wall = fc.oneof(fc.constant(0), fc.integer({ min: -86_400_000, max: 86_400_000 }));
const jitter = fc.double({ min: 0, max: 0.999, noNaN: true });

const badDay: fc.Arbitrary<Fate> = fc.record({
  delaysMs: fc.tuple(slow, slow, slow, slow),
  freezesMs: fc.tuple(freeze, freeze),
  lost: fc.constantFrom('nothing', 'nothing', 'nothing', 'request', 'answer'),
  jitter,
  wallMs: wall,
});

const goodDay: fc.Arbitrary<Fate> = fc.record({
  delaysMs: fc.tuple(quick, quick, quick, quick),
  freezesMs: fc.constant<[number, number]>([0, 0]),
  lost: fc.constant('nothing' as const),
  jitter,
  wallMs: wall,
});

function candidatesOf(
  fate: fc.Arbitrary<Fate>,
  rate: fc.Arbitrary<number>,
): fc.Arbitrary<readonly Candidate[]> {
  const one = fc.record({ rate, fates: fc.array(fate, { minLength: 1, maxLength: 12 }) });
  return fc
    .array(one, { minLength: 2, maxLength: 4 })
    .map((all) => all.map((each, index) => ({ ...each, name: `r${index}`, diesMs: Infinity })));
}

/** Those that have not ended when the guard of another begins; they come in the order in which they begin. */
function overlaps(guards: readonly Interval[]): readonly Interval[] {
  return guards.filter((guard, index) => {
    const later = guards.slice(index + 1, index + 50);
    return later.some((other) => other.from < guard.to && other.name !== guard.name);
  });
}

describe('candidates on one API server', () => {
  test('two never lead at once, whatever is late, lost or frozen, and whatever the wall clocks say', () => {
    // 1.2 / 0.82 < 1.5: the fastest clock ends its 15 s after the slowest has ended its 10 s.
    const rate = fc.double({ min: 0.82, max: 1.2, noNaN: true });

    fc.assert(
      fc.property(candidatesOf(badDay, rate), (candidates) => {
        expect(overlaps(elect(candidates, 180_000))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('nor when somebody deletes the Lease, empties it or writes nonsense into it', () => {
    const spec = fc.constantFrom<Meddling['spec'][]>(
      undefined,
      { holderIdentity: '' },
      { holderIdentity: undefined, leaseDurationSeconds: undefined, leaseTransitions: undefined },
      { holderIdentity: 7, leaseDurationSeconds: 'x', renewTime: '2100-01-01T00:00:00.000000Z' },
      { holderIdentity: 'nobody', leaseDurationSeconds: 2 ** 31 - 1, leaseTransitions: 2 ** 31 - 1 },
    );
    const rate = fc.double({ min: 0.82, max: 1.2, noNaN: true });
    const meddling = fc.record({ at: fc.integer({ min: 6000, max: 120_000 }), spec });
    // Each has seen the Lease before the first hand is on it; who comes later cannot know that there was one.
    const knowing = fc
      .tuple(goodDay, candidatesOf(badDay, rate))
      .map(([good, all]) => all.map((one) => ({ ...one, fates: [good, good, ...one.fates] })));

    fc.assert(
      fc.property(knowing, meddling, (candidates, hand) => {
        const guards = elect(candidates, 240_000, [hand]);

        expect(overlaps(guards)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('this can be seen to fail: clocks that run at very different speeds', () => {
    const fate: Fate = { delaysMs: [1, 1, 1, 1], freezesMs: [0, 0], lost: 'nothing', jitter: 0, wallMs: 0 };
    const candidate = { fates: [fate], diesMs: Infinity };
    const silent = { ...fate, lost: 'request' as const };
    const slowClock = {
      ...candidate,
      name: 'slow',
      rate: 0.5,
      fates: [fate, ...Array<Fate>(9).fill(silent)],
    };

    const guards = elect([slowClock, { ...candidate, name: 'fast', rate: 1.5 }], 60_000);

    expect(overlaps(guards)).not.toEqual([]);
  });

  test('when the leader dies, another leads within 20 s', () => {
    fc.assert(
      fc.property(
        candidatesOf(goodDay, fc.constant(1)),
        fc.integer({ min: 5_000, max: 60_000 }),
        (candidates, diesMs) => {
          const leader = elect(candidates, diesMs).at(-1)?.name;
          const mortal = candidates.map((one) => (one.name === leader ? { ...one, diesMs } : one));

          const next = elect(mortal, 120_000).find(({ name }) => name !== leader);

          expect(leader).toBeDefined();
          expect((next?.from ?? Infinity) - diesMs).toBeLessThanOrEqual(20_000);
          expect((next?.from ?? 0) - diesMs).toBeGreaterThan(renewDeadlineMs - retryPeriodMs - 400);
        },
      ),
      { numRuns: 200 },
    );
  });
});
