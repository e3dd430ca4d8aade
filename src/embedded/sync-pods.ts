import { isDeepStrictEqual } from 'node:util';
import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster, Place } from './cluster.ts';
import type { Pod, ReplicaSet } from './objects.ts';
import { podStatus, stageMs } from './pod-life.ts';
import { replicaSetStep } from './replica-set.ts';
import { resourceNamed } from './resources.ts';
import { shortHash } from './template-hash.ts';

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
  for (let made = 0; made < step.create; made++) makePod(cluster, set);
  for (const pod of step.remove) state.remove(pods, place.namespace, pod.metadata.name);
  if (isDeepStrictEqual(step.status, set.status)) return;
  state.put(replicaSets, { ...object, status: step.status });
}

function makePod({ state, clock, uid }: Cluster, set: ReplicaSet): void {
  const id = uid();
  const { name, namespace } = set.metadata;
  const { labels, annotations } = set.spec.template.metadata ?? {};
  const owner = { apiVersion: set.apiVersion, kind: set.kind, name, uid: set.metadata.uid };
  const metadata = {
    ...{ name: `${name}-${shortHash(id, 5)}`, namespace, labels: labels ?? {} },
    ...(annotations && { annotations }),
    ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
  };
  const spec = { ...set.spec.template.spec, nodeName: 'embedded' };
  const birth = { uid: id, creationTimestamp: timestamp(clock.now()) };
  state.put(pods, newObject(pods, { metadata, spec }, birth));
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
