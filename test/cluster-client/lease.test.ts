import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLease } from '../../src/cluster/lease.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import { electionContract } from '../contract/election.ts';
import { aContender, type Contender } from '../support/contender.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLeases, silence, type FakeLeases } from '../support/fake-leases.ts';
import { createFakeLog } from '../support/fake-log.ts';

electionContract('a fake API', () => {
  const leases = createFakeLeases();
  return Promise.resolve({
    rest: leases.rest(),
    namespace: 'shop',
    byHand: async (method: RestCall['method'], path: string, body?: unknown) =>
      Promise.resolve(leases.handle({ method, path, body })),
    close: () => Promise.resolve(),
  });
});

/** Replicas on one API server, the first of which leads. */
async function replicas(...identities: readonly string[]) {
  const clock = createFakeClock();
  const leases = createFakeLeases();
  const all: Contender[] = [];
  for (const identity of identities) {
    all.push(aContender(identity, leases.rest(), clock));
    await clock.advance(100);
  }
  return { clock, leases, all };
}

/** One replica whose calls fare as the test says. */
function weathered() {
  const clock = createFakeClock();
  const leases = createFakeLeases();
  const weather = { pass: (_signal: AbortSignal, handle: () => unknown) => Promise.resolve(handle()) };
  const replica = aContender(
    'a',
    leases.rest((_call, signal, handle) => weather.pass(signal, handle)),
    clock,
  );
  return { clock, leases, weather, replica };
}

function messages({ log }: Contender, level?: string): readonly string[] {
  return log.lines
    .filter((line) => level === undefined || line.level === level)
    .map(({ message }) => message);
}

describe('the Lease', () => {
  test('is made by the first who looks, and says who leads since when', async () => {
    const { leases, all } = await replicas('a');

    expect(leases.lease()).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'shop', name: 'updatekate-leader' },
      spec: {
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-01T00:00:00.000000Z',
        renewTime: '2026-01-01T00:00:00.000000Z',
        leaseTransitions: 0,
      },
    });
    expect([all[0]?.holds(), all[0]?.terms]).toEqual([true, ['acquired 0']]);
    expect(all[0]?.log.lines).toEqual([
      { level: 'info', message: 'leading', fields: { lease: 'shop/updatekate-leader', identity: 'a' } },
    ]);
  });

  test('is renewed every two seconds; what others wrote into it stays', async () => {
    const { clock, leases, all } = await replicas('a');
    const { spec } = leases.lease() ?? { spec: {} };
    leases.put({ spec: { ...spec, strategy: 'OldestEmulationVersion' } });

    await clock.advance(60_000);

    expect(leases.writes).toHaveLength(31);
    expect(leases.lease()?.spec).toMatchObject({
      strategy: 'OldestEmulationVersion',
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:01:00.000000Z',
    });
    expect([all[0]?.holds(), all[0]?.terms]).toEqual([true, ['acquired 0']]);
  });

  test('is read by the others, who write nothing and say once whom they stand by for', async () => {
    const { clock, leases, all } = await replicas('a', 'b', 'c');

    await clock.advance(120_000);

    expect(new Set(leases.writes)).toEqual(new Set(['POST a', 'PUT a']));
    expect(all.map((one) => one.holds())).toEqual([true, false, false]);
    expect(all[1]?.log.lines).toEqual([
      {
        level: 'info',
        message: 'standing by',
        fields: { lease: 'shop/updatekate-leader', identity: 'b', holder: 'a' },
      },
    ]);
  });

  test('goes to one of two who find none at the same moment', async () => {
    const clock = createFakeClock();
    const leases = createFakeLeases();
    const both = ['a', 'b'].map((identity) => aContender(identity, leases.rest(), clock));

    await clock.advance(5000);

    expect(both.map((one) => one.holds())).toEqual([true, false]);
    expect(both.map((one) => messages(one))).toEqual([['leading'], ['standing by']]);
  });

  test('that someone deletes is made again by the leader', async () => {
    const { clock, leases, all } = await replicas('a');
    leases.put(undefined);

    await clock.advance(10_000);

    expect(leases.writes.filter((write) => write.startsWith('POST'))).toHaveLength(2);
    expect(all[0]?.terms).toEqual(['acquired 0']);
  });

  test('that someone gives to another ends the term at the next look', async () => {
    const { clock, leases, all } = await replicas('a');
    leases.put({ spec: { holderIdentity: 'operator', leaseDurationSeconds: 15 } });

    await clock.advance(2000);

    expect(all[0]?.holds()).toBe(false);
    expect(all[0]?.log.lines).toContainEqual({
      level: 'warn',
      message: 'no longer leading',
      fields: {
        ...{ lease: 'shop/updatekate-leader', identity: 'a', holder: 'operator' },
        why: 'the lease names another holder',
      },
    });
  });
});

