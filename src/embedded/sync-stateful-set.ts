import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Place } from './cluster.ts';
import { makePod } from './make-pod.ts';
import { withController } from './managed-fields.ts';
import type { ControllerRevision, Pod, StatefulSet } from './objects.ts';
import { recordEvent } from './record-event.ts';
import { resourceNamed } from './resources.ts';
import { forget, remember, revisionLabel, revisionName, revisionsAmong } from './revisions.ts';
import { statefulSetStep, type NumberedPod } from './stateful-set.ts';

const statefulSets = resourceNamed('statefulsets');
const pods = resourceNamed('pods');
/** How soon a pod is tried again whose name another one has. */
const retryMs = 1000;

/** Takes one step of a StatefulSet and writes its status; answers when to look again. */
export function syncStatefulSet(cluster: Cluster, place: Place): number | undefined {
  const { state } = cluster;
  const object = state.get(statefulSets, place.namespace, place.name);
  if (object?.metadata.uid !== place.uid) return undefined;
  const set = object as unknown as StatefulSet;
  remember(cluster, set, revisionsAmong(state.ownedBy(place.uid)));
  const owned = state.ownedBy(place.uid);
  const known = revisionsAmong(owned);
  const update = revisionName(set);
  const former = set.status?.currentRevision ?? update;
  const current = known.some(({ metadata }) => metadata.name === former) ? former : update;
  const own = owned.filter(({ resource }) => resource === pods).map((one) => one.object as unknown as Pod);
  const step = statefulSetStep({ set, pods: own, current, update, revisionOf });
  const made = step.create.map((pod) => make(cluster, set, known, pod));
  for (const pod of step.remove) remove(cluster, set, pod);
  forget(cluster, set, known, [current, update, ...own.map((pod) => revisionOf(pod) ?? '')]);
  if (!isDeepStrictEqual(step.status, set.status)) {
    const after = { ...object, status: step.status };
    state.put(statefulSets, withController(object, after, cluster.clock.now()));
  }
  return made.includes(false) ? retryMs : undefined;
}

function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[revisionLabel];
}

/** Makes a pod, unless its name is taken by a stranger. */
function make(
  cluster: Cluster,
  set: StatefulSet,
  known: readonly ControllerRevision[],
  { ordinal, revision }: NumberedPod,
): boolean {
  const name = `${set.metadata.name}-${ordinal}`;
  if (cluster.state.get(pods, set.metadata.namespace ?? '', name)) return false;
  const source = known.find(({ metadata }) => metadata.name === revision);
  makePod(cluster, set, {
    template: (source ? source.data : set).spec.template,
    name,
    labels: {
      [revisionLabel]: revision,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
    spec: { hostname: name, ...(set.spec.serviceName && { subdomain: set.spec.serviceName }) },
  });
  const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  recordEvent(cluster, set, { reason: 'SuccessfulCreate', message, component });
  return true;
}

function remove(cluster: Cluster, set: StatefulSet, { metadata: { namespace = '', name } }: Pod): void {
  cluster.state.remove(pods, namespace, name);
  const message = `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  recordEvent(cluster, set, { reason: 'SuccessfulDelete', message, component });
}

const component = 'statefulset-controller';
