import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../src/core/errors.ts';
import { isEnd, isInFlight, transitions } from '../../src/core/phases.ts';
import type { Cluster, Receiver, Store } from '../../src/core/ports.ts';
import { isOpen, type PhaseEntry } from '../../src/core/update.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness, type Harness } from '../support/harness.ts';

/** What can happen to the system from outside. */
type Action =
  | { readonly kind: 'push'; readonly minors: readonly number[] }
  | { readonly kind: 'converge' | 'observe' | 'crash' }
  | { readonly kind: 'wait'; readonly seconds: number }
  /** The next calls of one part fail, before or after they took effect. */
  | { readonly kind: 'fail'; readonly part: Part; readonly calls: number; readonly late: boolean }
  | { readonly kind: 'someone sets'; readonly minor: number };
type Part = 'store' | 'cluster' | 'receiver';

const repository = 'quay.io/acme/shop';
const minor = fc.nat({ max: 12 });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('push' as const), minors: fc.array(minor, { maxLength: 3 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('converge' as const, 'observe' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 400, 1000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      part: fc.constantFrom<Part>('store', 'cluster', 'receiver'),
      calls: fc.integer({ min: 1, max: 4 }),
      late: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('someone sets' as const), minor }) },
);

/** Calls that are still to fail, by part. */
type Faults = Record<Part, { calls: number; late: boolean }>;

/** A world that outlives its processes: cluster, store, receiver, and the faults that are due. */
function createWorld() {
  const store = createMemoryStore();
  const cluster = createFakeCluster([aWorkload()]);
  const faults: Faults = {
    store: { calls: 0, late: false },
    cluster: { calls: 0, late: false },
    receiver: { calls: 0, late: false },
  };
  const told: string[] = [];
  let alive = 0;

  /** A call as one process makes it: the dead make none, and a fault hits before or after the effect. */
  const call = async <T>(life: number, part: Part, work: () => Promise<T>): Promise<T> => {
    const fault = faults[part];
    const failing = fault.calls > 0;
    if (failing) fault.calls--;
    if (life !== alive) return new Promise(() => undefined);
    if (failing && !fault.late) throw new AppError('unavailable', `${part} is away`);
    const result = await work();
    if (failing) throw new AppError('timeout', `the answer of ${part} was lost`);
    return life === alive ? result : new Promise(() => undefined);
  };
  const start = (): Harness => {
    const life = ++alive;
    const ofStore: Pick<Store, 'replace' | 'get'> = {
      get: (name) => call(life, 'store', () => store.get(name)),
      replace: (update, revision) => call(life, 'store', () => store.replace(update, revision)),
    };
    const ofCluster: Pick<Cluster, 'read' | 'patchImages'> = {
      read: (key, signal) => call(life, 'cluster', () => cluster.port.read(key, signal)),
      patchImages: (patch, signal) => call(life, 'cluster', () => cluster.port.patchImages(patch, signal)),
    };
    const harness = createHarness({
      store: { ...store, ...ofStore },
      cluster: { ...cluster, port: { ...cluster.port, ...ofCluster } },
      around: (context) => ({
        ...context,
        receivers: context.receivers.map((receiver): Receiver => ({
          ...receiver,
          tell: (update, event, signal) =>
            call(life, 'receiver', () => {
              told.push(update.name);
              return receiver.tell(update, event, signal);
            }),
        })),
      }),
    });
    cluster.onChange = harness.reconciler.workloadChanged;
    return harness;
  };
  return { store, cluster, faults, told, start };
}

const versionOf = (image: string): number => Number(/:1\.(\d+)\.0$/.exec(image)?.[1] ?? NaN);

/** What must hold after every action, whatever the actions were. */
async function checkAlways(
  { store, cluster }: ReturnType<typeof createWorld>,
  seen: Map<string, readonly PhaseEntry[]>,
): Promise<void> {
  const updates = (await store.ofWorkload(keyOf(), 1000)).map(({ update }) => update);
  for (const { name, history, phase } of updates) {
    const before = seen.get(name) ?? [];
    expect(history.slice(0, before.length)).toEqual(before);
    for (const [n, entry] of history.entries()) {
      const next = history[n + 1];
      if (next) expect(transitions[entry.phase]).toContain(next.phase);
      // What may have been delivered is finished: a newer wish waits for it.
      if (next && isInFlight(entry.phase)) expect(next.reason).not.toBe('newer-update');
    }
    expect(history.at(-1)?.phase).toBe(phase);
    seen.set(name, history);
  }
  expect(updates.filter(({ phase }) => isInFlight(phase)).length).toBeLessThanOrEqual(1);
  for (const { moves } of cluster.patches)
    for (const { from, to } of moves) expect(versionOf(to)).toBeGreaterThan(versionOf(from));
  const patched = cluster.patches.map(({ annotations }) => annotations['updatekate.dev/update']);
  expect(new Set(patched).size).toBe(patched.length);
}

describe('whatever happens', () => {
  test('no update is lost or done twice, nothing goes backwards, and the system comes to rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { maxLength: 25 }), async (actions) => {
        const world = createWorld();
        const { cluster, store, faults, told } = world;
        const seen = new Map<string, readonly PhaseEntry[]>();
        const acknowledged = new Set<string>();
        let process = world.start();
        const act = async (action: Action): Promise<void> => {
          switch (action.kind) {
            case 'push': {
              const { updates } = await process.push(...action.minors.map((n) => `1.${n}.0`));
              updates.forEach((name) => acknowledged.add(name));
              return process.settle();
            }
            case 'converge':
            case 'observe':
              cluster[action.kind](keyOf());
              return process.settle();
            case 'wait':
              return process.clock.advance(action.seconds * 1000);
            case 'fail':
              faults[action.part] = { calls: action.calls, late: action.late };
              return;
            case 'crash':
              process = world.start();
              await process.reconciler.resume();
              return process.settle();
            case 'someone sets': {
              const image = `${repository}:1.${action.minor}.0`;
              const { generation, containers } = cluster.get(keyOf());
              const changed = containers.map((container) => ({ ...container, image }));
              cluster.put({ ...cluster.get(keyOf()), generation: generation + 1, containers: changed });
              return process.settle();
            }
          }
        };

        for (const action of actions) {
          await act(action);
          await checkAlways(world, seen);
        }
        for (const part of Object.values(faults)) part.calls = 0;
        await act({ kind: 'push', minors: [99] });
        for (let n = 0; n < 40; n++) {
          cluster.converge(keyOf());
          await process.clock.advance(3600_000);
        }
        await checkAlways(world, seen);

        const updates = (await store.ofWorkload(keyOf(), 1000)).map(({ update }) => update);
        expect(cluster.get(keyOf()).containers[0]?.image).toBe(`${repository}:1.99.0`);
        expect(updates.filter(isOpen)).toEqual([]);
        const patched = new Set(
          cluster.patches.map(({ annotations }) => annotations['updatekate.dev/update']),
        );
        if (!actions.some(({ kind }) => kind === 'someone sets')) {
          for (const { name, phase } of updates)
            expect([name, phase === 'Succeeded' || phase === 'Failed']).toEqual([name, patched.has(name)]);
        }
        const ended = new Set(updates.filter(({ phase }) => isEnd(phase)).map(({ name }) => name));
        expect([...acknowledged].filter((name) => !ended.has(name))).toEqual([]);
        const toTell = updates.filter(({ phase }) => phase === 'Succeeded' || phase === 'Failed');
        expect(toTell.filter(({ name }) => !told.includes(name))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
