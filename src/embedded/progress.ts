import { conditionOf } from './conditions.ts';
import type { Condition, Deployment } from './objects.ts';
import type { Sets } from './rollout.ts';

type Status = NonNullable<Deployment['status']>;

/** What was seen of a rollout; `made` when its ReplicaSet was just created. */
export interface Progress {
  readonly made: boolean;
  readonly counters: Status;
  readonly now: Date;
}

/** The Progressing condition to set, if it changes: the real controller's order of questions. */
export function progressing(deployment: Deployment, sets: Sets, progress: Progress): Condition | undefined {
  const { counters, made } = progress;
  const before = conditionOf(deployment.status?.conditions, 'Progressing');
  const set = `"${sets.current ? sets.current.metadata.name : ''}"`;
  if (deployment.spec.paused) return paused(before);
  if (made) return yes('NewReplicaSetCreated', `Created new replica set ${set}`);
  if (!before)
    return verdict(deployment, set, progress) ?? yes('FoundNewReplicaSet', `Found new replica set ${set}`);
  if (before.reason === 'DeploymentPaused') return unknown('DeploymentResumed', 'resumed');
  const isOver = before.reason === complete && counters.replicas === counters.updatedReplicas;
  return isOver ? undefined : verdict(deployment, set, progress);
}

function paused(before: Condition | undefined): Condition | undefined {
  return before?.reason === timedOut ? undefined : unknown('DeploymentPaused', 'paused');
}

function verdict(deployment: Deployment, set: string, { counters, now }: Progress): Condition | undefined {
  const name = `ReplicaSet ${set}`;
  if (isComplete(deployment, counters)) return yes(complete, `${name} has successfully progressed.`);
  if (hasProgressed(deployment.status ?? {}, counters)) {
    return yes('ReplicaSetUpdated', `${name} is progressing.`);
  }
  if (deadlineInMs(deployment, now) !== 0) return undefined;
  return { ...type, status: 'False', reason: timedOut, message: `${name} has timed out progressing.` };
}

/** When an unfinished rollout runs into its deadline, in milliseconds from `now`; none when it cannot. */
export function deadlineInMs({ spec, status }: Deployment, now: Date): number | undefined {
  const condition = conditionOf(status?.conditions, 'Progressing');
  if (!condition || condition.status === 'False' || condition.reason === complete) return undefined;
  if (spec.paused || spec.progressDeadlineSeconds === undefined) return undefined;
  const due = Date.parse(condition.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000;
  return Math.max(0, due + 1 - now.getTime());
}

const complete = 'NewReplicaSetAvailable';
const timedOut = 'ProgressDeadlineExceeded';
const type = { type: 'Progressing' };

function yes(reason: string, message: string): Condition {
  return { ...type, status: 'True', reason, message };
}

function unknown(reason: string, state: string): Condition {
  return { ...type, status: 'Unknown', reason, message: `Deployment is ${state}` };
}

function isComplete({ spec }: Deployment, counters: Status): boolean {
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = counters;
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
}

function hasProgressed(before: Status, after: Status): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}