describe('a leader that dies', () => {
  test('is followed within 20 s, and not before its lease has run out', async () => {
    for (let diesAtMs = 0; diesAtMs <= 5000; diesAtMs += 100) {
      const { clock, all } = await replicas('a', 'b');
      await clock.advance(10_000 + diesAtMs);
      all[0]?.kill();
      const killedMs = clock.monotonicMs();

      while (!all[1]?.holds() && clock.monotonicMs() < killedMs + 60_000) await clock.advance(50);

      const tookMs = clock.monotonicMs() - killedMs;
      expect(tookMs).toBeLessThanOrEqual(20_000);
      expect(tookMs).toBeGreaterThanOrEqual(13_000);
      expect(all[0]?.holds()).toBe(false);
    }
  });

  test('is followed by its own successor under a new name, who waits as any other', async () => {
    const { clock, leases, all } = await replicas('a');
    all[0]?.kill();
    const successor = aContender('a-again', leases.rest(), clock);

    await clock.advance(14_900);
    const before = successor.holds();
    await clock.advance(5000);

    expect([before, successor.holds()]).toEqual([false, true]);
    expect(leases.lease()?.spec.leaseTransitions).toBe(1);
  });
});

describe('a leader that is told to end', () => {
  test('releases, and another leads within 3 s', async () => {
    for (let endsAtMs = 0; endsAtMs <= 5000; endsAtMs += 100) {
      const { clock, leases, all } = await replicas('a', 'b');
      await clock.advance(endsAtMs);

      await all[0]?.stop();
      const { spec } = leases.lease() ?? { spec: {} };
      const endedMs = clock.monotonicMs();
      while (!all[1]?.holds() && clock.monotonicMs() < endedMs + 60_000) await clock.advance(50);

      expect(spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
      expect(clock.monotonicMs() - endedMs).toBeLessThanOrEqual(3000);
      expect(leases.lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    }
  });

  test('holds nothing before it releases, and leaves no timer', async () => {
    const { clock, leases, replica, weather } = weathered();
    await clock.advance(5000);
    const held: boolean[] = [];
    weather.pass = (_signal, handle) => {
      held.push(replica.holds());
      return Promise.resolve(handle());
    };

    await replica.stop();

    expect(held).toEqual([false, false]);
    expect(replica.terms).toEqual(['acquired 0', 'lost 5']);
    expect(messages(replica)).toEqual(['leading', 'no longer leading', 'lease released']);
    expect(replica.log.lines[1]?.fields).toMatchObject({ why: 'shutting down', holder: 'a' });
    expect([leases.writes.at(-1), clock.pending()]).toEqual(['PUT ', 0]);
  });

  test('releases although a renewal that it broke off takes effect in between', async () => {
    const { clock, leases, replica, weather } = weathered();
    await clock.advance(1999);
    weather.pass = (signal) => silence(signal);
    await clock.advance(1);
    let reads = 0;
    weather.pass = (_signal, handle) => {
      const answer = handle();
      const { spec } = leases.lease() ?? { spec: {} };
      if (++reads === 1) leases.put({ spec: { ...spec, renewTime: '2026-01-01T00:00:02.000000Z' } });
      return Promise.resolve(answer);
    };

    await replica.stop();

    expect(leases.lease()?.spec.holderIdentity).toBe('');
  });

  test("releases nothing that is another's by now", async () => {
    const { clock, leases, replica } = weathered();
    await clock.advance(1000);
    leases.put({ spec: { holderIdentity: 'b', leaseDurationSeconds: 15 } });

    await replica.stop();

    expect(leases.lease()?.spec.holderIdentity).toBe('b');
    expect(messages(replica)).toEqual(['leading', 'no longer leading']);
  });

  test('ends although the API server is away, and says what that means', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(1000);
    weather.pass = (signal) => silence(signal);

    const stopped = replica.stop();
    await clock.advance(5000);
    await stopped;

    expect(messages(replica, 'warn')).toEqual([
      'lease not released: another replica leads when it has run out',
    ]);
    expect(clock.pending()).toBe(0);
  });

  test('a candidate ends without a word to the API server', async () => {
    const { clock, leases, all } = await replicas('a', 'b');

    await all[1]?.stop();

    expect([all[1]?.ended(), all[1]?.terms, leases.lease()?.spec.holderIdentity]).toEqual([true, [], 'a']);
    await all[0]?.stop();
    expect(clock.pending()).toBe(0);
  });

  test('a candidate that has just won, and does not know it, releases too', async () => {
    const { clock, leases, replica, weather } = weathered();
    weather.pass = (signal, handle) => {
      handle();
      return silence(signal);
    };
    await clock.advance(0);

    weather.pass = (_signal, handle) => Promise.resolve(handle());
    await replica.stop();

    expect([leases.writes, replica.terms]).toEqual([['POST a', 'PUT '], []]);
  });

  test('before it begins does nothing', async () => {
    const leases = createFakeLeases();
    const election = createLease({
      ...{ rest: leases.rest(), clock: createFakeClock(), log: createFakeLog(), random: () => 0 },
      ...{ namespace: 'shop', name: 'updatekate-leader', identity: 'a' },
    });

    const terms: string[] = [];

    await election.run(AbortSignal.abort(), {
      acquired: () => terms.push('acquired'),
      lost: () => terms.push('lost'),
    });

    expect([leases.writes, terms]).toEqual([[], []]);
  });
});

describe('an API server that is away', () => {
  const away = () => Promise.reject(new AppError('unavailable', 'no answer (ECONNREFUSED)'));

  test('ends the term ten seconds after the last renewal was sent, and is asked on', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(4500);
    weather.pass = away;

    await clock.advance(9499);
    const before = replica.holds();
    await clock.advance(1);
    const after = replica.holds();
    await clock.advance(600_000);
    weather.pass = (_signal, handle) => Promise.resolve(handle());
    await clock.advance(1200);

    expect([before, after, replica.holds()]).toEqual([true, false, true]);
    expect(replica.terms).toMatchObject(['acquired 0', 'lost 14', expect.stringMatching(/^acquired 61/)]);
    expect(replica.log.lines.filter(({ level }) => level !== 'debug')).toMatchObject([
      { level: 'info', message: 'leading' },
      { level: 'warn', message: 'lease out of reach, trying on', fields: { holder: 'a' } },
      {
        level: 'warn',
        message: 'no longer leading',
        fields: { why: 'not renewed: no answer (ECONNREFUSED)', holder: 'a' },
      },
      { level: 'info', message: 'lease in reach again' },
      { level: 'info', message: 'leading' },
    ]);
  });

  test('for less than ten seconds ends nothing', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(4500);
    weather.pass = away;
    await clock.advance(7000);
    weather.pass = (_signal, handle) => Promise.resolve(handle());

    await clock.advance(60_000);

    expect(replica.terms).toEqual(['acquired 0']);
    expect(messages(replica, 'info')).toEqual(['leading', 'lease in reach again']);
  });

  test('and hangs is given up after five seconds, so that a second try fits in', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(3000);
    weather.pass = (signal) => silence(signal);
    await clock.advance(5999);
    weather.pass = (_signal, handle) => Promise.resolve(handle());

    await clock.advance(60_000);

    expect(replica.terms).toEqual(['acquired 0']);
  });

  test('and hangs for good, in a client that heeds no signal, ends the term all the same', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(2000);
    weather.pass = () => new Promise(() => undefined);

    await clock.advance(10_000);

    expect([replica.holds(), replica.terms]).toEqual([false, ['acquired 0', 'lost 12']]);
    expect(String(replica.log.lines.at(-1)?.fields.why)).toMatch(/^not renewed: .*no answer within \d+ ms$/);
  });

  test('and answers too late, a client that heeds no signal, is not written to any more', async () => {
    const clock = createFakeClock();
    const leases = createFakeLeases();
    const late = Promise.withResolvers<undefined>();
    let calls = 0;
    const json: Rest['json'] = async (call) => {
      if (++calls === 1) await late.promise;
      return leases.handle(call);
    };
    aContender('a', { ...leases.rest(), json }, clock);
    await clock.advance(5000);

    late.resolve(undefined);
    await clock.advance(0);

    expect([calls, leases.writes]).toEqual([1, []]);
  });

  test('is no reason for a candidate to crash, nor is an answer that is no Lease', async () => {
    const { clock, replica, weather } = weathered();
    await replica.stop();
    const leases = createFakeLeases();
    const candidate = aContender(
      'b',
      leases.rest((_call, signal, handle) => weather.pass(signal, handle)),
      clock,
    );
    weather.pass = away;
    await clock.advance(60_000);
    weather.pass = () => Promise.resolve({ kind: 'Status' });
    await clock.advance(60_000);
    weather.pass = () => Promise.reject(new AppError('forbidden', 'cannot get resource "leases"'));
    await clock.advance(60_000);
    weather.pass = (_signal, handle) => Promise.resolve(handle());

    await clock.advance(1200);

    expect([candidate.holds(), candidate.ended()]).toEqual([true, false]);
    expect(messages(candidate, 'warn')).toEqual(['lease out of reach, trying on']);
  });

  test('and loses answers: what was written nevertheless is found by the next look', async () => {
    const { clock, leases, replica, weather } = weathered();
    await clock.advance(2000);
    let calls = 0;
    weather.pass = (_signal, handle) => {
      const answer = handle();
      return ++calls % 4 === 2 ? away() : Promise.resolve(answer);
    };

    await clock.advance(60_000);

    expect(replica.terms).toEqual(['acquired 0']);
    expect(leases.lease()?.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
  });
});

