import { approversOf, identityOf, longestPersonText, progressOf, stateOf } from './approval.ts';
import type { Approval, Person, Vote, VoteKind } from './approval.ts';
import { isBlank, oneLine } from './one-line.ts';
import { mayHaveAsked } from './own-request.ts';
import { enter, type Update } from './update.ts';

/** Who votes, as the way he came vouches for. */
export interface Voter {
  readonly person: Person;
  /** What he may be called in a list of approvers: address, ids, `group:ops`. Verified, never chosen by himself. */
  readonly names: readonly string[];
  /** Whether Kubernetes lets him `approve` this ImageUpdate. */
  readonly rbac: boolean;
  /** Whether he may release without the others. */
  readonly mayOverride: boolean;
  /** The way he came. */
  readonly via: string;
}

/** A vote before it is counted. */
export interface Ballot {
  readonly voter: Voter;
  readonly vote: VoteKind;
  /** What it is for: the hash of what the voter was shown. */
  readonly hash: string;
  readonly reason?: string;
}

/** Why a vote does not count. */
export type RefusedVote =
  | 'not-asked'
  | 'decided'
  | 'superseded'
  | 'expired'
  | 'other-request'
  | 'not-an-approver'
  | 'own-request'
  | 'voted-already'
  | 'override-not-allowed'
  | 'reason-missing';

/** What becomes of a vote. */
export type Count =
  | { readonly kind: 'counted'; readonly update: Update }
  | { readonly kind: 'refused'; readonly reason: RefusedVote; readonly message: string };

/** Longest reason in a record, in UTF-16 units. `k8s/crd.yaml` takes no longer one. */
const longestReason = 2048;

/**
 * Counts a vote, or says why not. A no is the end of the update at once. What the voter wrote, and how he is called,
 * is made fit for a record: one line, nothing that cannot be seen, no longer than the record takes. Pure.
 */
export function count(update: Update, given: Ballot, now: Date): Count {
  const { approval } = update;
  const ballot = fit(given);
  if (!approval) return refused(update, 'not-asked', ballot);
  const problem = problemOf(update, approval, ballot, now);
  if (problem) return refused(update, problem, ballot);
  const { voter, vote, reason } = ballot;
  const at = now.toISOString();
  const one: Vote = {
    ...{ by: voter.person, vote, at, via: voter.via },
    ...(reason === undefined ? {} : { reason }),
  };
  const counted: Approval = { ...approval, given: [...approval.given, one] };
  const voted: Update = { ...update, approval: counted, message: progressOf(counted) };
  if (vote !== 'reject') return { kind: 'counted', update: voted };
  const message = `rejected by ${voter.person.name}${reason === undefined ? '' : `: ${reason}`}`;
  return { kind: 'counted', update: enter(voted, 'Rejected', now, { reason: 'rejected', message }) };
}

/** The ballot as it can be written down. A reason that nobody can see is none. */
function fit({ reason, ...ballot }: Ballot): Ballot {
  const { id, name, fullName, email } = ballot.voter.person;
  const person: Person = {
    ...{ id: oneLine(id, longestPersonText), name: oneLine(name, longestPersonText) },
    ...(fullName === undefined ? {} : { fullName: oneLine(fullName, longestPersonText) }),
    ...(email === undefined ? {} : { email: oneLine(email, longestPersonText) }),
  };
  const why = reason === undefined || isBlank(reason) ? {} : { reason: oneLine(reason, longestReason) };
  return { ...ballot, voter: { ...ballot.voter, person }, ...why };
}

function problemOf(update: Update, approval: Approval, ballot: Ballot, now: Date): RefusedVote | undefined {
  return (
    closedTo(update, approval, now) ??
    (ballot.hash === approval.hash ? undefined : 'other-request') ??
    unfit(approval, ballot)
  );
}

/** Why nobody can vote any more. */
function closedTo({ phase }: Update, approval: Approval, now: Date): RefusedVote | undefined {
  if (phase === 'Superseded') return 'superseded';
  if (phase === 'Expired') return 'expired';
  if (phase !== 'AwaitingApproval') return 'decided';
  const state = stateOf(approval, now);
  if (state === 'pending') return undefined;
  return state === 'expired' ? 'expired' : 'decided';
}

/** Why this one cannot. */
function unfit(
  { approvers, requester, requesterMayApprove, given }: Approval,
  { voter, vote, reason }: Ballot,
): RefusedVote | undefined {
  if (vote === 'override') {
    if (!voter.mayOverride) return 'override-not-allowed';
    return reason === undefined ? 'reason-missing' : undefined;
  }
  if (!isApprover(voter, approvers)) return 'not-an-approver';
  // Whoever asked may take it back, whatever the rule says of his yes.
  if (vote === 'reject') return undefined;
  if (requester !== undefined && !requesterMayApprove && mayHaveAsked(voter.person, requester)) {
    return 'own-request';
  }
  const isHe = (id: string): boolean => identityOf(id) === identityOf(voter.person.id);
  return approversOf(given).some(({ id }) => isHe(id)) ? 'voted-already' : undefined;
}

/** Whether the list names him. `A` is `a`: addresses and groups are the same in both. */
export function isApprover(
  { names, rbac }: Pick<Voter, 'names' | 'rbac'>,
  approvers: readonly string[],
): boolean {
  const known = new Set(names.map(inLowerCase));
  return approvers.map(inLowerCase).some((entry) => (entry === 'rbac' ? rbac : known.has(entry)));
}

/** Of ASCII only: elsewhere different letters share a small one, as the sign of the kelvin does with `k`. */
function inLowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function refused({ name, phase, approval }: Update, reason: RefusedVote, { voter }: Ballot): Count {
  const words: Readonly<Record<RefusedVote, string>> = {
    'not-asked': `update ${name} (${phase}) has not been put to the vote`,
    decided: `update ${name} has been decided already: it is ${phase}`,
    superseded: `update ${name} was superseded by a newer one`,
    expired: `update ${name} was not approved in time: its deadline was ${approval?.deadlineAt ?? ''}`,
    'other-request': `update ${name} is not what was shown: look at it again`,
    'not-an-approver': `${voter.person.name} is no approver of ${name}: ${approval?.approvers.join(', ') ?? ''}`,
    'own-request': `${voter.person.name} asked for ${name}: somebody else has to approve it`,
    'voted-already': `${voter.person.name} has approved ${name} already`,
    'override-not-allowed': `${voter.person.name} may not release ${name} without its approvers`,
    'reason-missing': 'whoever releases without the approvers has to say why',
  };
  return { kind: 'refused', reason, message: words[reason] };
}
