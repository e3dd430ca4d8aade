import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Place } from './cluster.ts';
import { makePod } from './make-pod.ts';
import type { Pod, ReplicaSet } from './objects.ts';
import { podStatus, stageMs } from './pod-life.ts';
import { replicaSetStep } from './replica-set.ts';
import { resourceNamed } from './resources.ts';

const replicaSets = resourceNamed('replicasets');
const pods = resourceNamed('pods');

/** Makes and removes the pods of a ReplicaSet and counts them in its status. */
export function syncReplicaSet(cluster: Cluster, place: Place): undefined {
  const { state } = cluster;
  const object = state.get(replicaSets, place.namespace, place.name);
  if (object?.metadata.uid !== place.uid) return;
  const set = object as unknown as ReplicaSet;
  const owned = state.ownedBy(place.uid).map((stored) => stored.object as unknown as Pod);
  const step = replicaSetStep(set, owned);
  for (let made = 0; made < step.create; made++) {
    makePod(cluster, set, { template: set.spec.template });
  }
  for (const pod of step.remove) state.remove(pods, place.namespace, pod.metadata.name);
  if (isDeepStrictEqual(step.status, set.status)) return;
  state.put(replicaSets, { ...object, status: step.status });
}

/** Takes a pod to the stage of its life; answers how long it stays there, nothing when it is over. */
export function advancePod(
  { state, clock }: Cluster,
  place: Place,
  { stage, podReadyMs }: { readonly stage: number; readonly podReadyMs: number },
): number | undefined {
  const object = state.get(pods, place.namespace, place.name);
  if (object?.metadata.uid !== place.uid) return undefined;
  const pod = object as unknown as Pod;
  state.put(pods, { ...object, status: podStatus(pod, stage, clock.now()) });
  return stageMs(pod, stage, podReadyMs);
}
