import { stateOf, type Approval } from '../core/approval.ts';
import type { Update } from '../core/update.ts';

/** An update as a person needs it to decide: what changes, who has said what, and the hash that a vote must name. */
export function shownUpdate(update: Update, now: Date): Readonly<Record<string, unknown>> {
  const { name, workload, repository, tag, digest, moves, phase, reason, message, createdAt } = update;
  const { cluster, namespace, kind, name: workloadName } = workload;
  return {
    ...{ name, workload: { cluster, namespace, kind, name: workloadName }, repository, tag },
    ...{
      digest: digest ?? null,
      moves: moves.map(({ container, init, from, to }) => ({ container, init, from, to })),
    },
    ...{ phase, reason: reason ?? null, message: message ?? null, createdAt },
    ...(update.approval ? shownApproval(update.approval, now) : {}),
  };
}

function shownApproval(approval: Approval, now: Date): Readonly<Record<string, unknown>> {
  const { votes, approvers, requesterMayApprove, requester, deadlineAt, hash } = approval;
  return {
    ...{ state: stateOf(approval, now), votes, given: shownVotes(approval), approvers },
    ...{ requester: requester ?? null, requesterMayApprove, deadlineAt, hash },
  };
}

/** Who has voted what, in the order they did. */
export function shownVotes({ given }: Approval): readonly Readonly<Record<string, unknown>>[] {
  return given.map(({ by, vote, at, via, reason }) => ({
    ...{ by: by.email ?? by.name, vote, at, via },
    ...(reason === undefined ? {} : { reason }),
  }));
}
