import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { annotationsOnly } from '../../src/core/approval-rules.ts';
import { targetsOf } from '../../src/core/target.ts';
import { createPatchDelivery } from '../../src/deliveries/patch.ts';
import type { FlowContext } from '../../src/flows/context.ts';
import { guardedCluster } from '../../src/flows/guarded.ts';
import { alone, createLead } from '../../src/flows/lead.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { createHarness } from '../support/harness.ts';

/** One replica: put together as in `src/wire.ts`, and elected by the test. */
function aReplica(around: (context: FlowContext) => FlowContext = (context) => context) {
  let leads = false;
  const leadership = { holds: () => leads };
  const { cluster, told, ...harness } = createHarness({
    around(plain) {
      const context = around(plain);
      const delivery = createPatchDelivery({
        cluster: guardedCluster(context.cluster, leadership),
        ...{
          view: context.view,
          targetsOf: (workload) => targetsOf(workload, undefined),
          approvals: annotationsOnly,
          clock: context.clock,
        },
      });
      return { ...context, delivery };
    },
  });
  const { context, clock, log } = harness;
  const lead = createLead(context, leadership);
  cluster.onChange = lead.workloadChanged;
  return {
    ...{ lead, cluster, told, context, clock, log },
    acquire() {
      leads = true;
      lead.acquired();
    },
    lose() {
      leads = false;
      lead.lost();
    },
    /** A push that was decided and recorded, here or by another replica; answers the update's name. */
    async push(): Promise<string> {
      const update = anUpdate();
      await context.store.create([update]);
      lead.wake(update.name);
      return update.name;
    },
    settle: () => clock.advance(0),
    phaseOf: async (name: string) => (await context.store.get(name))?.update.phase,
  };
}

/** A receiver that never answers, and heeds its signal. */
function slowTell() {
  const signals: AbortSignal[] = [];
  const tell = (_: unknown, _event: unknown, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('broken off'))),
    );
  };
  return { signals, tell };
}

describe('a replica that does not lead', () => {
  test('records, and does nothing else, whatever it is told', async () => {
    const { push, lead, cluster, clock, told, phaseOf } = aReplica();

    const name = await push();
    lead.wake(name);
    lead.workloadChanged(keyOf());
    await clock.advance(600_000);

    expect([await phaseOf(name), cluster.patches, told, clock.pending()]).toEqual(['Pending', [], [], 0]);
  });

  test('takes up everything unfinished when it is elected: nothing was lost', async () => {
    const { push, acquire, settle, cluster, told, log, phaseOf } = aReplica();
    const name = await push();

    acquire();
    await settle();
    cluster.converge(keyOf());
    await settle();

    expect([await phaseOf(name), cluster.patches.length, told.length]).toEqual(['Succeeded', 1, 1]);
    expect(log.lines).toContainEqual({
      level: 'info',
      message: 'unfinished updates taken up',
      fields: { updates: 1 },
    });
  });
});

describe('a replica that leads', () => {
  test('acts at once on what it is told', async () => {
    const { push, acquire, settle, cluster, phaseOf } = aReplica();
    acquire();
    await settle();

    const name = await push();
    await settle();
    cluster.converge(keyOf());
    await settle();

    expect(await phaseOf(name)).toBe('Succeeded');
  });

  test('finds what nobody told it of within five minutes', async () => {
    const { context, acquire, clock, cluster } = aReplica();
    acquire();
    await clock.advance(1000);
    await context.store.create([anUpdate()]);

    await clock.advance(298_900);
    const before = cluster.patches.length;
    await clock.advance(100);

    expect([before, cluster.patches.length]).toEqual([0, 1]);
  });

  test('looks at everything again when the store is back, and does nothing when it does not lead', async () => {
    const { context, acquire, lose, settle, lead, cluster, clock } = aReplica();
    lead.lookAgain();
    acquire();
    await clock.advance(1000);
    await context.store.create([anUpdate()]);

    lead.lookAgain();
    await settle();
    expect(cluster.patches).toHaveLength(1);

    lose();
    lead.lookAgain();
    await settle();
    expect(clock.pending()).toBe(0);
  });

  test('leaves nothing behind when it leads no more: neither a timer nor a write', async () => {
    const { push, acquire, lose, settle, cluster, clock, told, phaseOf } = aReplica();
    acquire();
    const name = await push();
    await settle();

    lose();
    const timers = clock.pending();
    cluster.converge(keyOf());
    await clock.advance(3_600_000);

    expect([await phaseOf(name), told, timers]).toEqual(['RollingOut', [], 0]);
  });

  test('breaks off what is under way when it leads no more', async () => {
    const { signals, tell } = slowTell();
    const { push, acquire, lose, settle, cluster, phaseOf } = aReplica((context) => ({
      ...context,
      receivers: [{ name: 'slow', tell }],
    }));
    acquire();
    const name = await push();
    await settle();
    cluster.converge(keyOf());
    await settle();

    lose();

    expect([await phaseOf(name), signals.map(({ aborted }) => aborted)]).toEqual(['Succeeded', [true]]);
  });

  test('that is elected once more goes on with what is open', async () => {
    const { push, acquire, lose, settle, cluster, clock, told, phaseOf } = aReplica();
    acquire();
    const name = await push();
    await settle();
    lose();
    cluster.converge(keyOf());
    await clock.advance(60_000);

    acquire();
    await settle();

    expect([await phaseOf(name), cluster.patches.length, told.length]).toEqual(['Succeeded', 1, 1]);
  });

  test('and is elected again without a word has one term, not two', async () => {
    const { acquire, settle, clock } = aReplica();
    acquire();
    await settle();

    acquire();
    await settle();

    expect(clock.pending()).toBe(1);
  });
});

