import { describe, expect, test } from '@jest/globals';
import type { Cluster } from '../../src/core/ports.ts';
import type { FlowContext } from '../../src/flows/context.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness } from '../support/harness.ts';

/** Where a process may die: before or after each call that has an effect. */
interface Life {
  readonly calls: readonly string[];
  /** Passes a call, or never returns from it: what a killed process looks like from outside. */
  step<T>(name: string, call: () => Promise<T>): Promise<T>;
}

function lifeOf(steps: number): Life {
  const calls: string[] = [];
  const never = new Promise<never>(() => undefined);
  return {
    calls,
    async step(name, call) {
      calls.push(`before ${name}`);
      if (calls.length > steps) return never;
      const result = await call();
      calls.push(`after ${name}`);
      return calls.length > steps ? never : result;
    },
  };
}

/** The parts of a process that dies as `life` says. */
function mortal(life: Life, { store, receivers }: FlowContext): Pick<FlowContext, 'store' | 'receivers'> {
  return {
    store: {
      ...store,
      replace: (update, revision) =>
        life.step(`write ${update.phase}/${update.announcements[0]?.state ?? 'none'}`, () =>
          store.replace(update, revision),
        ),
    },
    receivers: receivers.map((receiver) => ({
      ...receiver,
      tell: (update, event, signal) => life.step('tell', () => receiver.tell(update, event, signal)),
    })),
  };
}

/** One update from push to announcement; the first process dies at step `dieAt`, a second one takes over. */
async function run(dieAt: number) {
  const store = createMemoryStore();
  const cluster = createFakeCluster([aWorkload()]);
  const life = lifeOf(dieAt);
  const { port } = cluster;
  const patchImages: Cluster['patchImages'] = (patch, signal) =>
    life.step('patch', () => port.patchImages(patch, signal));
  const first = createHarness({
    store,
    cluster: { ...cluster, port: { ...port, patchImages } },
    around: (context) => ({ ...context, ...mortal(life, context) }),
  });
  cluster.onChange = first.reconciler.workloadChanged;
  const { updates } = await first.push('1.1.0');
  await first.settle();
  if (cluster.patches.length > 0) cluster.converge(keyOf());
  await first.settle();

  const second = createHarness({ store, cluster });
  await second.reconciler.resume();
  await second.settle();
  cluster.converge(keyOf());
  await second.clock.advance(60_000);

  const told = [...first.told, ...second.told];
  const stored = await store.get(updates[0] ?? '');
  return { calls: life.calls, cluster, told, update: stored?.update };
}

describe('a process that is killed between any two steps', () => {
  test('leaves a job that its successor finishes: one patch, at least one announcement, one id', async () => {
    const whole = await run(Infinity);
    expect(whole.calls).toEqual([
      'before write Delivering/none',
      'after write Delivering/none',
      'before patch',
      'after patch',
      'before write RollingOut/none',
      'after write RollingOut/none',
      'before write Succeeded/pending',
      'after write Succeeded/pending',
      'before tell',
      'after tell',
      'before write Succeeded/sent',
      'after write Succeeded/sent',
    ]);

    for (let dieAt = 0; dieAt < whole.calls.length; dieAt++) {
      const { update, cluster, told } = await run(dieAt);

      const context = `died at ${whole.calls[dieAt] ?? ''}`;
      expect({ context, phase: update?.phase, patches: cluster.patches.length }).toEqual({
        context,
        phase: 'Succeeded',
        patches: 1,
      });
      expect(update?.announcements).toMatchObject([{ state: 'sent', attempts: 1 }]);
      expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    }
  });
});
