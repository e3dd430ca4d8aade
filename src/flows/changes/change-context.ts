import type { Documents } from '../../core/documents.ts';
import type { Clock, Log, Metrics, Notifier } from '../../core/ports.ts';
import type { UpdateLink } from '../../core/update-link.ts';
import type { WatchedWorkloads } from '../../core/watched-workloads.ts';
import type { FlowContext } from '../context.ts';

/** What the flows of changes work with. */
export interface ChangeContext extends Pick<FlowContext, 'clock' | 'random' | 'log' | 'metrics' | 'rollout'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly watched: WatchedWorkloads;
  readonly notifiers: readonly Notifier[];
  /** Keeps what is to be told. */
  readonly outbox: Documents;
  /** Keeps what was seen. */
  readonly cache: Documents;
  /** Part of the names of both. */
  readonly ownNamespace: string;
  /** The cluster whose name is no part of them. */
  readonly ownCluster: string;
  readonly teamLabel: string;
  readonly link: UpdateLink;
  /** The field manager of updates that tell of themselves; undefined where there are none. */
  readonly ownManager: string | undefined;
}