describe('a process that stands still', () => {
  test('finds that it leads no more before anything else runs', async () => {
    const { clock, leases, all } = await replicas('a');
    await clock.advance(10_000);
    const { length } = leases.writes;

    clock.freeze(10_000);
    const held = all[0]?.holds();
    leases.put({ spec: { holderIdentity: 'b', leaseDurationSeconds: 15 } });
    await clock.advance(60_000);

    expect([held, all[0]?.terms[1]]).toEqual([false, 'lost 20.1']);
    expect(all[0]?.log.lines.map(({ message, fields }) => [message, fields.why, fields.holder])).toEqual([
      ['leading', undefined, undefined],
      ['no longer leading', 'this process stood still', 'a'],
      ['standing by', undefined, 'b'],
      ['leading', undefined, undefined],
    ]);
    expect(leases.writes.slice(length).every((write) => write === 'PUT a')).toBe(true);
  });

  test('for less than its guard goes on', async () => {
    const { clock, all } = await replicas('a');
    await clock.advance(10_000);

    clock.freeze(9000);
    await clock.advance(60_000);

    expect(all[0]?.terms).toEqual(['acquired 0']);
  });

  test('while a renewal is under way takes its answer for too late: a term has no gaps', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(1999);
    const answers: (() => void)[] = [];
    weather.pass = (_signal, handle) => new Promise((resolve) => answers.push(() => resolve(handle())));
    await clock.advance(1);
    answers.shift()?.();
    await clock.advance(0);
    const [renewal] = answers;

    clock.freeze(11_000);
    renewal?.();
    weather.pass = (_signal, handle) => Promise.resolve(handle());
    await clock.advance(0);

    expect(replica.terms).toEqual(['acquired 0', 'lost 13', 'acquired 13']);
  });

  test('and learns of its last renewal when its guard is over begins a new term with it', async () => {
    const { clock, replica, weather } = weathered();
    await clock.advance(1000);
    weather.pass = () => Promise.reject(new AppError('unavailable', 'no answer'));
    await clock.advance(6999);
    const answers: (() => void)[] = [];
    weather.pass = (_signal, handle) => new Promise((resolve) => answers.push(() => resolve(handle())));
    await clock.advance(1900);
    answers[0]?.();
    await clock.advance(0);

    clock.freeze(1101);
    answers[1]?.();
    weather.pass = (_signal, handle) => Promise.resolve(handle());
    await clock.advance(0);

    expect(replica.terms).toEqual(['acquired 0', 'lost 11', 'acquired 11']);
  });

  test('as a candidate that has just won does not lead on an old answer', async () => {
    const { clock, leases, replica, weather } = weathered();
    const answers: (() => void)[] = [];
    weather.pass = (_signal, handle) => {
      const answer = handle();
      return new Promise((resolve) => answers.push(() => resolve(answer)));
    };
    await clock.advance(0);

    clock.freeze(60_000);
    weather.pass = (_signal, handle) => Promise.resolve(handle());
    answers.forEach((answer) => answer());
    await clock.advance(0);
    const atOnce = [...replica.terms];
    await clock.advance(10_000);

    expect([leases.writes[0], atOnce]).toEqual(['POST a', []]);
    expect(replica.terms).toEqual([expect.stringMatching(/^acquired 6\d/)]);
  });
});

