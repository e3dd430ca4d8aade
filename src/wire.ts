import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { createKubernetesCluster } from './cluster/kubernetes.ts';
import { connect, type ClusterSource } from './cluster/connect.ts';
import { createRest } from './cluster/rest.ts';
import { watchWorkloads } from './cluster/watch-workloads.ts';
import { createWorkloadIndex } from './cluster/workload-index.ts';
import type { Config } from './config/load.ts';
import { AppError, messageOf } from './core/errors.ts';
import type { Clock, Log, Metrics, Receiver, Store, WorkloadView } from './core/ports.ts';
import { classicProblem, missedPush, targetsOf, type ClassicTarget } from './core/target.ts';
import type { Workload } from './core/workload.ts';
import { createPatchDelivery } from './deliveries/patch.ts';
import { startEmbeddedCluster } from './embedded/index.ts';
import type { FlowContext } from './flows/context.ts';
import { describeTarget } from './flows/describe-target.ts';
import { createReconciler } from './flows/reconcile.ts';
import { receivePush } from './flows/receive-push.ts';
import { close, createApp, listen } from './http/server.ts';
import type { WebhookOptions } from './http/webhook.ts';
import { createHttp } from './lib/http.ts';
import { createMetrics } from './lib/metrics.ts';
import { createWebhook } from './notifiers/webhook.ts';
import { registries } from './registries/index.ts';
import { quay } from './registries/quay.ts';
import { createMemoryStore } from './stores/memory.ts';
import { createSqliteStore } from './stores/sqlite.ts';

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

/** One cluster for now; its name is part of every key, so that more can come. */
const clusterName = 'default';
const apiTimeoutMs = 10_000;
const drainMs = 20_000;

/**
 * Builds the service from its parts and starts it. The only place that knows every adapter.
 *
 * @throws AppError `bad-config` when something it is told to use cannot be used.
 */
export async function startService(config: Config, around: Surroundings): Promise<Service> {
  const { clock, log } = around;
  const page = createMetrics();
  const embedded = config.cluster === 'embedded' ? await startEmbedded(config, clock) : undefined;
  const rest = createRest(connect(clusterSource(config, embedded?.url)), clock, apiTimeoutMs);
  const store = createStore(config, log);
  const cluster = createKubernetesCluster(clusterName, rest);
  const classic = classicTarget(config);
  const targets = (workload: Workload) => targetsOf(workload, classic);
  const missing = (name: string) => classic && missedPush(name, index.get(classic.workload), classic);
  const known = Promise.withResolvers<undefined>();
  const stopping = new AbortController();
  const watch = new AbortController();

  const index = createWorkloadIndex(targets, (key) => reconciler.workloadChanged(key));
  const context: FlowContext = {
    ...{ ...around, store, cluster, view: index, metrics: page.metrics },
    delivery: createPatchDelivery({ cluster, view: index, targetsOf: targets }),
    receivers: createReceivers(config, clock),
    rollout: { timeoutMs: config.rolloutTimeoutMs, pollMs: config.rolloutPollMs },
  };
  const reconciler = createReconciler(context);
  const watching = watchWorkloads(
    {
      ...{ ...around, cluster: clusterName, namespace: config.namespace, index, rest, metrics: page.metrics },
      listed: () => {
        warnAboutClassic(classic, index, log);
        known.resolve(undefined);
      },
    },
    watch.signal,
  );
  const app = createApp({
    webhook: {
      ...webhookOptions(config, page.metrics),
      receive: (pushes, dryRun) =>
        receivePush({ ...context, wake: reconciler.wake, missing }, pushes, dryRun),
    },
    info: config.info ? (signal) => describeTarget(context, classic?.workload, signal) : undefined,
    adminToken: config.adminToken,
    metrics: page,
    log,
    notReady: () => obstacles(stopping.signal, index),
  });
  const server = await listen(app, config.port);
  await reconciler.resume();
  return {
    port: (server.address() as AddressInfo).port,
    kubernetesUrl: embedded?.url,
    ready: known.promise,
    async stop() {
      stopping.abort();
      await close(server);
      await reconciler.drain(drainMs);
      watch.abort();
      await watching;
      await store.close();
      await embedded?.close();
    },
  };
}

/**
 * What stands in the way of taking a webhook, for `/readyz`. A watch that is down does not: what is known is enough
 * to decide and to record, and an unready pod would make the registry give up.
 */
function obstacles(stopping: AbortSignal, view: WorkloadView): readonly string[] {
  return [
    ...(stopping.aborted ? ['shutting down'] : []),
    ...(view.known() ? [] : ['the workloads are not known yet']),
  ];
}

function webhookOptions(
  { webhookToken, webhookRate }: Config,
  metrics: Metrics,
): Omit<WebhookOptions, 'receive'> {
  return {
    ...{ registries, fallback: quay, token: webhookToken, ratePerSecond: webhookRate },
    answered: metrics.webhook,
  };
}

/** A classic target that cannot be updated is said once per list: at the start, and after every break. */
function warnAboutClassic(classic: ClassicTarget | undefined, view: WorkloadView, log: Log): void {
  const problem = classic && classicProblem(view.get(classic.workload), classic);
  if (problem !== undefined) log.warn({ problem }, 'the classic target cannot be updated');
}

function classicTarget(config: Config): ClassicTarget | undefined {
  const { namespace, deployment, container, repository, policy } = config;
  if (deployment === undefined) return undefined;
  const workload = { cluster: clusterName, namespace, kind: 'Deployment' as const, name: deployment };
  return { workload, container, repository, policy };
}

function clusterSource({ cluster }: Config, embeddedUrl: string | undefined): ClusterSource {
  if (embeddedUrl !== undefined) return { kind: 'url', url: embeddedUrl };
  return { kind: cluster === 'embedded' ? 'auto' : cluster };
}

function createStore({ store, dataFolder }: Config, log: Log): Store {
  if (store !== 'memory') return createSqliteStore(dataFolder);
  log.warn({ store }, 'updates are forgotten when this process ends');
  return createMemoryStore();
}

function createReceivers({ webhookUrl, webhookKeys }: Config, clock: Clock): readonly Receiver[] {
  if (webhookUrl === undefined) return [];
  const http = createHttp({ clock, timeoutMs: 15_000, retries: 2, minDelayMs: 500, userAgent: 'updatekate' });
  return [createWebhook({ url: webhookUrl, keys: webhookKeys ?? [], http, clock })];
}

function startEmbedded(
  { embeddedManifests, embeddedPort, embeddedPodReadyMs }: Config,
  clock: Clock,
): ReturnType<typeof startEmbeddedCluster> {
  const manifests =
    embeddedManifests === undefined
      ? undefined
      : { file: embeddedManifests, text: readManifests(embeddedManifests) };
  return startEmbeddedCluster({
    clock,
    port: embeddedPort,
    podReadyMs: embeddedPodReadyMs,
    ...(manifests ? { manifests } : {}),
  });
}

function readManifests(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('bad-config', `UK_EMBEDDED_MANIFESTS=${file} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
