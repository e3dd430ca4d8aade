import type { Pod, Workload, WorkloadKey } from './workload.ts';

/** A namespace of a cluster. */
export interface Place {
  readonly cluster: string;
  readonly namespace: string;
}

/** Workloads whose changes are told, kept current by watches. */
export interface WatchedWorkloads {
  /** Whether all of this kind in this place have been listed. */
  knows(kind: Pick<WorkloadKey, 'cluster' | 'namespace' | 'kind'>): boolean;
  /** Whether everything has been listed that is watched. */
  known(): boolean;
  get(key: WorkloadKey): Workload | undefined;
  /** Those of one place. */
  within(place: Place): readonly Workload[];
  /** Every place that is watched or has workloads. */
  places(): readonly Place[];
  /** Clusters of which every namespace is watched. */
  wholeClusters(): readonly string[];
  /** Asks the cluster. @throws AppError when it gives no answer. */
  pods(workload: Workload, signal: AbortSignal): Promise<readonly Pod[]>;
  /**
   * Whether a workload that is not here is gone: the watch said so, or else the cluster is asked, since what cannot be read is
   * in no list either. @throws AppError when it gives no answer.
   */
  isGone(key: WorkloadKey, signal: AbortSignal): Promise<boolean>;
}

/** `cluster/namespace`. */
export function placeId({ cluster, namespace }: Place): string {
  return `${cluster}/${namespace}`;
}

/** The place of `cluster/namespace`. */
export function placeOf(id: string): Place {
  // With a slash more, any text has two parts.
  const [cluster, namespace] = `${id}/`.split('/') as [string, string];
  return { cluster, namespace };
}
