import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import { aContender, leaseName, type Contender } from '../support/contender.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

/** A Kubernetes API that has no Lease `leaseName` in `namespace`. */
export interface LeaseApi {
  /** For the contenders. */
  readonly rest: Rest;
  readonly namespace: string;
  /** For somebody with kubectl. @throws when the answer is no 2xx. */
  byHand(method: RestCall['method'], path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** What tests look at of a Lease. */
export interface SeenLease {
  readonly metadata: object;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Contenders on one API, in a time that the test moves. */
export interface Stage {
  readonly clock: FakeClock;
  /** Stands for election; `befalls` is asked before each of its calls reaches the API, and may throw or wait. */
  stand(identity: string, befalls?: (call: RestCall) => Promise<void>): Contender;
  /** Moves time and looks all the while that no two lead. */
  pass(ms: number): Promise<void>;
  lease(): Promise<SeenLease>;
  /** Makes the Lease, without a word in it. */
  make(): Promise<void>;
  edit(spec: object): Promise<void>;
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** @param open gives an API without the Lease; its timers run on `clock`. */
export async function createStage(open: (clock: Clock) => Promise<LeaseApi>): Promise<Stage> {
  const underWay = new Set<Promise<unknown>>();
  const clock = createFakeClock(undefined, () =>
    underWay.size > 0 ? Promise.allSettled(underWay) : undefined,
  );
  const api = await open(clock);
  const all: Contender[] = [];
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${api.namespace}/leases`;
  const path = `${leases}/${leaseName}`;
  const lease = async () => (await api.byHand('GET', path)) as SeenLease;
  const track = async (answer: Promise<unknown>): Promise<unknown> => {
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };
  return {
    ...{ clock, lease },
    stand(identity, befalls = () => Promise.resolve()) {
      const json: Rest['json'] = async (call, signal) => {
        await befalls(call);
        return track(api.rest.json(call, signal));
      };
      const contender = aContender(identity, { ...api.rest, json }, clock, api.namespace);
      all.push(contender);
      return contender;
    },
    async pass(ms) {
      for (let leftMs = ms; leftMs > 0; leftMs -= 100) {
        await clock.advance(Math.min(100, leftMs));
        expect(all.filter((one) => one.holds()).length).toBeLessThanOrEqual(1);
      }
    },
    async make() {
      const metadata = { name: leaseName, labels: { team: 'shop' } };
      await api.byHand('POST', leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
    },
    async edit(spec) {
      await api.byHand('PUT', path, { ...(await lease()), spec });
    },
    async remove() {
      await api.byHand('DELETE', path);
    },
    async close() {
      const ended = Promise.all(all.map((one) => one.stop()));
      await clock.advance(20_000);
      await ended;
      await api.close();
    },
  };
}

function linesOf({ log }: Contender, message: string) {
  return log.lines.filter((line) => line.message === message);
}

/**
 * What the election promises over any API that keeps Leases as Kubernetes does.
 *
 * @param open gives an API without the Lease; its timers run on `clock`.
 */
export function electionContract(name: string, open: (clock: Clock) => Promise<LeaseApi>): void {
  describe(`election contract: ${name}`, () => {
    let stage: Stage;

    beforeEach(async () => {
      stage = await createStage(open);
    });

    afterEach(() => stage.close());

    /** `a` leads and `b` stands by. */
    const two = async (befallsA?: (call: RestCall) => Promise<void>) => {
      const a = stage.stand('a', befallsA);
      await stage.pass(100);
      const b = stage.stand('b');
      await stage.pass(100);
      return [a, b] as const;
    };

    test('one of two leads, and goes on leading', async () => {
      const [a, b] = await two();

      await stage.pass(60_000);

      expect([a.holds(), b.holds(), a.terms, b.terms]).toEqual([true, false, ['acquired 0'], []]);
      expect(await stage.lease()).toMatchObject({
        spec: {
          ...{ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 },
          ...{ acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-01T00:01:00.000000Z' },
        },
      });
    });

    test('an empty Lease that was made beforehand is taken at once, and keeps what is in it', async () => {
      await stage.make();

      const a = stage.stand('a');
      await stage.pass(4000);

      expect(a.terms).toEqual(['acquired 0']);
      expect(await stage.lease()).toMatchObject({
        metadata: { labels: { team: 'shop' } },
        spec: { holderIdentity: 'a', leaseTransitions: 1 },
      });
    });

    test('a leader that is told to end releases, and the other one leads at its next look', async () => {
      const [a, b] = await two();
      await stage.pass(5000);

      const stopped = a.stop();
      await stage.clock.advance(0);
      await stopped;
      const { spec } = await stage.lease();
      await stage.pass(1200);

      expect(spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 0 });
      expect(spec?.holderIdentity ?? '').toBe('');
      expect([a.holds(), b.holds()]).toEqual([false, true]);
      expect((await stage.lease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    });

    test('a leader that dies is followed when its lease has run out on the clock of the other one', async () => {
      const [a, b] = await two();
      await stage.pass(10_300);

      // Its last renewal was sent at 10.0 s, and is seen within 1.2 s.
      a.kill();
      await stage.pass(14_400);
      const before = b.holds();
      await stage.pass(2600);

      expect([before, b.holds()]).toEqual([false, true]);
      expect((await stage.lease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    });

    test('of two that write at the same moment one wins: at first, and when a lease has run out', async () => {
      let waiting: (() => void)[] = [];
      const together = ({ method }: RestCall): Promise<void> => {
        if (method === 'GET' || waiting.length > 1) return Promise.resolve();
        return new Promise((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 2) waiting.forEach((go) => go());
        });
      };
      const both = ['a', 'b'].map((identity) => stage.stand(identity, together));
      await stage.pass(100);
      const first = both.map((one) => one.holds());
      await stage.edit({ holderIdentity: 'gone', leaseDurationSeconds: 15 });
      waiting = [];
      await stage.pass(20_000);

      expect(first.filter(Boolean)).toHaveLength(1);
      expect(waiting).toHaveLength(2);
      expect(both.filter((one) => one.holds())).toHaveLength(1);
      expect((await stage.lease()).spec?.leaseTransitions).toBe(1);
    });

    test('a Lease that somebody deletes is made again by its leader, whoever finds out first', async () => {
      const [a, b] = await two();
      for (let offsetMs = 0; offsetMs < 2400; offsetMs += 300) {
        await stage.pass(10_000 + offsetMs);
        await stage.remove();
        await stage.pass(2400);

        expect((await stage.lease()).spec?.holderIdentity).toBe('a');
      }
      expect([a.terms, b.terms]).toEqual([['acquired 0'], []]);
    });

    test('a Lease that is deleted when its leader has died is made again by another', async () => {
      const [a, b] = await two();
      a.kill();
      await stage.remove();

      await stage.pass(20_000);

      expect([b.holds(), (await stage.lease()).spec?.holderIdentity]).toEqual([true, 'b']);
    });

    test('a leader that is cut off stops before another one leads, and stands by when it is back', async () => {
      let away = false;
      const [a, b] = await two(() =>
        away ? Promise.reject(new AppError('unavailable', 'no answer (ECONNREFUSED)')) : Promise.resolve(),
      );
      await stage.pass(4300);
      away = true;

      await stage.pass(9400);
      const last = a.holds();
      await stage.pass(200);
      const [over, other] = [a.holds(), b.holds()];
      await stage.pass(10_000);
      away = false;
      await stage.pass(60_000);

      expect([last, over, other]).toEqual([true, false, false]);
      expect([a.holds(), b.holds(), a.terms.length, b.terms.length]).toEqual([false, true, 2, 1]);
      expect(linesOf(a, 'standing by')).toMatchObject([{ fields: { holder: 'b' } }]);
      expect((await stage.lease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    });

    test.each<[string, object]>([
      ['nothing', {}],
      ['nobody', { holderIdentity: '', leaseDurationSeconds: 15 }],
    ])('a Lease that somebody overwrites with %s is written anew by its leader', async (_, spec) => {
      const [a, b] = await two();

      await stage.edit(spec);
      await stage.pass(60_000);

      expect([a.terms, b.terms]).toEqual([['acquired 0'], []]);
      expect((await stage.lease()).spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15 });
    });

    test('a Lease that somebody gives away for ever is said, and taken back after a minute', async () => {
      const [a, b] = await two();

      await stage.edit({
        ...{ holderIdentity: '  ', leaseDurationSeconds: 2 ** 31 - 1, leaseTransitions: 2 ** 31 - 1 },
        ...{ acquireTime: '1970-01-01T00:00:00.000000Z', renewTime: '2999-12-31T23:59:59.000000Z' },
      });
      await stage.pass(2400);
      const meanwhile = [a.holds(), b.holds()];
      await stage.pass(61_000);

      expect([meanwhile, [a.holds(), b.holds()].filter(Boolean)]).toEqual([[false, false], [true]]);
      expect(linesOf(a, 'no longer leading')).toMatchObject([
        { level: 'warn', fields: { why: 'the lease names another holder', holder: '  ' } },
      ]);
      expect(linesOf(b, 'standing by').at(1)?.fields.holder).toBe('  ');
      expect((await stage.lease()).spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 1 });
    });
  });
}