/** What befalls one replica, until the weather clears. */
interface Fate {
  /** How fast its monotonic clock runs. */
  readonly rate: number;
  readonly random: number;
  /** The machine's time at each reading: it jumps about, or stands still. */
  readonly wallMs: readonly number[];
  /** It stands still: how long it runs before, and then for how long, in turn. */
  readonly freezesMs: readonly (readonly [number, number])[];
  /** Of each call: the way there, the way back, and what gets lost. */
  readonly calls: readonly {
    readonly thereMs: number;
    readonly backMs: number;
    readonly lost: 'nothing' | 'request' | 'answer';
  }[];
}

const quick = fc.integer({ min: 0, max: 100 });
const slow = fc.oneof({ weight: 10, arbitrary: quick }, fc.integer({ min: 0, max: 20_000 }));
const fate: fc.Arbitrary<Fate> = fc.record({
  // 1.2 / 0.82 < 1.5: the fastest clock ends its 15 s after the slowest has ended its 10 s.
  rate: fc.double({ min: 0.82, max: 1.2, noNaN: true }),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  wallMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 5 }),
  freezesMs: fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 40_000 }))),
  calls: fc.array(
    fc.record({
      ...{ thereMs: slow, backMs: slow },
      lost: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'request', 'answer'),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

/** The true time of all replicas, and when the weather clears. */
interface World {
  readonly clock: FakeClock;
  readonly leases: FakeLeases;
  readonly calmMs: number;
}

/** Runs things at the end of the freeze that they fall into. */
function sleeper({ clock, calmMs }: World, { freezesMs }: Fate) {
  const spans: { readonly from: number; readonly to: number }[] = [];
  let cursor = clock.monotonicMs();
  for (const [afterMs, forMs] of freezesMs) {
    const from = Math.min(cursor + afterMs, calmMs);
    cursor = Math.min(from + forMs, calmMs);
    spans.push({ from, to: cursor });
  }
  const whenAwake = (run: () => void): void => {
    const nowMs = clock.monotonicMs();
    const asleep = spans.find(({ from, to }) => from <= nowMs && nowMs < to);
    if (asleep) clock.after(asleep.to - nowMs, () => whenAwake(run));
    else run();
  };
  return { whenAwake, die: () => spans.push({ from: clock.monotonicMs(), to: Infinity }) };
}

function clockOf({ clock }: World, { rate, wallMs }: Fate, whenAwake: (run: () => void) => void): Clock {
  let readings = 0;
  return {
    now: () => new Date(Date.UTC(2026, 0) + (wallMs[readings++ % wallMs.length] ?? 0)),
    monotonicMs: () => clock.monotonicMs() * rate,
    after: (ms, run) => clock.after(Math.max(0, ms) / rate, () => whenAwake(run)),
  };
}

function restOf(world: World, { calls }: Fate, whenAwake: (run: () => void) => void): Rest {
  const { clock, leases, calmMs } = world;
  let made = 0;
  return leases.rest((_call, signal, handle) => {
    const calm = { thereMs: 20, backMs: 20, lost: 'nothing' as const };
    const fares = clock.monotonicMs() >= calmMs ? calm : (calls[made++ % calls.length] ?? calm);
    const answered = Promise.withResolvers<unknown>();
    // Who gives up knows nothing of what the server still does.
    signal.addEventListener('abort', () => answered.reject(new AppError('timeout', 'no answer')));
    clock.after(fares.thereMs, () => {
      if (fares.lost === 'request') return;
      const answer = answerOf(handle);
      if (fares.lost === 'answer') return;
      clock.after(fares.backMs, () => whenAwake(() => answer(answered.resolve, answered.reject)));
    });
    return answered.promise;
  });
}

/** Does the call now and gives its outcome later. */
function answerOf(handle: () => unknown) {
  try {
    const value = handle();
    return (resolve: (value: unknown) => void) => resolve(value);
  } catch (error) {
    return (_: unknown, reject: (error: unknown) => void) => reject(error);
  }
}

describe('replicas that are slow, cut off and frozen, with wall clocks that say anything', () => {
  test('never lead two at once; when it clears one leads, and another within 20 s of its death', async () => {
    const run = async (fates: readonly Fate[]): Promise<void> => {
      const clock = createFakeClock();
      const world: World = { clock, leases: createFakeLeases(), calmMs: clock.monotonicMs() + 90_000 };
      const problems: string[] = [];
      const all = fates.map((one, index) => {
        const { whenAwake, die } = sleeper(world, one);
        const election = createLease({
          ...{ rest: restOf(world, one, whenAwake), clock: clockOf(world, one, whenAwake) },
          ...{ log: createFakeLog(), random: () => one.random },
          ...{ namespace: 'shop', name: 'updatekate-leader', identity: `r${index}` },
        });
        return { ...election, die, leading: false };
      });
      const stopping = new AbortController();
      for (const one of all)
        void one.run(stopping.signal, {
          acquired() {
            if (one.leading || !one.holds()) problems.push('acquired without need or guard');
            if (all.some((other) => other !== one && other.holds())) problems.push('two leaders');
            one.leading = true;
          },
          lost() {
            if (!one.leading || one.holds()) problems.push('lost without a term, or before its guard');
            one.leading = false;
          },
        });

      await clock.advance(90_000 + 25_000);
      const leader = all.find((one) => one.holds());
      leader?.die();
      const others = all.filter((one) => one !== leader);
      await clock.advance(20_000 / Math.min(1, ...fates.map(({ rate }) => rate)));

      expect(problems).toEqual([]);
      expect(leader).toBeDefined();
      expect(others.filter((one) => one.holds())).toHaveLength(1);
      stopping.abort();
    };

    await fc.assert(fc.asyncProperty(fc.array(fate, { minLength: 2, maxLength: 4 }), run), { numRuns: 100 });
  });
});