/** Stops one call of a replica: number `stopAt`, where every call counts twice, on its way and on its way back. */
function barrier(stopAt: number) {
  const calls: string[] = [];
  const effects: string[] = [];
  const open = Promise.withResolvers<undefined>();
  const count = async (what: string): Promise<void> => {
    calls.push(what);
    if (calls.length === stopAt + 1) await open.promise;
  };
  const pass = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    await count(`before ${name}`);
    if (/^(replace|patch|tell)/.test(name)) effects.push(name);
    const result = await call();
    await count(`after ${name}`);
    return result;
  };
  const around = (context: FlowContext): FlowContext => {
    const { store, cluster, receivers } = context;
    return {
      ...context,
      store: {
        ...store,
        get: (name) => pass('get', () => store.get(name)),
        open: (workload) => pass('open', () => store.open(workload)),
        replace: (update, revision) => pass(`replace ${update.phase}`, () => store.replace(update, revision)),
      },
      cluster: {
        ...cluster,
        read: (key, signal) => pass('read', () => cluster.read(key, signal)),
        patchImages: (patch, signal) => pass('patch', () => cluster.patchImages(patch, signal)),
      },
      receivers: receivers.map((receiver) => ({
        ...receiver,
        tell: (update, event, signal) => pass('tell', () => receiver.tell(update, event, signal)),
      })),
    };
  };
  return { calls, effects, around, open: () => open.resolve(undefined) };
}

/** One update; the term ends when call `stopAt` is under way, which takes until `late`. */
async function losing(stopAt: number, late: 'while another leads' | 'when it leads again') {
  const stop = barrier(stopAt);
  const replica = aReplica(stop.around);
  const { cluster, clock, settle } = replica;
  const converge = async (): Promise<void> => {
    await settle();
    if (cluster.patches.length > 0) cluster.converge(keyOf());
    await settle();
  };
  const again = async (): Promise<void> => {
    replica.acquire();
    await converge();
    await clock.advance(60_000);
  };
  replica.acquire();
  const name = await replica.push();
  await converge();

  const where = stop.calls[stopAt] ?? 'the end';
  replica.lose();
  if (late === 'when it leads again') await again();
  const before = stop.effects.length;
  stop.open();
  await clock.advance(60_000);
  const tooLate = stop.effects.slice(before);
  if (late === 'while another leads') await again();

  const { told } = replica;
  return { where, tooLate, cluster, told, phase: await replica.phaseOf(name), calls: stop.calls };
}

describe('a term that ends between any two steps', () => {
  const lates = ['while another leads', 'when it leads again'] as const;

  test.each(lates)('writes nothing after it, its late answers coming %s', async (late) => {
    const whole = await losing(Infinity, late);
    expect(whole.calls.filter((call) => /^before (replace|patch|tell)/.test(call))).toEqual([
      'before replace Delivering',
      'before patch',
      'before replace RollingOut',
      'before replace Succeeded',
      'before tell',
      'before replace Succeeded',
    ]);

    for (let stopAt = 0; stopAt < whole.calls.length; stopAt++) {
      const { where, tooLate, cluster, phase, told } = await losing(stopAt, late);

      // What had left this process when the term ended cannot be called back: its revision or its id must do.
      const gone = /^before (?<write>(?:replace|patch|tell).*)/.exec(where)?.groups?.write;
      expect({ where, tooLate }).toEqual({ where, tooLate: gone === undefined ? [] : [gone] });
      expect({ where, phase, patches: cluster.patches.length }).toEqual({
        where,
        phase: 'Succeeded',
        patches: 1,
      });
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    }
  });
});

