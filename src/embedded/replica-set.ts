import type { Pod, ReplicaSet } from './objects.ts';
import { conditionOf } from './conditions.ts';

/** What a ReplicaSet wants done with its pods, and what its status says of them. */
export interface ReplicaSetStep {
  /** How many pods to make. */
  readonly create: number;
  readonly remove: readonly Pod[];
  readonly status: NonNullable<ReplicaSet['status']>;
}

/** The next step of a ReplicaSet over its pods. Pure. */
export function replicaSetStep({ metadata, spec }: ReplicaSet, pods: readonly Pod[]): ReplicaSetStep {
  const wanted = spec.replicas ?? 1;
  const ready = pods.filter(isReady).length;
  return {
    create: Math.max(0, wanted - pods.length),
    remove: pods.toSorted(byWorth).slice(0, Math.max(0, pods.length - wanted)),
    status: {
      observedGeneration: metadata.generation ?? 1,
      replicas: pods.length,
      ...(pods.length > 0 && { fullyLabeledReplicas: pods.length }),
      ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    },
  };
}

/** Whether a pod serves. */
export function isReady({ status }: Pod): boolean {
  return conditionOf(status?.conditions, 'Ready')?.status === 'True';
}

/** Least worth keeping first: not ready before ready, young before old. */
function byWorth(a: Pod, b: Pod): number {
  return Number(isReady(a)) - Number(isReady(b)) || age(b) - age(a);
}

function age({ metadata }: Pod): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}
