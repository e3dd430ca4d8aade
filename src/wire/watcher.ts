import { createKubernetesCluster } from '../cluster/kubernetes.ts';
import { createWatchHealth, type WatchHealth } from '../cluster/watch-health.ts';
import { scopesOf, watchWorkloads, type WatchWorkloadsOptions } from '../cluster/watch-workloads.ts';
import { createWatchedCluster, watchedWorkloads, type WatchedCluster } from '../cluster/watched-cluster.ts';
import type { Scope } from '../cluster/workload-index.ts';
import type { Config } from '../config/load.ts';
import { ownCluster, watchedPlaces } from '../config/watched.ts';
import type { Leadership } from '../core/leadership.ts';
import type { Clock, Log, Metrics, Notifier } from '../core/ports.ts';
import { imagePage } from '../core/update-link.ts';
import type { WorkloadKey } from '../core/workload.ts';
import type { ChangeContext } from '../flows/changes/change-context.ts';
import { createChangeLead, type ChangeLead } from '../flows/changes/lead-changes.ts';
import type { OpenCluster, RestOf } from './cluster.ts';
import { openWatcherDocuments } from './documents.ts';
import { alsoRead } from './flows.ts';

/** Tells of what others change. Part of the composition root. */
export interface Watcher {
  readonly lead: ChangeLead;
  readonly health: WatchHealth;
  /** Whether everything that is watched has been listed; `listed` resolves when it has. */
  known(): boolean;
  readonly listed: Promise<void>;
  /** Watches until `signal` fires. */
  run(signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

export interface WatcherParts {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly cluster: OpenCluster;
  readonly restOf: RestOf;
  readonly notifiers: readonly Notifier[];
  readonly leadership: Leadership;
  /** As in `ChangeContext`. */
  readonly ownManager: string | undefined;
}

/**
 * Puts together what watches the places that are configured; `undefined` when there are none.
 *
 * @throws AppError `bad-config` when what it needs cannot be used.
 */
export async function openWatcher(config: Config, parts: WatcherParts): Promise<Watcher | undefined> {
  const places = watchedPlaces(config);
  if (places.size === 0) return undefined;
  const { clock, log, random, metrics, notifiers, ownManager } = parts;
  const health = createWatchHealth(clock);
  const listed = Promise.withResolvers<undefined>();
  const clusters = [...places].map(([name, namespaces]) =>
    openCluster(name, scopesOf(namespaces === 'all' ? [] : namespaces), {
      ...{ ...parts, config, health },
      changed: (key) => lead.changed(key),
      listed({ namespace }) {
        lead.listed({ cluster: name, namespace });
        if (watched.known()) listed.resolve(undefined);
      },
    }),
  );
  const watched = watchedWorkloads(new Map(clusters.map(({ name, workloads }) => [name, workloads])));
  const { close, ...documents } = await openWatcherDocuments({ config, ...parts });
  const { ownNamespace, teamLabel, updateLink: link = imagePage } = config;
  const context: ChangeContext = {
    ...{ clock, log, random, metrics, watched, notifiers, ...documents },
    ...{ ownNamespace, ownCluster, ownManager, teamLabel, link },
    rollout: { timeoutMs: config.rolloutTimeoutMs, pollMs: config.rolloutPollMs },
  };
  const lead = createChangeLead(context, parts.leadership);
  return {
    ...{ lead, health, close, known: watched.known, listed: listed.promise },
    run: (signal) => Promise.all(clusters.map(({ run }) => run(signal))),
  };
}

/** One of the clusters that are watched. */
interface OneCluster {
  readonly name: string;
  readonly workloads: WatchedCluster;
  run(signal: AbortSignal): Promise<void>;
}

interface OneClusterParts extends WatcherParts {
  readonly config: Config;
  readonly health: WatchHealth;
  changed(key: WorkloadKey): void;
  listed(scope: Scope): void;
}

function openCluster(name: string, scopes: readonly Scope[], parts: OneClusterParts): OneCluster {
  const { config, clock, log, random, metrics, health, changed, listed } = parts;
  const rest = parts.restOf(name);
  const also = { ...alsoRead(config), traits: true };
  const { pods } = createKubernetesCluster(name, rest, also);
  const workloads = createWatchedCluster({ name, scopes, rest, pods, log, changed });
  scopes.forEach((scope) => health.expect(name, scope));
  const watching: WatchWorkloadsOptions = {
    ...{ clock, log, random, rest, also, scopes, listed, cluster: name, index: workloads, refused: 'wait' },
    // Its watches are others than those of the targets.
    metrics: {
      watch: (cluster, resource, alive) => metrics.watch(cluster, `${resource}/changes`, alive),
    },
    alive: (scope, isAlive) => health.alive(name, scope, isAlive),
  };
  return { name, workloads, run: (signal) => watchWorkloads(watching, signal) };
}