describe('a store that is away when a replica is elected', () => {
  function awayStore() {
    const away = { now: true, asked: 0 };
    const replica = aReplica((context) => ({
      ...context,
      store: {
        ...context.store,
        open: (workload) => {
          away.asked++;
          if (away.now) return Promise.reject(new AppError('unavailable', 'no answer'));
          return context.store.open(workload);
        },
      },
    }));
    return { ...replica, away };
  }

  test('is asked again, ever more slowly, and then everything is taken up', async () => {
    const { acquire, push, clock, cluster, log, away } = awayStore();
    await push();
    acquire();

    await clock.advance(120_000);
    const waits = log.lines
      .filter(({ message }) => message === 'unfinished updates cannot be read, retrying')
      .map(({ level, fields }) => [level, fields.tries, fields.waitMs]);
    away.now = false;
    await clock.advance(22_500);

    expect(waits.slice(0, 3)).toEqual([
      ['warn', 1, 375],
      ['warn', 2, 750],
      ['warn', 3, 1500],
    ]);
    expect(waits.at(-1)).toEqual(['warn', waits.length, 22_500]);
    expect(cluster.patches).toHaveLength(1);
  });

  test('is asked no more when the term is over', async () => {
    const { acquire, lose, clock, log, away } = awayStore();
    acquire();
    lose();

    await clock.advance(120_000);

    expect([away.asked, clock.pending(), log.lines]).toEqual([1, 0, []]);
  });

  test('does not stop what the replica is told of, which has a retry of its own', async () => {
    const { acquire, push, clock, cluster, away } = awayStore();
    acquire();
    await push();
    await clock.advance(400);
    away.now = false;

    await clock.advance(2000);

    expect(cluster.patches).toHaveLength(1);
  });
});

describe('a replica that ends', () => {
  test('ends what is due, then does nothing more and begins no term', async () => {
    const { acquire, lose, push, lead, clock, cluster, phaseOf, settle } = aReplica();
    acquire();
    const name = await push();

    const drained = lead.drain(20_000);
    await settle();
    await drained;
    const phase = await phaseOf(name);
    cluster.converge(keyOf());
    lose();
    acquire();
    lead.wake(name);
    await clock.advance(600_000);

    expect([phase, await phaseOf(name), clock.pending()]).toEqual(['RollingOut', 'RollingOut', 0]);
  });

  test('waits for what is due no longer than it is told', async () => {
    const { tell } = slowTell();
    const { acquire, push, lead, clock, settle, cluster } = aReplica((context) => ({
      ...context,
      receivers: [{ name: 'slow', tell }],
    }));
    acquire();
    await push();
    await settle();
    cluster.converge(keyOf());
    await settle();
    let drained = false;

    void lead.drain(2000).then(() => (drained = true));
    await clock.advance(1900);
    const before = drained;
    await clock.advance(100);

    expect([before, drained, clock.pending()]).toEqual([false, true, 0]);
  });

  test('ends at once if it never led', async () => {
    const { lead } = aReplica();

    await expect(lead.drain(20_000)).resolves.toBeUndefined();
  });
});

describe('a replica that has its store to itself', () => {
  async function run(signal: AbortSignal, during: () => void = () => undefined) {
    const heard: string[] = [];
    const running = alone.run(signal, {
      acquired: () => heard.push('acquired'),
      lost: () => heard.push('lost'),
    });
    heard.push('running');
    during();
    await running;
    return heard;
  }

  test('leads from the beginning to the end', async () => {
    const stopping = new AbortController();

    const heard = await run(stopping.signal, () => stopping.abort());

    expect([heard, alone.holds()]).toEqual([['acquired', 'running', 'lost'], true]);
  });

  test('and leads for a moment if the end came before the beginning', async () => {
    expect(await run(AbortSignal.abort())).toEqual(['acquired', 'lost', 'running']);
  });
});
