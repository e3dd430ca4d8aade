import { z } from 'zod';
import { mostVotes, readDeadline, type ApprovalDefaults } from '../../core/approval-rules.ts';
import { Approver, listOf } from './people.ts';
import { section, textAs } from '../../core/section.ts';

const allowedVotes = `a whole number from 0 to ${mostVotes}`;
const neededVotes = `${allowedVotes}; 0 = nobody, but for workloads that ask by annotation`;
const allowedDeadline = 'a duration from 1m to 30d, such as 4h';

const votes = z
  .number(allowedVotes)
  .refine((given) => Number.isInteger(given) && given >= 0 && given <= mostVotes, allowedVotes);

const deadline = textAs(allowedDeadline, (text) => {
  const read = readDeadline(text);
  return typeof read === 'number' ? read : undefined;
});

/** `approvals:` of an environment: what holds for its workloads where their annotations say nothing. */
export const Approvals = section({
  votes: votes.optional(),
  approvers: listOf('approvers', Approver).optional(),
  deadline: deadline.optional(),
  requesterMayApprove: z.boolean('true or false').optional(),
}).transform((said, context): ApprovalDefaults => {
  // As in the annotations: whoever names approvers wants them to be asked.
  const asked = said.votes ?? (said.approvers && 1);
  if (asked === undefined) {
    // Whoever writes this section believes that somebody is asked.
    context.addIssue({ code: 'custom', path: ['votes'], message: neededVotes });
    return z.NEVER;
  }
  return {
    votes: asked,
    ...(said.approvers === undefined ? {} : { approvers: said.approvers }),
    ...(said.deadline === undefined ? {} : { deadlineMs: said.deadline }),
    ...(said.requesterMayApprove === undefined ? {} : { requesterMayApprove: said.requesterMayApprove }),
  };
});
