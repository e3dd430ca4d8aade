import { timestamp } from './clock.ts';
import { setCondition } from './conditions.ts';
import { progressing } from './progress.ts';
import type { Condition, Deployment, ReplicaSet } from './objects.ts';
import { limitsOf } from './rollout-limits.ts';
import type { Sets } from './rollout.ts';

type Status = NonNullable<Deployment['status']>;

/** What the Deployment's status says of its ReplicaSets; `made` when the current one was just created. */
export function deploymentStatus(deployment: Deployment, sets: Sets, made: boolean, now: Date): Status {
  const before = deployment.status ?? {};
  const counters = countersOf(deployment, sets);
  const conditions = before.conditions ?? [];
  const withAvailable = setCondition(conditions, available(deployment, counters), timestamp(now));
  const next = progressing(deployment, sets, { made, counters, now });
  const all = next ? setCondition(withAvailable, next, timestamp(now)) : withAvailable;
  return { ...counters, conditions: all };
}

/** The counters; like the real server, it leaves zeros out. */
function countersOf(deployment: Deployment, { current, old }: Sets): Status {
  const all = current ? [...old, current] : old;
  const sum = (count: (set: ReplicaSet) => number | undefined) =>
    all.reduce((total, set) => total + (count(set) ?? 0), 0);
  const availableReplicas = sum((set) => set.status?.availableReplicas);
  const counters = {
    replicas: sum((set) => set.status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum((set) => set.status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum((set) => set.spec.replicas) - availableReplicas),
  };
  const counted = Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0));
  return { observedGeneration: deployment.metadata.generation ?? 1, ...counted };
}

function available(deployment: Deployment, counters: Status): Condition {
  const { replicas, maxUnavailable } = limitsOf(deployment);
  const enough = (counters.availableReplicas ?? 0) >= replicas - maxUnavailable;
  return {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  };
}
