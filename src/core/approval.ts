import { createHash } from 'node:crypto';
import { isBlank, oneLine } from './one-line.ts';
import type { ImageMove, Update } from './update.ts';
import { workloadId } from './workload.ts';

/** Whoever votes, by one identity whatever way he comes: his address where it is known, else `slack:T1/U1` and so on. */
export interface Person {
  readonly id: string;
  /** The name he is called by, for people to read; never what he is known by. */
  readonly name: string;
  readonly fullName?: string;
  readonly email?: string;
}

/** What a vote says. `override` releases alone, whoever else votes: for emergencies, with a reason. */
export type VoteKind = 'approve' | 'reject' | 'override';

/** One vote, as it was counted. */
export interface Vote {
  readonly by: Person;
  readonly vote: VoteKind;
  /** RFC 3339. */
  readonly at: string;
  /** The way it came: `api`, `kubernetes`, `link`, `slack`. */
  readonly via: string;
  readonly reason?: string;
}

/** What must be approved before an update is delivered, by whom and until when; as it was when people were asked. */
export interface ApprovalRules {
  /** How many different people must say yes. */
  readonly votes: number;
  /** Names of people and groups; `rbac` = whoever Kubernetes lets `approve` the ImageUpdate. */
  readonly approvers: readonly string[];
  readonly deadlineMs: number;
  /** Whether who asked for the update may approve it. */
  readonly requesterMayApprove: boolean;
  /** Where the first system's annotation asks for it to be asked. */
  readonly channel?: string;
}

/** The gate of one update, in its record. Votes are only ever added. */
export interface Approval extends Omit<ApprovalRules, 'deadlineMs'> {
  /** RFC 3339: from then on no vote counts. */
  readonly deadlineAt: string;
  /** Of what is to be delivered: a vote names what it is for. */
  readonly hash: string;
  /** Who asked for the update, by whatever name he is known, where he is known: what the registry calls the pusher. */
  readonly requester?: string;
  readonly given: readonly Vote[];
}

/** Longest name, identity or address in a record, in UTF-16 units. `k8s/crd.yaml` takes no longer one. */
export const longestPersonText = 512;

/** How the gate stands. */
export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'expired';

/** The gate, open from now on. `requester`: who asked for the update, where that is known. */
export function askedFor(
  update: Pick<Update, 'workload' | 'uid' | 'digest' | 'moves'>,
  { deadlineMs, ...rules }: ApprovalRules,
  now: Date,
  requester = '',
): Approval {
  return {
    ...rules,
    deadlineAt: new Date(now.getTime() + deadlineMs).toISOString(),
    hash: approvalHash(update),
    ...(isBlank(requester) ? {} : { requester: oneLine(requester, longestPersonText) }),
    given: [],
  };
}

/** What a vote is bound to: this workload object, these containers, these images (and digest, where one is known). */
export function approvalHash({
  workload,
  uid,
  digest,
  moves,
}: Pick<Update, 'workload' | 'uid' | 'digest' | 'moves'>): string {
  const images = moves.map(({ container, init, to }) => [container, init, to]).sort(byText);
  const text = JSON.stringify([workloadId(workload), uid, digest ?? '', images]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** How the gate stands at `now`. What was decided in time stays decided. */
export function stateOf(approval: Approval, now: Date): ApprovalState {
  if (approval.given.some(({ vote }) => vote === 'reject')) return 'rejected';
  if (isReleased(approval)) return 'approved';
  // A deadline that cannot be read is over.
  return now.getTime() < Date.parse(approval.deadlineAt) ? 'pending' : 'expired';
}

/** Whether enough people have said yes, and nobody no. Votes are counted in time or never, so time plays no part. */
export function isReleased({ votes, given }: Pick<Approval, 'votes' | 'given'>): boolean {
  if (given.some(({ vote }) => vote === 'reject')) return false;
  // Whatever a record says, nobody's silence is a yes.
  return given.some(({ vote }) => vote === 'override') || approversOf(given).length >= Math.max(1, votes);
}

/** Who has said yes, each once. */
export function approversOf(given: readonly Vote[]): readonly Person[] {
  const yes = given.filter(({ vote }) => vote !== 'reject').map(({ by }) => by);
  return [...new Map(yes.map((person) => [identityOf(person.id), person])).values()];
}

/**
 * An identity in the one spelling that two are compared in. It takes away the letters' case and what looks the same:
 * so it may only ever show that two are one person, and never that one is on a list.
 */
export function identityOf(id: string): string {
  return oneLine(id, longestPersonText).normalize('NFKC').toLowerCase();
}

/** The approval, spelled for a person: `1 of 2 approvals, until 2026-01-01T00:00:00Z`. */
export function progressOf({ votes, given, deadlineAt }: Approval): string {
  return `${approversOf(given).length} of ${votes} approvals, until ${deadlineAt}`;
}

/** What people are shown, line by line: old and new image of every container. */
export function shownMoves(moves: readonly ImageMove[]): readonly string[] {
  return moves.map(({ container, from, to }) => `${container}: ${from} -> ${to}`);
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : Number(left > right);
}
