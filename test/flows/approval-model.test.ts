import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { VoteKind } from '../../src/core/approval.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Store } from '../../src/core/ports.ts';
import type { Update } from '../../src/core/update.ts';
import { castVote } from '../../src/flows/vote.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness, type Harness } from '../support/harness.ts';
import { aVoter } from '../support/voters.ts';

/** What people, registries and the machine do. */
type Action =
  | { readonly kind: 'push'; readonly minor: number }
  | {
      readonly kind: 'vote';
      readonly who: string;
      readonly vote: VoteKind;
      /** The n-th newest update, and whether the vote is for what its record shows. */
      readonly nth: number;
      readonly right: boolean;
    }
  | { readonly kind: 'wait'; readonly hours: number }
  | { readonly kind: 'converge' | 'crash' }
  /** The next writes fail, before or after they took effect. */
  | { readonly kind: 'fail'; readonly calls: number; readonly late: boolean };

const approvers = ['ann', 'bob', 'eve'];
/** Most people say yes: else nothing would ever be delivered here. */
const yes = Array.from({ length: 10 }, () => 'approve' as const);
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('push' as const), minor: fc.nat({ max: 6 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('vote' as const),
      who: fc.constantFrom(...approvers, ...approvers, 'mallory'),
      vote: fc.constantFrom<VoteKind>(...yes, 'reject', 'override'),
      nth: fc.constantFrom(0, 0, 0, 1),
      right: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.constantFrom(1, 23, 24) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('converge' as const, 'crash' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant('fail' as const), calls: fc.integer({ min: 1, max: 3 }), late: fc.boolean() },
    }),
  },
);

/** Store and cluster, which outlive processes, and one process after the other. */
function createWorld() {
  const memory = createMemoryStore();
  const fault = { calls: 0, late: false };
  const replace: Store['replace'] = async (update, revision) => {
    const failing = fault.calls > 0 && fault.calls-- > 0;
    if (failing && !fault.late) throw new AppError('unavailable', 'the store is away');
    const result = await memory.replace(update, revision);
    if (failing) throw new AppError('timeout', 'the answer of the store was lost');
    return result;
  };
  const store = { ...memory, replace };
  const workload = aWorkload({
    annotations: {
      'updatekate.dev/policy': 'semver',
      'updatekate.dev/approvals': '2',
      'updatekate.dev/approvers': approvers.map((name) => `${name}@acme.example`).join(','),
    },
  });
  const cluster = createFakeCluster([workload]);
  const start = (at: Date | undefined): Harness => {
    const harness = createHarness({ store, cluster, ...(at ? { at } : {}) });
    cluster.onChange = harness.reconciler.workloadChanged;
    return harness;
  };
  return { store, cluster, fault, start };
}

/** What must hold of a record, whatever has happened. */
function checkRecord(update: Update, patched: ReadonlySet<unknown>, before: Update | undefined): void {
  const given = update.approval?.given ?? [];
  expect(given.slice(0, before?.approval?.given.length ?? 0)).toEqual(before?.approval?.given ?? []);
  for (const { by, at, vote } of given) {
    expect(approvers).toContain(by.name);
    expect(vote).not.toBe('override');
    expect(Date.parse(at)).toBeLessThan(Date.parse(update.approval?.deadlineAt ?? ''));
  }
  const yes = new Set(given.filter(({ vote }) => vote === 'approve').map(({ by }) => by.id));
  const isRejected = given.some(({ vote }) => vote === 'reject');
  expect(isRejected).toBe(update.phase === 'Rejected');
  if (patched.has(update.name)) expect([yes.size >= 2, isRejected]).toEqual([true, false]);
}

test('whatever people do, nothing is delivered that two approvers have not let through in time', async () => {
  let delivered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyAction, { minLength: 5, maxLength: 40, size: 'max' }), async (actions) => {
      const { store, cluster, fault, start } = createWorld();
      let process = start(undefined);
      let seen = new Map<string, Update>();
      const vote = async ({
        who,
        vote: kind,
        nth,
        right,
      }: Extract<Action, { kind: 'vote' }>): Promise<void> => {
        const update = (await store.ofWorkload(keyOf(), 10))[nth]?.update;
        if (!update) return;
        const hash = right ? (update.approval?.hash ?? '') : 'another';
        const context = { ...process.context, wake: process.reconciler.wake };
        await castVote(context, update.name, {
          voter: aVoter(who),
          vote: kind,
          hash,
          reason: 'why not',
        }).catch((error: unknown) => expect(error).toBeInstanceOf(AppError));
      };
      const act = async (action: Action): Promise<void> => {
        if (action.kind === 'push') await process.push(`1.${action.minor}.0`);
        if (action.kind === 'vote') await vote(action);
        if (action.kind === 'wait') await process.clock.advance(action.hours * 3_600_000);
        if (action.kind === 'converge') cluster.converge(keyOf());
        if (action.kind === 'fail') Object.assign(fault, action);
        if (action.kind === 'crash') {
          const at = process.clock.now();
          await process.reconciler.stop();
          process = start(at);
          await process.reconciler.resume();
        }
        await process.settle();
      };
      const check = async (): Promise<void> => {
        const patched = new Set(
          cluster.patches.map(({ annotations }) => annotations['updatekate.dev/update']),
        );
        expect(patched.size).toBe(cluster.patches.length);
        const updates = (await store.ofWorkload(keyOf(), 1000)).map((stored) => stored.update);
        updates.forEach((update) => checkRecord(update, patched, seen.get(update.name)));
        seen = new Map(updates.map((update) => [update.name, update]));
      };
      for (const action of actions) {
        await act(action);
        await check();
      }
      // Nobody decides any more: what is open ends by itself.
      fault.calls = 0;
      for (let n = 0; n < 4; n++) {
        await process.clock.advance(25 * 3_600_000);
        cluster.converge(keyOf());
        await process.settle();
      }
      await check();
      expect(await store.open(keyOf())).toEqual([]);
      delivered += cluster.patches.length;
    }),
    { numRuns: 300 },
  );
  // A property over updates that never come that far would prove nothing.
  expect(delivered).toBeGreaterThan(20);
});
