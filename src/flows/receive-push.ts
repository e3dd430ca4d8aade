import { chosenImage, decide, type Choice, type Decision } from '../core/decide.ts';
import { AppError } from '../core/errors.ts';
import { pushedTags } from '../core/pushed-image.ts';
import type { Push, PushedTag } from '../core/registry.ts';
import { targetId, type Target } from '../core/target.ts';
import { isEnd } from '../core/phases.ts';
import type { Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { ParkedPushes, Stored } from '../core/ports.ts';
import type { FlowContext } from './context.ts';
import { recordUpdates, updatesFrom } from './updates-from.ts';

/** The answer to a webhook. */
export interface PushAnswer {
  readonly pushes: readonly PushedTag[];
  readonly decisions: readonly Decision[];
  /** Names of the updates that are recorded and not finished. */
  readonly updates: readonly string[];
  /** The workloads are not known yet: the pushes are kept, and decided as soon as they are. */
  readonly parked?: true;
}

export type ReceivePushContext = Pick<FlowContext, 'store' | 'view' | 'clock' | 'log' | 'metrics'> & {
  readonly parked: ParkedPushes;
  /** Has decided what is parked. */
  unpark(): void;
  /** Tells the reconciler that an update is there. */
  wake(update: string): void;
  /** Why a repository that nobody runs should have had a target, if it should. */
  missing(repository: string): string | undefined;
};

/**
 * Push → targets → decisions → updates, written before this resolves. Asks neither the cluster nor a registry.
 *
 * @throws AppError `unavailable` when nothing can be written, or a dry run comes before the workloads are known.
 */
export async function receivePush(
  context: ReceivePushContext,
  pushes: readonly Push[],
  dryRun: boolean,
): Promise<PushAnswer> {
  const { store, view, clock, metrics } = context;
  if (!view.known() && pushes.length > 0) return park(context, pushes, dryRun);
  const choices = [...Map.groupBy(pushes, ({ repository }) => repository)].flatMap(([repository, own]) =>
    view.targetsOf(repository).map((target) => withKnownDigest(decide(target, own))),
  );
  const decisions = choices.flatMap(({ considered }) => considered);
  if (dryRun) return { pushes: pushedTags(pushes), decisions, updates: [] };

  const stored = await recordUpdates(store, updatesFrom(choices, pushes, clock.now()));
  const open = stored.filter(({ update }) => !isEnd(update.phase)).map(({ update }) => update.name);
  const answered = withEnded(decisions, stored);
  answered.forEach((decision) => metrics.decision(decision));
  logOutcome(context, pushes, answered, stored);
  open.forEach((name) => context.wake(name));
  return { pushes: pushedTags(pushes), decisions: answered, updates: open };
}

/** A sender that is turned away too often gives up for good: what cannot be decided is kept. */
async function park(
  { parked, view, log, unpark }: ReceivePushContext,
  pushes: readonly Push[],
  dryRun: boolean,
): Promise<PushAnswer> {
  if (dryRun) throw new AppError('unavailable', 'the workloads are not known yet', { retryAfterMs: 5000 });
  await parked.keep(pushes);
  log.info({ pushes }, 'push kept until the workloads are known');
  // They may have become known while this was written: nobody else would look then.
  if (view.known()) unpark();
  return { pushes: pushedTags(pushes), decisions: [], updates: [], parked: true };
}

/** The same tag pushed again is known to be another image by its digest alone, and nobody asks the registry yet. */
function withKnownDigest(choice: Choice): Choice {
  const { target, selected } = choice;
  const isSameTag = target.policy.pins === true && selected === (target.ref.tag ?? 'latest');
  if (!isSameTag || chosenImage(choice)?.includes('@')) return choice;
  const message = 'the push names no digest, and the registry is not asked for it by this version';
  const considered = choice.considered.map((decision): Decision =>
    decision.verdict === 'skip' ? decision : { ...decision, verdict: 'skip', reason: 'unverified', message },
  );
  return { ...choice, selected: undefined, considered };
}

/** A late repetition of a push whose update has ended does nothing, and says so. */
function withEnded(decisions: readonly Decision[], stored: readonly Stored[]): readonly Decision[] {
  const ended = new Map(
    stored
      .filter(({ update }) => isEnd(update.phase))
      .flatMap(({ update }) =>
        update.moves.map((move) => [decisionKey(idOf(update, move.container), move.to), update]),
      ),
  );
  return decisions.map((decision) => {
    const update = ended.get(decisionKey(decision.target, decision.to));
    if (!update || decision.verdict === 'skip') return decision;
    const message = `update ${update.name} of this push already ended: ${update.phase}`;
    return { ...decision, verdict: 'skip', reason: 'already-recorded', message };
  });
}

function idOf(update: Update, container: string): string {
  return targetId({ workload: update.workload, container } satisfies Pick<Target, 'workload' | 'container'>);
}

function decisionKey(target: string, to: string): string {
  return JSON.stringify([target, to]);
}

function logOutcome(
  { log, missing }: ReceivePushContext,
  pushes: readonly Push[],
  decisions: readonly Decision[],
  stored: readonly (Stored & { readonly created: boolean })[],
): void {
  for (const { update, created } of stored) {
    const { name, moves, workload, policy, pushedBy } = update;
    const who = pushedBy === undefined ? {} : { pushedBy };
    const fields = { update: name, workload: workloadId(workload), moves, policy, ...who };
    if (created) log.info(fields, 'update recorded');
  }
  for (const decision of decisions)
    if (decision.verdict === 'skip') log.info({ ...decision }, 'push skipped');
  if (decisions.length > 0) return;
  for (const repository of new Set(pushes.map((push) => push.repository))) {
    const problem = missing(repository);
    if (problem === undefined) log.debug({ repository }, 'push for an image that no target runs');
    else log.warn({ repository, problem }, 'push for the classic target, which cannot be updated');
  }
}
