import type { ElectionListener } from '../core/leadership.ts';
import type { Clock, Log, Metrics } from '../core/ports.ts';

/** The running service. */
export interface Service {
  readonly port: number;
  /** Address of the embedded cluster's Kubernetes API, when there is one. */
  readonly kubernetesUrl: string | undefined;
  /** Resolves once the workloads are known. */
  readonly ready: Promise<void>;
  /** Takes nothing more, ends what is due now, closes everything. */
  stop(): Promise<void>;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Tells all of them who acts, and says so in the metrics. */
export function counted(listeners: readonly ElectionListener[], metrics: Metrics): ElectionListener {
  metrics.leading(false);
  return {
    acquired() {
      metrics.leading(true);
      listeners.forEach((listener) => listener.acquired());
    },
    lost() {
      metrics.leading(false);
      listeners.forEach((listener) => listener.lost());
    },
  };
}
