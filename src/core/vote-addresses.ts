import type { Person } from './approval.ts';
import { isApprover, type Voter } from './ballot.ts';
import { personOf } from './kubernetes-user.ts';
import type { Update } from './update.ts';
import { signVoteLink, type VoteLink } from './vote-link.ts';

/** What links to vote are made with. */
export interface VoteLinkSettings {
  /** Keys of the signatures: the first one signs, all are good. */
  readonly keys: readonly [Buffer, ...Buffer[]];
  /** Where people reach the service. */
  readonly publicUrl: string;
}

/** The two links of one person. Whoever has them votes in his name. */
export interface VoteAddresses {
  /** As approvers name him. */
  readonly voter: string;
  readonly approve: string;
  readonly reject: string;
}

/** Entries that links can be made for, in words for a person. */
export const linkVoters = 'addresses, token:NAME and kubernetes:USER';

/**
 * Who votes by a link that was made for this entry among approvers. `undefined` where the entry alone does not say who
 * he is when he votes another way (Slack's ids): one person would have two votes.
 */
export function linkVoter(entry: string): Voter | undefined {
  const person = personNamed(entry);
  return person && { person, names: [entry], rbac: false, mayOverride: false, via: 'link' };
}

function personNamed(entry: string): Person | undefined {
  const [, username] = /^kubernetes:(.+)$/s.exec(entry) ?? [];
  if (username !== undefined) return personOf({ username, groups: [] });
  if (/^token:./.test(entry)) return { id: entry, name: entry };
  // By the same rule as a user of Kubernetes who is called by an address: both are one person.
  const person = personOf({ username: entry, groups: [] });
  return person.email === undefined ? undefined : person;
}

/** The links by which `voter` votes for what the update's record shows now; `undefined` when there can be none for him. */
export function voteAddresses(
  { name, approval }: Pick<Update, 'name' | 'approval'>,
  voter: string,
  { keys, publicUrl }: VoteLinkSettings,
): VoteAddresses | undefined {
  const named = linkVoter(voter);
  if (!approval || !named || !isApprover(named, approval.approvers)) return undefined;
  const untilS = Math.floor(Date.parse(approval.deadlineAt) / 1000);
  const address = (vote: VoteLink['vote']): string => {
    const link = signVoteLink({ update: name, hash: approval.hash, vote, voter, untilS }, keys[0]);
    return `${publicUrl.replace(/\/+$/, '')}/vote/${link}`;
  };
  return { voter, approve: address('approve'), reject: address('reject') };
}
