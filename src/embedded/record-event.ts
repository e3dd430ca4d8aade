import { newObject } from './admit.ts';
import { timestamp } from './clock.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment, ObjectMeta } from './objects.ts';
import { resourceNamed } from './resources.ts';
import type { Scaling } from './rollout.ts';
import { shortHash } from './template-hash.ts';

const events = resourceNamed('events');
/** A real cluster forgets its events after an hour; here the oldest go when there are more than this. */
const maxEvents = 2_000;

/** What an event is about. */
interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** What happened, and who says so. */
interface Happening {
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** Writes an event that `kubectl describe` shows. */
export function recordEvent(
  { state, clock, uid }: Cluster,
  { apiVersion, kind, metadata }: Subject,
  { reason, message, component }: Happening,
): void {
  const { name, namespace = '', resourceVersion } = metadata;
  const id = uid();
  const time = timestamp(clock.now());
  const event = newObject(
    events,
    {
      metadata: { name: `${name}.${shortHash(id, 12)}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid: metadata.uid, resourceVersion },
      ...{ type: 'Normal', reason, count: 1, firstTimestamp: time, lastTimestamp: time },
      message,
      source: { component },
    },
    { uid: id, creationTimestamp: time },
  );
  state.put(events, event);
  const oldest = state.count(events) > maxEvents ? state.oldest(events) : undefined;
  if (oldest) state.remove(events, oldest.metadata.namespace ?? '', oldest.metadata.name);
}

/** Writes the event of a ReplicaSet that grew or shrank. */
export function recordScaling(
  cluster: Cluster,
  deployment: Deployment,
  { set, replicas, from }: Scaling & { readonly from: number },
): void {
  const direction = replicas > from ? 'up' : 'down';
  recordEvent(cluster, deployment, {
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`,
    component: 'deployment-controller',
  });
}
