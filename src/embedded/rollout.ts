import type { Deployment, ReplicaSet } from './objects.ts';
import { limitsOf, type Limits } from './rollout-limits.ts';
import { templateHash } from './template-hash.ts';

/** The ReplicaSets of a Deployment, sorted out. */
export interface Sets {
  /** The one with the Deployment's template; absent until it is made. */
  readonly current: ReplicaSet | undefined;
  /** All others, oldest revision first. */
  readonly old: readonly ReplicaSet[];
}

/** What a Deployment wants done with its ReplicaSets, one step at a time. */
export interface Step {
  /** Make the current ReplicaSet with this many pods. */
  readonly create?: number;
  /** The revision of the current ReplicaSet, new or brought back. */
  readonly revision: number;
  readonly scale: readonly Scaling[];
  /** History beyond the limit. */
  readonly remove: readonly ReplicaSet[];
}

/** A ReplicaSet and the number of pods it shall have. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** The annotation with the number of a rollout, on Deployments and ReplicaSets. */
export const revisionKey = 'deployment.kubernetes.io/revision';

/** The revision an object carries; 0 for none, or none that is a number. */
export function revisionOf({ metadata }: Pick<ReplicaSet, 'metadata'>): number {
  return Number(metadata.annotations?.[revisionKey]) || 0;
}

/** Sorts the ReplicaSets a Deployment controls. */
export function sortSets(deployment: Deployment, all: readonly ReplicaSet[]): Sets {
  const hash = templateHash(deployment.spec.template);
  const isCurrent = ({ metadata }: ReplicaSet) => metadata.labels?.['pod-template-hash'] === hash;
  const old = all.filter((set) => !isCurrent(set)).sort((a, b) => revisionOf(a) - revisionOf(b));
  return { current: all.find(isCurrent), old };
}

/** The next step of a Deployment's rollout. Pure; an empty step means: wait, or done. */
export function nextStep(deployment: Deployment, sets: Sets): Step {
  const { current, old } = sets;
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = Math.max(newest + 1, current ? revisionOf(current) : 0);
  const step: Step = { revision, scale: [], remove: [] };
  if (deployment.spec.paused) return { ...step, ...whilePaused(deployment, sets) };
  const limits = limitsOf(deployment);
  const recreates = deployment.spec.strategy?.type === 'Recreate';
  const moving = recreates ? recreate(sets, limits) : rollingUpdate(sets, limits);
  return { ...step, remove: surplusHistory(deployment, sets), ...moving };
}

/** A paused Deployment starts no rollout; a change of replicas still reaches the only ReplicaSet that runs. */
function whilePaused(deployment: Deployment, { current, old }: Sets): Partial<Step> {
  const running = [...old, ...(current ? [current] : [])].filter((set) => replicasOf(set) > 0);
  const only = running.length === 0 ? current : running[0];
  const scale = only && running.length < 2 ? scaled(only, deployment.spec.replicas ?? 1) : [];
  return { revision: revisionOf(deployment), scale };
}

function recreate({ current, old }: Sets, { replicas }: Limits): Partial<Step> {
  const stop = old.flatMap((set) => scaled(set, 0));
  if (stop.length > 0) return { scale: stop };
  if (old.some((set) => (set.status?.replicas ?? 0) > 0)) return {};
  return current ? { scale: scaled(current, replicas) } : { create: replicas };
}

function rollingUpdate({ current, old }: Sets, limits: Limits): Partial<Step> {
  const now = current ? replicasOf(current) : 0;
  const missing = limits.replicas - now;
  const room = limits.replicas + limits.maxSurge - total(old, replicasOf) - now;
  const growth = Math.max(0, Math.min(room, missing));
  if (!current) return { create: growth };
  if (missing < 0) return { scale: scaled(current, limits.replicas) };
  return { scale: growth > 0 ? scaled(current, now + growth) : shrinkOld(current, old, limits) };
}

/** Takes pods from the old ReplicaSets: first those that serve nobody, then as many as may be missing. */
function shrinkOld(current: ReplicaSet, old: readonly ReplicaSet[], limits: Limits): readonly Scaling[] {
  const least = limits.replicas - limits.maxUnavailable;
  const all = [...old, current];
  const spare = total(all, replicasOf) - least - (replicasOf(current) - availableOf(current));
  if (spare <= 0) return [];
  const before = old.map(replicasOf);
  const healthy = take(
    before,
    spare,
    old.map((set) => replicasOf(set) - availableOf(set)),
  );
  const after = take(healthy, total(all, availableOf) - least, healthy);
  return old.flatMap((set, index) => scaled(set, after[index] ?? 0));
}

/** Takes `budget` pods from the counts in turn, from each at most what `most` says. */
function take(counts: readonly number[], budget: number, most: readonly number[]): readonly number[] {
  let left = budget;
  return counts.map((count, index) => {
    const gone = Math.max(0, Math.min(left, most[index] ?? 0));
    left -= gone;
    return count - gone;
  });
}

/** Idle ReplicaSets beyond `revisionHistoryLimit`, once the rollout is over. */
function surplusHistory({ spec }: Deployment, { current, old }: Sets): readonly ReplicaSet[] {
  const over = current && availableOf(current) >= (spec.replicas ?? 1);
  const idle = old.filter((set) => replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
  return over ? idle.slice(0, Math.max(0, old.length - (spec.revisionHistoryLimit ?? 10))) : [];
}

function scaled(set: ReplicaSet, replicas: number): readonly Scaling[] {
  return replicasOf(set) === replicas ? [] : [{ set, replicas }];
}

function replicasOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}

function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

function total(sets: readonly ReplicaSet[], countOf: (set: ReplicaSet) => number): number {
  return sets.reduce((sum, set) => sum + countOf(set), 0);
}
