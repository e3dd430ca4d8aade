import type { DaemonSet, Pod } from './objects.ts';
import { isReady } from './replica-set.ts';

/** What a DaemonSet has on the one node: its pods, oldest first, and which of them have its template. */
export interface DaemonView {
  readonly set: DaemonSet;
  readonly pods: readonly Pod[];
  readonly isNew: (pod: Pod) => boolean;
}

/** What a DaemonSet wants done, one step at a time, and what its status says of its pods. */
export interface DaemonStep {
  /** Make a pod with its template. */
  readonly create: boolean;
  readonly remove: readonly Pod[];
  readonly status: NonNullable<DaemonSet['status']>;
}

/**
 * The next step of a DaemonSet in a cluster of one node, which every pod may run on whatever its node selector says.
 * Pure; a step that makes and removes nothing means: wait, or done.
 */
export function daemonSetStep(view: DaemonView): DaemonStep {
  const { create = false, remove = [] } = surges(view.set) ? surging(view) : replacing(view);
  return { create, remove, status: statusOf(view) };
}

type Move = Partial<Pick<DaemonStep, 'create' | 'remove'>>;

function surges({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  return type === 'RollingUpdate' && Number.parseInt(String(rollingUpdate?.maxSurge ?? 0), 10) > 0;
}

/** The old pod goes first. With one node, every limit above none is one pod. */
function replacing({ set, pods: [pod, ...excess], isNew }: DaemonView): Move {
  if (!pod) return { create: true };
  if (excess.length > 0) return { remove: excess };
  const stays = isNew(pod) || set.spec.updateStrategy?.type === 'OnDelete';
  return stays ? {} : { remove: [pod] };
}

/** The new pod comes first; the old one goes when the new one serves, or when it does not serve itself. */
function surging({ pods, isNew }: DaemonView): Move {
  const fresh = pods.find(isNew);
  const old = pods.find((pod) => !isNew(pod));
  if (!fresh) return { create: true };
  const excess = pods.filter((pod) => pod !== fresh && pod !== old);
  const isOver = old && (isReady(fresh) || !isReady(old));
  return { remove: isOver ? [...excess, old] : excess };
}

/** Like the real one, it leaves the last counters out when they are zero, but not the others. */
function statusOf({ set, pods: [pod], isNew }: DaemonView): DaemonStep['status'] {
  const serves = pod !== undefined && isReady(pod);
  const counters = {
    updatedNumberScheduled: pod && isNew(pod) ? 1 : 0,
    numberAvailable: serves ? 1 : 0,
    numberUnavailable: serves ? 0 : 1,
  };
  return {
    currentNumberScheduled: pod ? 1 : 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 1,
    numberReady: serves ? 1 : 0,
    observedGeneration: set.metadata.generation ?? 1,
    ...Object.fromEntries(Object.entries(counters).filter(([, count]) => count > 0)),
  };
}
