import type { Pod, StatefulSet } from './objects.ts';
import { isReady } from './replica-set.ts';
import { statefulSetStatus } from './stateful-set-status.ts';

/** What a StatefulSet has: its pods, and which revisions it comes from and goes to, by name. */
export interface StatefulView {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** The revision before this update; the same as `update` when none is under way. */
  readonly current: string;
  /** The revision of the set's template. */
  readonly update: string;
  /** The revision that a pod carries. */
  readonly revisionOf: (pod: Pod) => string | undefined;
}

/** A pod that a StatefulSet wants made. */
export interface NumberedPod {
  readonly ordinal: number;
  /** The revision it is made from. */
  readonly revision: string;
}

/** What a StatefulSet wants done with its pods, one step at a time, and what its status says of them. */
export interface StatefulStep {
  readonly create: readonly NumberedPod[];
  readonly remove: readonly Pod[];
  readonly status: NonNullable<StatefulSet['status']>;
}

/**
 * The next step of a StatefulSet. Pure; a step that makes and removes nothing means: wait, or done. In order, as the
 * real controller asks: is a pod missing, does one not serve, is one too many, has one an old template. So a pod that
 * never serves holds up everything after it, even the way back to the old template, until somebody deletes it.
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
export function statefulSetStep(view: StatefulView): StatefulStep {
  const slots = slotsOf(view);
  const move =
    view.set.spec.podManagementPolicy === 'Parallel' ? inParallel(view, slots) : inOrder(view, slots);
  const { create = [], remove = [], updates = false } = move;
  return { create, remove, status: statefulSetStatus(view, updates) };
}

/** A place in the set: its number, and the pod that has it. */
interface Slot {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

interface Slots {
  /** Those that are wanted, lowest first. */
  readonly wanted: readonly Slot[];
  /** The pods beyond them, highest first. */
  readonly condemned: readonly Pod[];
}

interface Move {
  readonly create?: readonly NumberedPod[];
  readonly remove?: readonly Pod[];
  /** The removed pod makes room for one of the new template. */
  readonly updates?: boolean;
}

function slotsOf({ set, pods }: StatefulView): Slots {
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const start = set.spec.ordinals?.start ?? 0;
  const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_none, index) => {
    return { ordinal: start + index, pod: byOrdinal.get(start + index) };
  });
  const end = start + wanted.length;
  const beyond = [...byOrdinal].filter(([ordinal]) => ordinal >= 0 && (ordinal < start || ordinal >= end));
  const condemned = beyond.sort(([a], [b]) => b - a).map(([, pod]) => pod);
  return { wanted, condemned };
}

/** The number at the end of a pod's name; -1 when it is none of this set. */
function ordinalOf({ metadata }: StatefulSet, pod: Pod): number {
  const prefix = `${metadata.name}-`;
  const [, digits] = /^(0|[1-9]\d{0,8})$/.exec(pod.metadata.name.slice(prefix.length)) ?? [];
  return digits !== undefined && pod.metadata.name.startsWith(prefix) ? Number(digits) : -1;
}

function inOrder(view: StatefulView, { wanted, condemned }: Slots): Move {
  const first = wanted.find(({ pod }) => !pod || !isReady(pod));
  if (first) return first.pod ? {} : { create: [newPod(view, first)] };
  const [highest] = condemned;
  if (!highest) return update(view, wanted);
  const lowestSick = condemned.findLast((pod) => !isReady(pod));
  return isReady(highest) || highest === lowestSick ? { remove: [highest] } : {};
}

function inParallel(view: StatefulView, { wanted, condemned }: Slots): Move {
  const missing = wanted.filter(({ pod }) => !pod);
  if (missing.length === 0 && condemned.length === 0) return update(view, wanted);
  return { create: missing.map((slot) => newPod(view, slot)), remove: condemned };
}

/** Takes the highest pod with an old template away, once all above it serve. */
function update({ set, update: newest, revisionOf }: StatefulView, wanted: readonly Slot[]): Move {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return {};
  const targets = wanted.slice(rollingUpdate?.partition ?? 0).flatMap(({ pod }) => pod ?? []);
  const next = targets.findLast((pod) => revisionOf(pod) !== newest || !isReady(pod));
  return next && revisionOf(next) !== newest ? { remove: [next], updates: true } : {};
}

/** Below the partition (without one: below those the update has reached) a pod comes back as it was. */
function newPod({ set, current, update: newest }: StatefulView, { ordinal }: Slot): NumberedPod {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const reached = type === 'RollingUpdate' ? (set.status?.currentReplicas ?? 0) : 0;
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : reached;
  const isKept = ordinal < (set.spec.ordinals?.start ?? 0) + kept;
  return { ordinal, revision: isKept ? current : newest };
}
