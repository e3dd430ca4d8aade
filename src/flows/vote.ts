import { stateOf, type ApprovalState } from '../core/approval.ts';
import { count, type Ballot, type RefusedVote } from '../core/ballot.ts';
import { hasCode } from '../core/errors.ts';
import { isEnd } from '../core/phases.ts';
import type { Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext } from './context.ts';
import { logEnd, noted, notedVote } from './finish.ts';

/** What became of a vote. */
export type VoteResult =
  | { readonly kind: 'counted'; readonly update: Update; readonly state: ApprovalState }
  | {
      readonly kind: 'refused';
      readonly reason: RefusedVote | 'not-found';
      /** For the voter to read. */
      readonly message: string;
    };

export type VoteContext = Pick<FlowContext, 'store' | 'receivers' | 'clock' | 'log' | 'metrics'> & {
  /** Has the update looked at at once. */
  readonly wake: (name: string) => void;
};

/**
 * Counts one vote, on any replica: the record is what they share, and only one of two votes that come at once is
 * written over the same revision. It resolves when the vote is where a crash does not lose it.
 */
export async function castVote(context: VoteContext, name: string, ballot: Ballot): Promise<VoteResult> {
  let result: VoteResult | undefined;
  while (!result) result = await attempt(context, name, ballot);
  const { metrics, log } = context;
  const { voter, vote } = ballot;
  const fields = { update: name, by: voter.person.id, via: voter.via, vote };
  metrics.vote(voter.via, result.kind === 'refused' ? result.reason : vote);
  if (result.kind === 'refused') {
    log.warn({ ...fields, reason: result.reason, message: result.message }, 'vote refused');
    return result;
  }
  const workload = workloadId(result.update.workload);
  const why = ballot.reason === undefined ? {} : { reason: ballot.reason };
  // Whoever releases past the approvers is to be seen by whoever reads warnings.
  log[vote === 'override' ? 'warn' : 'info'](
    { ...fields, workload, state: result.state, ...why },
    'vote counted',
  );
  if (isEnd(result.update.phase)) logEnd(context, result.update);
  context.wake(name);
  return result;
}

/** One try; `undefined` when somebody else wrote meanwhile. */
async function attempt(context: VoteContext, name: string, ballot: Ballot): Promise<VoteResult | undefined> {
  const { store, clock } = context;
  const stored = await store.get(name);
  if (!stored) return { kind: 'refused', reason: 'not-found', message: `there is no update ${name}` };
  const now = clock.now();
  const result = count(stored.update, ballot, now);
  if (result.kind === 'refused') return result;
  const { update } = result;
  const state = update.approval ? stateOf(update.approval, now) : 'pending';
  try {
    await store.replace(withNotes(context, update, state), stored.revision);
  } catch (error) {
    if (hasCode(error, 'conflict') || hasCode(error, 'not-found')) return undefined;
    throw error;
  }
  return { kind: 'counted', update, state };
}

/** Nobody is told of a yes that decides it here: what comes of it is told as soon as the update goes on. */
function withNotes(context: VoteContext, update: Update, state: ApprovalState): Update {
  if (isEnd(update.phase)) return noted(context, update);
  return state === 'pending' ? notedVote(context, update) : update;
}
