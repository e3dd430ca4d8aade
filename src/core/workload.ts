/** Kinds that can be targets. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** What names a workload everywhere: `cluster/namespace/kind/name`. */
export interface WorkloadKey {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** One container of a pod template. */
export interface Container {
  readonly name: string;
  readonly image: string;
  /** Whether it is an init container. */
  readonly init: boolean;
}

/** A status condition as Kubernetes writes it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What tells one state of a workload from another, for whoever tells people what others changed. */
export interface WorkloadTraits {
  /** A hash of all that its pods are made of but images and restarts; of a CronJob, of when it runs as well. */
  readonly template: string;
  /** The mark that `kubectl rollout restart` leaves; absent = there is none. */
  readonly restartedAt?: string;
  /**
   * When somebody who sets a part of what its pods are made of last wrote anything; ISO 8601, absent = nobody knows. Who only
   * takes something away is not noted.
   */
  readonly changedAt?: string;
  /** How many pods somebody wants; absent for kinds of which nobody says that. */
  readonly scale?: number;
  /** Which field manager set it last, as far as the API server knows. */
  readonly setBy: {
    /** By container name. */
    readonly images: Readonly<Record<string, string>>;
    /** Anything else of the template. */
    readonly template?: string;
    readonly restart?: string;
    readonly scale?: string;
  };
}

/** A workload as the product needs it: identity, images and the counters that tell a rollout's state. */
export interface Workload {
  readonly key: WorkloadKey;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly deleting: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  /** Only Keel's, and absent when there are none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whose it is, by the label of its pods; absent when they have none. */
  readonly team?: string;
  readonly containers: readonly Container[];
  /** Field managers known to apply from Git that own a container's image, by container name. */
  readonly gitOpsOwners: Readonly<Record<string, string>>;
  /** Label selector of its pods, as a query (`app=shop,tier in (web)`). */
  readonly selector: string;
  readonly paused: boolean;
  /** Whether an old pod stays until somebody does something about it: deletes it, or lowers a partition. */
  readonly onDelete: boolean;
  /** Pods that are to run the template; absent in the API means 1, and a CronJob has none. */
  readonly replicas: number;
  readonly observedGeneration: number;
  readonly status: {
    readonly replicas: number;
    readonly updated: number;
    readonly available: number;
  };
  readonly conditions: readonly Condition[];
  /** The revision of its new pods, where its controller says so. */
  readonly updateRevision?: string;
  /** Absent where nobody asks for them. */
  readonly traits?: WorkloadTraits;
}

/** The state of one container of a pod: why it waits, and how often it was restarted. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly waitingReason: string | undefined;
  readonly waitingMessage: string | undefined;
  readonly restarts: number;
}

/** A pod, as far as it explains a rollout that does not end. */
export interface Pod {
  readonly name: string;
  readonly containers: readonly PodContainer[];
}

/** `cluster/namespace/kind/name`, the one spelling for logs, records and answers. */
export function workloadId({ cluster, namespace, kind, name }: WorkloadKey): string {
  return `${cluster}/${namespace}/${kind}/${name}`;
}

/** Whether `a` and `b` name the same workload. */
export function sameWorkload(a: WorkloadKey, b: WorkloadKey): boolean {
  return workloadId(a) === workloadId(b);
}
