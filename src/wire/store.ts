import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createLease } from '../cluster/lease.ts';
import { listWatch } from '../cluster/list-watch.ts';
import type { Config } from '../config/load.ts';
import { ownCluster } from '../config/watched.ts';
import { hasCode } from '../core/errors.ts';
import type { Election } from '../core/leadership.ts';
import type { Clock, Log, Metrics, ParkedPushes, Store } from '../core/ports.ts';
import { alone } from '../flows/lead.ts';
import { createKubernetesStore } from '../stores/kubernetes.ts';
import { createMemoryParkedPushes } from '../stores/memory-parked-pushes.ts';
import { createMemoryStore } from '../stores/memory.ts';
import { createParkedPushes } from '../stores/parked-pushes.ts';
import { createSpooledStore } from '../stores/spooled.ts';
import { createSqliteStore } from '../stores/sqlite.ts';
import { openThreadedSqlite } from '../stores/threaded-sqlite.ts';
import type { OpenCluster } from './cluster.ts';

/** Where updates are kept, and who of those that share them acts on them. Part of the composition root. */
export interface Storage {
  readonly store: Store;
  readonly parked: ParkedPushes;
  readonly election: Election;
  /** Whether other replicas have the same updates. */
  readonly shared: boolean;
  /** What goes on in the background, until `signal` fires. */
  run(signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

export interface StorageOptions {
  readonly config: Config;
  readonly cluster: OpenCluster;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Told of an update that should be looked at. */
  changed(name: string): void;
  /** Told when the store can be reached again, or still. */
  reached(): void;
}

const checkMs = 5000;
/** Of the Lease; the Role in k8s/ names it too. No other object of ours has it: kustomize would rename it with that. */
const leaseName = 'updatekate-leader';

/**
 * Opens the store that is configured.
 *
 * @throws AppError `bad-config` when it cannot be used.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { config, cluster, log } = options;
  const { dataFolder } = config;
  const kind = storeKind(config, cluster);
  if (kind === 'kubernetes') return openKubernetes(options);
  if (kind === 'memory') log.warn({ store: kind }, 'updates are forgotten when this process ends');
  const [store, parked] =
    kind === 'memory'
      ? [createMemoryStore(), createMemoryParkedPushes()]
      : [createSqliteStore(dataFolder), createParkedPushes(dataFolder)];
  return {
    ...{ store, parked, election: alone, shared: false },
    run: () => Promise.resolve(),
    close: () => closeAll(store, parked),
  };
}

/** Which store it is. */
export function storeKind(
  { store }: Pick<Config, 'store'>,
  { inPod }: OpenCluster,
): Exclude<Config['store'], 'auto'> {
  return store === 'auto' ? (inPod ? 'kubernetes' : 'sqlite') : store;
}

/** Who of those that share what is in the cluster acts on it. */
export function openLease(
  { cluster, clock, log, random }: Pick<StorageOptions, 'cluster' | 'clock' | 'log' | 'random'>,
  name: string,
): Election {
  const { rest, ownNamespace: namespace } = cluster;
  const identity = `${hostname()}_${randomUUID()}`;
  return createLease({ rest, clock, log, random, namespace, name, identity });
}

/** Records in the cluster, a spool on this machine for when the cluster is away, a Lease for who acts. */
async function openKubernetes(options: StorageOptions): Promise<Storage> {
  const { cluster, clock, log, metrics, random, changed } = options;
  const { rest, ownNamespace: namespace } = cluster;
  const { dataFolder } = options.config;
  const main = createKubernetesStore({
    ...{ rest, namespace, clock, log, changed },
    alive(alive) {
      metrics.watch(ownCluster, 'imageupdates', alive);
      if (alive) options.reached();
    },
    listWatch: (path, handler, signal) =>
      listWatch({ cluster: ownCluster, rest, clock, log, random, path }, handler, signal),
  });
  await main.check(AbortSignal.timeout(checkMs)).catch((error: unknown) => {
    if (hasCode(error, 'bad-config')) throw error;
    log.warn({ error }, 'the API server is away: updates are spooled');
  });
  const spool = await openThreadedSqlite(dataFolder);
  const { knows } = main;
  const store = createSpooledStore({ main, knows, spool, clock, log, metrics, random, drained: changed });
  const parked = createParkedPushes(dataFolder);
  return {
    ...{ store, parked, shared: true, election: openLease(options, leaseName) },
    run: (signal) => Promise.all([main.run(signal), store.run(signal)]),
    close: () => closeAll(store, parked),
  };
}

async function closeAll(store: Store, parked: ParkedPushes): Promise<void> {
  await store.close();
  await parked.close();
}
