import { createTimers, type EmbeddedClock, type Timers } from './clock.ts';
import type { Cluster, Place } from './cluster.ts';
import type { Change } from './event-log.ts';
import { syncDaemonSet } from './sync-daemon-set.ts';
import { syncDeployment } from './sync-deployment.ts';
import { advancePod, syncReplicaSet } from './sync-pods.ts';
import { syncStatefulSet } from './sync-stateful-set.ts';

/** Looks at one object; answers in how many milliseconds to look again if nothing happens before. */
type Sync = (cluster: Cluster, place: Place) => number | undefined;
const syncs: ReadonlyMap<string, Sync> = new Map<string, Sync>([
  ['Deployment', syncDeployment],
  ['ReplicaSet', syncReplicaSet],
  ['StatefulSet', syncStatefulSet],
  ['DaemonSet', syncDaemonSet],
]);

/** Objects looked at before other work gets its turn. */
const batch = 200;
/** Timers overflow beyond 24 days; looking again once a day harms nobody. */
const longestWaitMs = 86_400_000;

/**
 * Runs the controllers: every change of a workload, of what it remembers or of a pod has it and its owner looked
 * at, soon but not at once, as in a real cluster. The answer stops them.
 */
export function startControllers(cluster: Cluster, clock: EmbeddedClock, podReadyMs: number): () => void {
  const timers = createTimers(clock);
  const look = createQueue(cluster, timers);
  const live = (place: Place, stage: number) => {
    const waitMs = advancePod(cluster, place, { stage, podReadyMs });
    if (waitMs !== undefined) timers.after(waitMs, () => live(place, stage + 1));
  };
  const unsubscribe = cluster.state.subscribe((change) => {
    for (const place of affected(change)) look(place);
    if (change.resource.kind === 'Pod' && change.type === 'ADDED') {
      timers.after(0, () => live(placeOf(change), 0));
    }
  });
  return () => {
    unsubscribe();
    timers.cancelAll();
  };
}

/** A queue of objects to look at; one that waits already is not queued again. */
function createQueue(cluster: Cluster, timers: Timers): (place: Place) => void {
  const queue = new Map<string, Place>();
  const alarms = new Map<string, () => void>();
  const look = (place: Place) => {
    if (queue.size === 0) timers.after(0, drain);
    queue.set(keyOf(place), place);
  };
  const drain = () => {
    const due = [...queue].slice(0, batch);
    for (const [key] of due) queue.delete(key);
    if (queue.size > 0) timers.after(0, drain);
    for (const [key, place] of due) sync(key, place);
  };
  const sync = (key: string, place: Place) => {
    alarms.get(key)?.();
    alarms.delete(key);
    const waitMs = syncs.get(place.kind)?.(cluster, place);
    if (waitMs === undefined) return;
    const ring = timers.after(Math.min(waitMs, longestWaitMs), () => look(place));
    alarms.set(key, ring);
  };
  return look;
}

function keyOf({ kind, namespace, name }: Place): string {
  return `${kind}/${namespace}/${name}`;
}

function placeOf({ object }: Change): Place {
  const { namespace = '', name, uid = '' } = object.metadata;
  return { kind: object.kind, namespace, name, uid };
}

/** The changed object and the one that controls it, as far as somebody looks after them. */
function affected(change: Change): readonly Place[] {
  const self = placeOf(change);
  const owner = change.object.metadata.ownerReferences?.find(({ controller }) => controller);
  const all = owner ? [self, { ...owner, namespace: self.namespace }] : [self];
  return all.filter(({ kind }) => syncs.has(kind));
}
