import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment } from './objects.ts';
import { resourceNamed } from './resources.ts';
import type { Scaling } from './rollout.ts';
import { shortHash } from './template-hash.ts';

const events = resourceNamed('events');
/** A real cluster forgets its events after an hour; here the oldest go when there are more than this. */
const maxEvents = 2_000;

/** Writes the event that `kubectl describe` shows when a ReplicaSet grew or shrank. */
export function recordScaling(
  { state, clock, uid }: Cluster,
  { apiVersion, kind, metadata }: Deployment,
  { set, replicas, from }: Scaling & { readonly from: number },
): void {
  const { name, namespace = '', resourceVersion } = metadata;
  const id = uid();
  const time = timestamp(clock.now());
  const direction = replicas > from ? 'up' : 'down';
  const event = newObject(
    events,
    {
      metadata: { name: `${name}.${shortHash(id, 12)}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid: metadata.uid, resourceVersion },
      ...{ type: 'Normal', reason: 'ScalingReplicaSet', count: 1, firstTimestamp: time, lastTimestamp: time },
      message: `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`,
      source: { component: 'deployment-controller' },
    },
    { uid: id, creationTimestamp: time },
  );
  state.put(events, event);
  const oldest = state.count(events) > maxEvents ? state.oldest(events) : undefined;
  if (oldest) state.remove(events, oldest.metadata.namespace ?? '', oldest.metadata.name);
}
