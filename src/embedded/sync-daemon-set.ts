import { isDeepStrictEqual } from 'node:util';
import type { Cluster, Place } from './cluster.ts';
import { daemonSetStep } from './daemon-set.ts';
import { makePod } from './make-pod.ts';
import { withController } from './managed-fields.ts';
import type { DaemonSet, Pod } from './objects.ts';
import { recordEvent } from './record-event.ts';
import { resourceNamed } from './resources.ts';
import { forget, remember, revisionHash, revisionLabel, revisionName, revisionsAmong } from './revisions.ts';

const daemonSets = resourceNamed('daemonsets');
const pods = resourceNamed('pods');

/** Takes one step of a DaemonSet and writes its status. */
export function syncDaemonSet(cluster: Cluster, place: Place): undefined {
  const { state } = cluster;
  const object = state.get(daemonSets, place.namespace, place.name);
  if (object?.metadata.uid !== place.uid) return;
  const set = object as unknown as DaemonSet;
  remember(cluster, set, revisionsAmong(state.ownedBy(place.uid)));
  const owned = state.ownedBy(place.uid);
  const own = owned
    .filter(({ resource }) => resource === pods)
    .map((one) => one.object as unknown as Pod)
    .sort(byAge);
  const labels = { [revisionLabel]: revisionHash(set) };
  const isNew = ({ metadata }: Pod) => metadata.labels?.[revisionLabel] === labels[revisionLabel];
  const step = daemonSetStep({ set, pods: own, isNew });
  if (step.create) {
    const name = makePod(cluster, set, { template: set.spec.template, labels });
    record(cluster, set, { reason: 'SuccessfulCreate', message: `Created pod: ${name}` });
  }
  for (const { metadata } of step.remove) {
    state.remove(pods, metadata.namespace ?? '', metadata.name);
    record(cluster, set, { reason: 'SuccessfulDelete', message: `Deleted pod: ${metadata.name}` });
  }
  forget(cluster, set, revisionsAmong(owned), [revisionName(set), ...own.map((pod) => liveName(set, pod))]);
  if (isDeepStrictEqual(step.status, set.status)) return;
  const after = { ...object, status: step.status };
  state.put(daemonSets, withController(object, after, cluster.clock.now()));
}

function byAge(a: Pod, b: Pod): number {
  return Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '');
}

function liveName({ metadata }: DaemonSet, pod: Pod): string {
  return `${metadata.name}-${pod.metadata.labels?.[revisionLabel] ?? ''}`;
}

function record(
  cluster: Cluster,
  set: DaemonSet,
  happening: { readonly reason: string; readonly message: string },
): void {
  recordEvent(cluster, set, { ...happening, component: 'daemonset-controller' });
}
