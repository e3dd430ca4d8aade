import { askedFor, progressOf, stateOf } from '../core/approval.ts';
import { approvalAsked, type ApprovalAsked } from '../core/approval-rules.ts';
import type { Stored } from '../core/ports.ts';
import { enter, type Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';
import { finish, noted } from './finish.ts';

/** Timers are no good for more; whoever wakes early looks at the time again. */
const longestWaitMs = 86_400_000;

/** Whether people have let the update through, or what comes next. They are asked once, and by what held then. */
export async function passApproval(
  context: FlowContext,
  stored: Stored,
  signal: AbortSignal,
): Promise<'passed' | Next> {
  const { update, revision } = stored;
  const { approval } = update;
  if (!approval) return await askIfNeeded(context, stored, signal);
  const now = context.clock.now();
  const message = progressOf(approval);
  switch (stateOf(approval, now)) {
    case 'approved':
      return 'passed';
    case 'pending': {
      const leftMs = Date.parse(approval.deadlineAt) - now.getTime();
      return { kind: 'after', ms: Math.min(leftMs, longestWaitMs) };
    }
    case 'expired':
      return finish(context, enter(update, 'Expired', now, { reason: 'not-approved', message }), revision);
    case 'rejected':
      return finish(context, enter(update, 'Rejected', now, { reason: 'rejected' }), revision);
  }
}

async function askIfNeeded(
  context: FlowContext,
  { update, revision }: Stored,
  signal: AbortSignal,
): Promise<'passed' | Next> {
  const { store, clock, log } = context;
  const asked = await whatIsAsked(context, update, signal);
  const now = clock.now();
  if (asked.kind === 'none') return 'passed';
  // It was fit to be obeyed when the push was decided, and is not any more: nobody is passed over for that.
  if (asked.kind === 'problem') {
    const cause = { reason: 'approval-unclear', message: asked.message };
    return finish(context, enter(update, 'Failed', now, cause), revision);
  }
  const approval = askedFor(update, asked.rules, now, update.pushedBy);
  const cause = { reason: 'approval', message: progressOf(approval) };
  const waiting = { ...enter(update, 'AwaitingApproval', now, cause), approval };
  await store.replace(noted(context, waiting), revision);
  const { name, workload, moves } = update;
  const { votes, approvers, deadlineAt, requester } = approval;
  const fields = { update: name, workload: workloadId(workload), moves, votes, approvers, deadlineAt };
  log.info({ ...fields, ...(requester === undefined ? {} : { requester }) }, 'update awaits approval');
  return { kind: 'now' };
}

/** A workload that is gone asks for nothing: the delivery says that it is gone. */
async function whatIsAsked(
  { view, cluster, approvals }: FlowContext,
  { workload: key }: Update,
  signal: AbortSignal,
): Promise<ApprovalAsked> {
  const workload = view.get(key) ?? (await cluster.read(key, signal));
  return workload ? approvalAsked(workload, approvals) : { kind: 'none' };
}
