import { AppError } from '../core/errors.ts';
import type { Leadership } from '../core/leadership.ts';
import type { Cluster } from '../core/ports.ts';
import type { FlowContext } from './context.ts';

/**
 * The same context, whose writes and announcements are refused unless we lead at that moment. New records may always
 * be created: every replica takes webhooks.
 *
 * @throws AppError `not-leader`, from what it guards.
 */
export function guarded(context: FlowContext, leadership: Leadership): FlowContext {
  const { store, delivery, receivers } = context;
  return {
    ...context,
    store: {
      ...store,
      async replace(update, revision) {
        check(leadership);
        return store.replace(update, revision);
      },
      async remove(name, revision) {
        check(leadership);
        return store.remove(name, revision);
      },
    },
    cluster: guardedCluster(context.cluster, leadership),
    delivery: {
      ...delivery,
      async deliver(update, signal) {
        check(leadership, signal);
        return delivery.deliver(update, signal);
      },
    },
    receivers: receivers.map((receiver) => ({
      ...receiver,
      async tell(update, event, signal) {
        check(leadership, signal);
        return receiver.tell(update, event, signal);
      },
    })),
  };
}

/** The cluster, patched only while we lead: what deliveries are made over. */
export function guardedCluster(cluster: Cluster, leadership: Leadership): Cluster {
  return {
    ...cluster,
    async patchImages(patch, signal) {
      check(leadership, signal);
      return cluster.patchImages(patch, signal);
    },
  };
}

/** A signal that has fired is the end of a term, even if we lead again by now. */
export function check(leadership: Leadership, signal?: AbortSignal): void {
  if (signal?.aborted || !leadership.holds())
    throw new AppError('not-leader', 'this replica leads no more: another one goes on with it');
}
