import { messageOf } from '../core/errors.ts';
import type { Metrics } from '../core/ports.ts';
import type { Workload } from '../core/workload.ts';
import { toWorkload } from './deployment.ts';
import { deploymentsPath } from './kubernetes.ts';
import { listWatch, type ListWatchOptions } from './list-watch.ts';
import type { WorkloadIndex } from './workload-index.ts';

export interface WatchWorkloadsOptions extends Omit<ListWatchOptions, 'path'> {
  readonly cluster: string;
  readonly namespace: string;
  readonly index: WorkloadIndex;
  readonly metrics: Metrics;
  /** Told after every complete list. */
  listed(): void;
}

/** Keeps the index current until `signal` fires. An object that cannot be read is named and passed over. */
export function watchWorkloads(options: WatchWorkloadsOptions, signal: AbortSignal): Promise<void> {
  const { cluster, namespace, index, metrics, log } = options;
  const read = (object: unknown): Workload | undefined => {
    try {
      return toWorkload(cluster, object);
    } catch (error) {
      log.error({ cluster, namespace, reason: messageOf(error) }, 'a Deployment cannot be read');
      return undefined;
    }
  };
  return listWatch(
    { ...options, path: deploymentsPath(namespace) },
    {
      read,
      replaced(workloads) {
        index.replaceAll(workloads);
        log.info({ cluster, namespace, workloads: workloads.length }, 'workloads listed');
        options.listed();
      },
      changed(type, workload) {
        if (type === 'DELETED') index.remove(workload.key);
        else index.put(workload);
      },
      alive: (alive) => metrics.watch(cluster, 'deployments', alive),
    },
    signal,
  );
}
