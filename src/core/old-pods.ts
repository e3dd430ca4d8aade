import { runs, type WantedImages } from './rollout.ts';
import type { Pod, Workload } from './workload.ts';

/** A pod, and what tells it from others. */
export interface DatedPod extends Pod {
  /** When the API server made it: a StatefulSet gives the same name to one after the other. */
  readonly createdAt?: string;
  /** The same for all pods that are made of the same; absent where no controller says so. */
  readonly revision?: string;
  /** It is being deleted, or has ended: its controller counts it no more. */
  readonly isLeaving?: true;
}

/** What new pods are known by; undefined where that is not known. */
export interface NewPods {
  readonly revision: string | undefined;
  /** Images that no old pod has: they tell where the revision does not. */
  readonly images: WantedImages | undefined;
}

/** What a container waits for that has not been tried yet. */
const beginnings: readonly (string | undefined)[] = [undefined, 'ContainerCreating', 'PodInitializing'];

/**
 * The revision of the pods that are made of what is wanted now. A StatefulSet says it. Of others it is that of as many pods
 * as are new; undefined where that may be another, or the pods are not those that were counted.
 *
 * @param pods none that leaves.
 */
export function newRevision(workload: Workload, pods: readonly DatedPod[]): string | undefined {
  const { generation, observedGeneration, updateRevision, replicas, status } = workload;
  if (observedGeneration < generation) return undefined;
  if (updateRevision !== undefined) return updateRevision;
  const { updated } = status;
  if (updated === 0 || pods.length !== status.replicas) return undefined;
  // More than are wanted are not counted as new.
  const fits = (size: number): boolean => size === updated || (size > updated && updated === replicas);
  const groups = [...Map.groupBy(pods, ({ revision }) => revision)];
  const [first, ...others] = groups.filter(([, { length }]) => fits(length));
  return others.length === 0 ? first?.[0] : undefined;
}

/** The pods that have failed at something already, and may do so again, but for the new ones. */
export function troubled(pods: readonly DatedPod[], { revision, images }: NewPods): ReadonlySet<string> {
  const isNew = (pod: DatedPod): boolean =>
    revision === undefined ? images !== undefined && runs(images, pod) : pod.revision === revision;
  const isTroubled = ({ containers }: DatedPod): boolean =>
    containers.some(({ restarts, waitingReason }) => restarts > 0 || !beginnings.includes(waitingReason));
  return new Set(pods.filter((pod) => isTroubled(pod) && !isNew(pod)).map(idOf));
}

/** All but these. */
export function without(pods: readonly DatedPod[], these: ReadonlySet<string>): readonly DatedPod[] {
  return pods.filter((pod) => !these.has(idOf(pod)));
}

function idOf({ name, createdAt = '' }: DatedPod): string {
  return `${name} ${createdAt}`;
}
