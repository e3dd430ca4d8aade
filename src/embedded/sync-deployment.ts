import { isDeepStrictEqual } from 'node:util';
import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster, Place } from './cluster.ts';
import { ownerReference } from './make-pod.ts';
import { withController } from './managed-fields.ts';
import type { Deployment, KubeObject, ObjectMeta, ReplicaSet } from './objects.ts';
import { deadlineInMs } from './progress.ts';
import { recordScaling } from './record-event.ts';
import { resourceNamed } from './resources.ts';
import { deploymentStatus } from './rollout-status.ts';
import { nextStep, revisionKey, sortSets, type Scaling, type Step } from './rollout.ts';
import { templateHash } from './template-hash.ts';

const deployments = resourceNamed('deployments');
const replicaSets = resourceNamed('replicasets');

/** Annotations of a Deployment that its ReplicaSets do not get. */
const ownAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionKey]);

/** Takes one step of a Deployment's rollout and writes its status; answers when its deadline is. */
export function syncDeployment(cluster: Cluster, place: Place): number | undefined {
  const object = cluster.state.get(deployments, place.namespace, place.name);
  if (object?.metadata.uid !== place.uid) return undefined;
  const deployment = object as unknown as Deployment;
  const all = cluster.state.ownedBy(place.uid).map((owned) => owned.object as unknown as ReplicaSet);
  const sets = sortSets(deployment, all);
  const step = nextStep(deployment, sets);
  const made = step.create === undefined ? undefined : makeSet(cluster, deployment, step.create);
  const current = made ?? sets.current;
  if (current && !deployment.spec.paused) annotateSet(cluster, deployment, current, step.revision);
  for (const scaling of step.scale) scaleSet(cluster, deployment, scaling);
  for (const set of step.remove) cluster.state.remove(replicaSets, place.namespace, set.metadata.name);

  const now = cluster.clock.now();
  const status = deploymentStatus(deployment, { ...sets, current }, made !== undefined, now);
  const after = { ...object, metadata: revised(deployment, step), status };
  if (!isDeepStrictEqual(after, object)) cluster.state.put(deployments, withController(object, after, now));
  return deadlineInMs(after as unknown as Deployment, now);
}

function revised({ metadata }: Deployment, { revision }: Step): ObjectMeta {
  if (revision === 0) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [revisionKey]: String(revision) } };
}

/** Makes the ReplicaSet of the Deployment's template. */
function makeSet(cluster: Cluster, deployment: Deployment, replicas: number): ReplicaSet {
  const { metadata, spec } = deployment;
  const hash = { 'pod-template-hash': templateHash(spec.template) };
  const labels = { ...spec.template.metadata?.labels, ...hash };
  const { name, namespace } = metadata;
  const set = newObject(
    replicaSets,
    {
      metadata: {
        name: `${name}-${hash['pod-template-hash']}`,
        namespace,
        labels,
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas,
        selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, ...hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    },
    { uid: cluster.uid(), creationTimestamp: timestamp(cluster.clock.now()) },
  );
  const stored = cluster.state.put(replicaSets, set) as unknown as ReplicaSet;
  if (replicas > 0) recordScaling(cluster, deployment, { set: stored, replicas, from: 0 });
  return stored;
}

/** Gives a ReplicaSet its revision and what people wrote on the Deployment. */
function annotateSet(cluster: Cluster, { metadata }: Deployment, set: ReplicaSet, revision: number): void {
  const given = Object.entries(metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key));
  const annotations = {
    ...set.metadata.annotations,
    ...Object.fromEntries(given),
    [revisionKey]: String(revision),
  };
  if (isDeepStrictEqual(annotations, set.metadata.annotations)) return;
  change(cluster, set, (object) => ({ ...object, metadata: { ...object.metadata, annotations } }));
}

function scaleSet(cluster: Cluster, deployment: Deployment, { set, replicas }: Scaling): void {
  const from = set.spec.replicas ?? 1;
  const generation = (set.metadata.generation ?? 1) + 1;
  change(cluster, set, (object) => ({
    ...object,
    metadata: { ...object.metadata, generation },
    spec: { ...(object.spec as object), replicas },
  }));
  recordScaling(cluster, deployment, { set, replicas, from });
}

function change(cluster: Cluster, { metadata }: ReplicaSet, edit: (object: KubeObject) => KubeObject): void {
  const object = cluster.state.get(replicaSets, metadata.namespace ?? '', metadata.name);
  if (object) cluster.state.put(replicaSets, edit(object));
}
