import { createHash } from 'node:crypto';
import type { Approval } from './approval.ts';
import { AppError } from './errors.ts';
import { isEnd, transitions, type Phase } from './phases.ts';
import { workloadId, type WorkloadKey } from './workload.ts';

/** One container's move. Images as they are written in the workload. */
export interface ImageMove {
  readonly container: string;
  readonly init: boolean;
  readonly from: string;
  readonly to: string;
}

/** One line of an update's life. */
export interface PhaseEntry {
  readonly phase: Phase;
  /** RFC 3339. */
  readonly at: string;
  readonly reason?: string;
}

/** One thing that one receiver is told of an update: the outbox is these entries, in the record itself. */
export interface Announcement {
  /** Name of the receiver. */
  readonly receiver: string;
  /** What it is told: an `EventType`, perhaps of another version of the product. */
  readonly event: string;
  readonly state: 'pending' | 'sent' | 'abandoned';
  readonly attempts: number;
  /** RFC 3339: the next try is not before this. */
  readonly dueAt: string;
  /** What went wrong at the last try, for people to read; absent when nothing did. */
  readonly message?: string;
}

/** Longest such message in a record, in UTF-16 units. `k8s/crd.yaml` takes no longer one. */
export const longestProblem = 1024;

/** The durable record of moving a workload's container (or containers of one repository) to one tag. */
export interface Update {
  readonly name: string;
  readonly workload: WorkloadKey;
  readonly uid: string;
  /** Canonical repository, and the tag (and digest, when the registry said one) that was pushed. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | undefined;
  /** What the registry calls whoever pushed, where it says so. No part of what identifies the update. */
  readonly pushedBy?: string;
  readonly moves: readonly ImageMove[];
  /** The policy that chose the tag, as written. */
  readonly policy: string;
  readonly phase: Phase;
  /** Why it is in this phase, where that is not obvious: a code, and words for a person. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly deliveredAt: string | undefined;
  readonly finishedAt: string | undefined;
  /** The gate of people, once they have been asked. */
  readonly approval: Approval | undefined;
  readonly announcements: readonly Announcement[];
  readonly history: readonly PhaseEntry[];
}

/** What identifies an update: the same push for the same containers of the same object is the same update. */
export type UpdateIdentity = Pick<Update, 'workload' | 'uid' | 'repository' | 'tag' | 'digest' | 'moves'>;

/**
 * The update's name: a hash of its identity, so that replicas, restarts and repeated webhooks meet in one record.
 * A legal Kubernetes name whatever the tag looks like.
 *
 * @param time how often the same has happened before.
 */
export function updateName(
  { workload, uid, repository, tag, digest, moves }: UpdateIdentity,
  time = 0,
): string {
  const containers = moves.map(({ container }) => container).sort();
  const parts = [workloadId(workload), uid, containers, repository, tag, digest ?? ''];
  const identity = JSON.stringify(time === 0 ? parts : [...parts, time]);
  return `up-${createHash('sha256').update(identity).digest('hex').slice(0, 40)}`;
}

/** A new update, in phase `Pending`; `time` as in `updateName`. */
export function newUpdate(
  pushed: UpdateIdentity & Pick<Update, 'pushedBy'>,
  policy: string,
  now: Date,
  time = 0,
): Update {
  const at = now.toISOString();
  return {
    name: updateName(pushed, time),
    ...pushed,
    policy,
    phase: 'Pending',
    reason: undefined,
    message: undefined,
    createdAt: at,
    deliveredAt: undefined,
    finishedAt: undefined,
    approval: undefined,
    announcements: [],
    history: [{ phase: 'Pending', at }],
  };
}

/** Why an update enters a phase. */
export interface PhaseCause {
  readonly reason?: string;
  readonly message?: string;
}

/**
 * The update in its next phase.
 *
 * @throws AppError `internal` when the table has no such step: a fault of ours, never of a caller's data.
 */
export function enter(update: Update, phase: Phase, now: Date, cause: PhaseCause = {}): Update {
  if (!transitions[update.phase].includes(phase)) {
    throw new AppError('internal', `update ${update.name} cannot go from ${update.phase} to ${phase}`);
  }
  const at = now.toISOString();
  return {
    ...update,
    phase,
    reason: cause.reason,
    message: cause.message,
    deliveredAt: phase === 'RollingOut' ? at : update.deliveredAt,
    finishedAt: isEnd(phase) ? at : undefined,
    history: [
      ...update.history,
      { phase, at, ...(cause.reason === undefined ? {} : { reason: cause.reason }) },
    ],
  };
}

/** Whether the reconciler still has something to do for it. */
export function isOpen({ phase, announcements }: Update): boolean {
  return !isEnd(phase) || announcements.some(({ state }) => state === 'pending');
}
