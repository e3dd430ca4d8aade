import type { ApprovalSettings } from '../core/approval-rules.ts';
import type { Clock, Cluster, Delivery, Log, Metrics, Receiver, Store, WorkloadView } from '../core/ports.ts';

/** What every flow works with. */
export interface FlowContext {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly view: WorkloadView;
  readonly delivery: Delivery;
  /** What must be approved before it is delivered. */
  readonly approvals: ApprovalSettings;
  /** Who is told of what becomes of updates. */
  readonly receivers: readonly Receiver[];
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly rollout: {
    /** How long a rollout may take. */
    readonly timeoutMs: number;
    /** First distance between two polls; the n-th is n times as long. */
    readonly pollMs: number;
  };
}

/** What comes after a step: again at once, again later, or nothing until something else happens. */
export type Next =
  { readonly kind: 'now' } | { readonly kind: 'after'; readonly ms: number } | { readonly kind: 'idle' };
