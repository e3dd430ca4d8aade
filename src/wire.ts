import type { AddressInfo } from 'node:net';
import { createKubernetesCluster } from './cluster/kubernetes.ts';
import { watchWorkloads } from './cluster/watch-workloads.ts';
import { createWorkloadIndex } from './cluster/workload-index.ts';
import type { Config } from './config/load.ts';
import type { Clock, Log, Metrics, Receiver, WorkloadView } from './core/ports.ts';
import { classicProblem, missedPush, targetsOf, type ClassicTarget } from './core/target.ts';
import { webhookFormats } from './core/webhook-formats.ts';
import type { Workload } from './core/workload.ts';
import { createPatchDelivery } from './deliveries/patch.ts';
import type { FlowContext } from './flows/context.ts';
import { describeTarget } from './flows/describe-target.ts';
import { createReconciler } from './flows/reconcile.ts';
import { receivePush } from './flows/receive-push.ts';
import { replay } from './flows/replay.ts';
import { createUnparking } from './flows/take-parked.ts';
import { close, createApp, listen } from './http/server.ts';
import type { WebhookOptions } from './http/webhook.ts';
import { createHttp } from './lib/http.ts';
import { createMetrics } from './lib/metrics.ts';
import { createWebhook } from './notifiers/webhook.ts';
import { registries } from './registries/index.ts';
import { quay } from './registries/quay.ts';
import { openCluster } from './wire-cluster.ts';
import { openStorage } from './wire-store.ts';

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
const drainMs = 20_000;

/**
 * Builds the service from its parts and starts it. The only place that knows every adapter.
 *
 * @throws AppError `bad-config` when something it is told to use cannot be used.
 */
export async function startService(config: Config, around: Surroundings): Promise<Service> {
  const { clock, log } = around;
  const page = createMetrics();
  const { rest, embeddedUrl, close: closeCluster } = await openCluster(config, clock);
  const { store, parked, close: closeStorage } = openStorage(config, log);
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
    delivery: createPatchDelivery({ cluster, view: index, targetsOf: targets, clock }),
    receivers: createReceivers(config, clock),
    rollout: { timeoutMs: config.rolloutTimeoutMs, pollMs: config.rolloutPollMs },
  };
  const reconciler = createReconciler(context);
  const receive: WebhookOptions['receive'] = (pushes, dryRun) =>
    receivePush(
      { ...context, parked, unpark: () => unparking.start(), wake: reconciler.wake, missing },
      pushes,
      dryRun,
    );
  const unparking = createUnparking(
    { ...around, parked, receive: (pushes) => receive(pushes, false) },
    stopping.signal,
  );
  const watching = watchWorkloads(
    {
      ...{ ...around, cluster: clusterName, namespace: config.namespace, index, rest, metrics: page.metrics },
      listed: () => {
        warnAboutClassic(classic, index, log);
        known.resolve(undefined);
        unparking.start();
      },
    },
    watch.signal,
  );
  const app = createApp({
    webhook: { ...webhookOptions(config, page.metrics), receive },
    info: config.info ? (signal) => describeTarget(context, classic?.workload, signal) : undefined,
    adminToken: config.adminToken,
    replay: (name, receiver) => replay({ ...context, wake: reconciler.wake }, name, receiver),
    metrics: page,
    log,
    notReady: () => obstacles(stopping.signal, index),
  });
  const server = await listen(app, config.port);
  await reconciler.resume();
  return {
    port: (server.address() as AddressInfo).port,
    kubernetesUrl: embeddedUrl,
    ready: known.promise,
    async stop() {
      stopping.abort();
      await close(server);
      await unparking.settled();
      await reconciler.drain(drainMs);
      watch.abort();
      await watching;
      await closeStorage();
      await closeCluster();
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

function createReceivers(
  { webhookUrl, webhookKeys, webhookFormat }: Config,
  clock: Clock,
): readonly Receiver[] {
  if (webhookUrl === undefined) return [];
  const format = webhookFormats[webhookFormat];
  const http = createHttp({ clock, timeoutMs: 15_000, retries: 2, minDelayMs: 500, userAgent: 'updatekate' });
  return [createWebhook({ url: webhookUrl, format, keys: webhookKeys ?? [], http, clock })];
}
