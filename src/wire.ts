import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fieldManager } from './cluster/kubernetes.ts';
import { scopesOf, watchWorkloads } from './cluster/watch-workloads.ts';
import type { Config } from './config/load.ts';
import { ownCluster } from './config/watched.ts';
import { watchedNamespaces } from './config/namespaces.ts';
import type { Log, WorkloadView } from './core/ports.ts';
import { classicProblem, type ClassicTarget } from './core/target.ts';
import type { WorkloadKey } from './core/workload.ts';
import { describeTarget } from './flows/describe-target.ts';
import { replay } from './flows/replay.ts';
import { close, createApp, listen } from './http/server.ts';
import { createMetrics } from './lib/metrics.ts';
import { votingSettings, wireApprovals } from './wire/approvals.ts';
import { openCluster, restsOf, type OpenCluster } from './wire/cluster.ts';
import { alsoRead, wireFlows, type FlowParts, type Flows } from './wire/flows.ts';
import { openReceivers } from './wire/receivers.ts';
import { counted, type Service, type Surroundings } from './wire/service.ts';
import { openStorage, type Storage } from './wire/store.ts';
import { openWatcher, type Watcher } from './wire/watcher.ts';
import { wireWebhook } from './wire/webhook.ts';

const drainMs = 20_000;
/** With another replica waiting, only what is about to end is waited for: it goes on with everything else. */
const handOverMs = 500;

/**
 * Builds the service from its parts and starts it. The only place that knows every adapter.
 *
 * @throws AppError `bad-config` when something it is told to use cannot be used.
 */
export async function startService(config: Config, around: Surroundings): Promise<Service> {
  const page = createMetrics();
  const { metrics } = page;
  const settings = votingSettings(config);
  const webhook = wireWebhook(config, { ...around, metrics });
  const cluster = await openCluster(config, around.clock);
  const teamOf = (key: WorkloadKey) => flows.index.get(key)?.team;
  const restOf = restsOf(config, cluster, around.clock);
  const telling = { ...around, metrics, restOf, links: settings.links, teamOf };
  const { all: receivers, notifiers, slack } = await openReceivers(config, telling);
  const storage = await openStorage({
    ...{ ...around, config, cluster, metrics },
    changed: (name) => flows.lead.wake(name),
    reached: () => flows.lead.lookAgain(),
  });
  const { election: leadership } = storage;
  const ours = { ...around, metrics, cluster, restOf, notifiers, leadership, ownManager: fieldManager };
  const watcher = await openWatcher(config, ours);
  const stopping = new AbortController();
  const scopes = scopesOf(watchedNamespaces(config));
  const parts = {
    ...{ ...around, config, cluster, scopes, storage, metrics, receivers },
    stopping: stopping.signal,
  };
  const flows = wireFlows(parts);
  const { context, lead, classic, index } = flows;
  const voting = { ...context, wake: lead.wake };
  const [standing, ending] = [new AbortController(), new AbortController()];
  const face = slack?.attach(voting, ending.signal);
  const { watching, known } = startWatching(parts, flows, ending.signal);
  const app = createApp({
    webhook: { ...webhook.options, receive: flows.receive },
    info: config.info ? (signal) => describeTarget(context, classic?.workload, signal) : undefined,
    adminToken: config.adminToken,
    replay: (name, receiver) => replay({ ...context, wake: lead.wake }, name, receiver),
    ...wireApprovals(settings, cluster.rest, voting),
    endpoint: face?.endpoint,
    metrics: page,
    log: around.log,
    notReady: () => obstacles(stopping.signal, index, watcher),
  });
  const server = await listen(app, config.port, webhook.tls);
  webhook.prepare(stopping.signal);
  const listeners = [lead, face?.listener, watcher?.lead].filter((one) => one !== undefined);
  const elected = leadership.run(standing.signal, counted(listeners, metrics));
  const running = [watching, storage.run(ending.signal), watcher?.run(ending.signal) ?? Promise.resolve()];
  return {
    port: (server.address() as AddressInfo).port,
    kubernetesUrl: cluster.embeddedUrl,
    ready: known,
    stop: stopper({
      ...{ stopping, standing, ending, server, flows, storage, watcher, cluster },
      background: Promise.all(running),
      unelected: () => elected.then(() => face?.settled()),
    }),
  };
}

/** What has to end, in its order. */
interface Ending {
  /** No new work; no candidate for the Lease; nothing any more. */
  readonly stopping: AbortController;
  readonly standing: AbortController;
  readonly ending: AbortController;
  readonly server: Server;
  readonly flows: Flows;
  readonly storage: Storage;
  readonly watcher: Watcher | undefined;
  readonly cluster: OpenCluster;
  /** Ends with `ending`. */
  readonly background: Promise<unknown>;
  /** Resolves when this replica is neither leader nor candidate, and holds nothing that only the leader holds. */
  unelected(): Promise<void>;
}

function stopper({
  stopping,
  standing,
  ending,
  server,
  flows,
  storage,
  watcher,
  ...rest
}: Ending): Service['stop'] {
  /** Ends what is due now, and lets another replica go on with the rest. */
  const handOver = async (): Promise<void> => {
    const graceMs = storage.shared ? handOverMs : drainMs;
    await Promise.all([flows.lead.drain(graceMs), watcher?.lead.drain(graceMs)]);
    standing.abort();
    await rest.unelected();
  };
  return async () => {
    stopping.abort();
    const closed = close(server).then(() => flows.unparking.end());
    if (storage.shared) await Promise.all([closed, handOver()]);
    else await closed.then(handOver);
    ending.abort();
    await rest.background;
    await storage.close();
    await watcher?.close();
    await rest.cluster.close();
  };
}

/** Watches until `end`; `known` resolves when everything has been listed. */
function startWatching(
  { clock, log, random, cluster, scopes, metrics, config }: FlowParts,
  { classic, index, unparking }: Flows,
  end: AbortSignal,
): { readonly watching: Promise<void>; readonly known: Promise<void> } {
  const known = Promise.withResolvers<undefined>();
  let wasKnown = false;
  const watching = watchWorkloads(
    {
      ...{ clock, log, random, cluster: ownCluster, scopes, index, rest: cluster.rest, metrics },
      also: alsoRead(config),
      refused: 'none',
      listed({ kind }) {
        const isFirst = !wasKnown && index.known();
        wasKnown = index.known();
        if (!isFirst && !(wasKnown && kind === 'Deployment')) return;
        warnAboutClassic(classic, index, log);
        known.resolve(undefined);
        unparking.start();
      },
    },
    end,
  );
  return { watching, known: known.promise };
}

/**
 * What stands in the way of taking a webhook, for `/readyz`. A watch that is down does not: what is known is enough
 * to decide and to record, and an unready pod would make the registry give up.
 */
function obstacles(
  stopping: AbortSignal,
  view: WorkloadView,
  watcher: Watcher | undefined,
): readonly string[] {
  // With the whole cluster away webhooks are still taken; one watch that alone is dead is a fault that nobody else would see.
  const dead = watcher?.health.dead().filter(({ isAlone }) => isAlone) ?? [];
  return [
    ...(stopping.aborted ? ['shutting down'] : []),
    ...(view.known() ? [] : ['the workloads are not known yet']),
    ...dead.map(({ what }) => what),
  ];
}

/** A classic target that cannot be updated is said once per list: at the start, and after every break. */
function warnAboutClassic(classic: ClassicTarget | undefined, view: WorkloadView, log: Log): void {
  const problem = classic && classicProblem(view.get(classic.workload), classic);
  if (problem !== undefined) log.warn({ problem }, 'the classic target cannot be updated');
}
