import type { VoteKind } from '../../src/core/approval.ts';
import type { Cluster, ImagePatch, Store } from '../../src/core/ports.ts';
import type { OutgoingEvent } from '../../src/core/announcement.ts';
import type { Update } from '../../src/core/update.ts';
import { castVote, type VoteContext, type VoteResult } from '../../src/flows/vote.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { createHarness } from '../support/harness.ts';
import { aBallot } from '../support/voters.ts';
import { lifeOf, mortal, mortalCluster } from './life.ts';

/** What somebody wants to say, and when. */
export interface Wish {
  readonly who: string;
  readonly vote: VoteKind;
  /** While the process is at this step of its life, by another replica; `own` = by itself, when it has nothing to do. */
  readonly at: number | 'own';
}

/** How two processes bring one update to its end. */
export interface Lives {
  /** The step at which the first one dies. */
  readonly dieAt: number;
  readonly wishes: readonly Wish[];
  /** How long nobody works then. */
  readonly idleMs: number;
  /** Whether those who have no answer ask again before the second one has begun, or after. */
  readonly again: 'before' | 'after';
}

/** The answer to a vote. */
export interface Answer extends Wish {
  readonly result: VoteResult;
}

/** What came of it. */
export interface Told {
  readonly calls: readonly string[];
  readonly answers: readonly Answer[];
  /** Every patch that took effect, with the record as it was right before. */
  readonly patches: readonly { readonly patch: ImagePatch; readonly record: Update | undefined }[];
  readonly told: readonly OutgoingEvent[];
  readonly update: Update;
}

const dayMs = 86_400_000;
const asking = {
  'updatekate.dev/policy': 'semver',
  'updatekate.dev/approvals': '2',
  'updatekate.dev/approvers': 'ann@acme.example, bob@acme.example, eve@acme.example',
};

/**
 * One update of a workload that two people must let through, from push to end. Whoever votes and gets no answer, or
 * comes before anybody was asked, tries again.
 */
export async function live({ dieAt, wishes, idleMs, again }: Lives): Promise<Told> {
  const store = createMemoryStore();
  const cluster = createFakeCluster([aWorkload({ annotations: asking })]);
  const { port, patches } = observed(cluster.port, store);
  const { cast, open, answers } = voting(store, wishes);

  let name = '';
  const life = lifeOf(dieAt, async (at) => {
    const elsewhere = { ...first.context, store, wake: first.reconciler.wake };
    for (const wish of open()) if (wish.at === at) await cast(elsewhere, name, wish);
  });
  const first = createHarness({
    store,
    cluster: { ...cluster, port: mortalCluster(life, port) },
    around: (context) => ({ ...context, ...mortal(life, context) }),
  });
  cluster.onChange = first.reconciler.workloadChanged;
  [name = ''] = (await first.push('1.1.0')).updates;
  await first.settle();
  for (const wish of open()) {
    if (wish.at !== 'own') continue;
    await Promise.race([life.died, cast({ ...first.context, wake: first.reconciler.wake }, name, wish)]);
    await first.settle();
  }
  if (patches.length > 0) cluster.converge(keyOf());
  await first.settle();

  const second = createHarness({
    ...{ store, cluster: { ...cluster, port } },
    at: new Date(first.clock.now().getTime() + idleMs),
  });
  cluster.onChange = second.reconciler.workloadChanged;
  const late = { ...second.context, wake: second.reconciler.wake };
  if (again === 'before') for (const wish of open()) await cast(late, name, wish);
  await second.reconciler.resume();
  await second.settle();
  for (const wish of open()) await cast(late, name, wish);
  await second.settle();
  if (patches.length > 0) cluster.converge(keyOf());
  await second.clock.advance(2 * dayMs);

  const stored = await store.get(name);
  if (!stored) throw new Error('the record is gone');
  const told = [...first.told, ...second.told];
  return { ...{ calls: life.calls, answers, patches, told }, update: stored.update };
}

/** Notes every patch that takes effect, with the record as it was right before. */
function observed(
  port: Cluster,
  store: Store,
): { readonly port: Cluster; readonly patches: Told['patches'] } {
  const patches: Told['patches'][number][] = [];
  const patchImages: Cluster['patchImages'] = async (patch, signal) => {
    const record = (await store.get(patch.annotations['updatekate.dev/update'] ?? ''))?.update;
    const patched = await port.patchImages(patch, signal);
    patches.push({ patch, record });
    return patched;
  };
  return { port: { ...port, patchImages }, patches };
}

interface Voting {
  /** Votes for what the record shows, by the process of this context. */
  cast(context: VoteContext, name: string, wish: Wish): Promise<void>;
  /** Who has no answer yet. */
  open(): readonly Wish[];
  readonly answers: readonly Answer[];
}

function voting(store: Store, wishes: readonly Wish[]): Voting {
  const answers: Answer[] = [];
  return {
    answers,
    async cast(context, name, wish) {
      const stored = await store.get(name);
      if (!stored) return;
      const result = await castVote(context, name, aBallot(stored.update, wish.who, { vote: wish.vote }));
      answers.push({ ...wish, result });
    },
    open: () => wishes.filter(({ who }) => !answers.some((one) => one.who === who && isFinal(one.result))),
  };
}

/** Whoever comes before anybody was asked may come again. */
function isFinal(result: VoteResult): boolean {
  return result.kind === 'counted' || result.reason !== 'not-asked';
}
