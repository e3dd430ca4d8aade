import type { Pod, StatefulSet } from './objects.ts';
import { isReady } from './replica-set.ts';
import type { StatefulView } from './stateful-set.ts';

type Status = NonNullable<StatefulSet['status']>;

/**
 * What a StatefulSet's status says of its pods; `leaves` when one with an old template is about to go. Like the real
 * one it leaves zeros out, but for two counters. An update is over when every pod is new and serves: the revision it
 * went to is then the one it comes from.
 */
export function statefulSetStatus(view: StatefulView, leaves: boolean): Status {
  const { set, pods, current, update } = view;
  const replicas = pods.length;
  const readyReplicas = pods.filter(isReady).length;
  const updatedReplicas = having(view, update);
  const wanted = set.spec.replicas ?? 1;
  const isOver =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    [replicas, readyReplicas, updatedReplicas].every((count) => count === wanted);
  const remaining = Math.max(0, having(view, current) - (leaves ? 1 : 0));
  const counters = {
    readyReplicas,
    currentReplicas: isOver ? updatedReplicas : remaining,
    updatedReplicas,
  };
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas,
    availableReplicas: readyReplicas,
    ...Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0)),
    currentRevision: isOver ? update : current,
    updateRevision: update,
    collisionCount: 0,
  };
}

function having({ pods, revisionOf }: StatefulView, revision: string): number {
  return pods.filter((pod: Pod) => revisionOf(pod) === revision).length;
}
