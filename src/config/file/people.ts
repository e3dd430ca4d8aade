import { z } from 'zod';
import { longestName, mostApprovers } from '../../core/approval-rules.ts';
import { isOnePerson } from '../../core/approver.ts';

/** What stands for many. */
const many = /^(?:rbac|group:[^\s,]+|S[A-Z0-9]{8,}|@[^\s@,]+)$/;

const allowedPerson = 'an address, the id of a Slack user, slack:TEAM/USER, token:NAME, kubernetes:USER';
const allowedApprover = `${allowedPerson}, group:NAME, the id or @handle of a Slack user group, rbac`;

/** Whether an entry stands for one person, whatever groups there are. */
export function isPerson(entry: string): boolean {
  return isVisible(entry) && isOnePerson(entry);
}

/** One person, by the name that the way he votes vouches for. */
export const Person = z.string(allowedPerson).refine(isPerson, `${allowedPerson}; no group is in a group`);

/** Who may approve: a person, or what stands for many. */
export const Approver = z
  .string(allowedApprover)
  .refine((entry) => isPerson(entry) || (isVisible(entry) && many.test(entry)), allowedApprover);

/** A list of at least one. `things` says of what. */
export function listOf<T extends z.ZodType>(things: string, schema: T): z.ZodArray<T> {
  const allowed = `a list of ${things}, from 1 to ${mostApprovers}`;
  return z.array(schema, allowed).min(1, allowed).max(mostApprovers, allowed);
}

function isVisible(entry: string): boolean {
  return entry.length <= longestName && !/\p{C}/u.test(entry);
}
