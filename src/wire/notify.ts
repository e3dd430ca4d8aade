import type { AddressInfo } from 'node:net';
import type { Config } from '../config/load.ts';
import { AppError } from '../core/errors.ts';
import type { Election } from '../core/leadership.ts';
import { imagePage } from '../core/update-link.ts';
import { alone } from '../flows/lead.ts';
import { close, listen } from '../http/server.ts';
import { bareApp, finishApp } from '../http/status.ts';
import { createHttp } from '../lib/http.ts';
import { createMetrics } from '../lib/metrics.ts';
import { openCluster, restsOf, type OpenCluster } from './cluster.ts';
import { openNotifiers } from './notifiers.ts';
import { outbound } from './receivers.ts';
import { counted, type Service, type Surroundings } from './service.ts';
import { slackClient } from './slack.ts';
import { openLease, storeKind } from './store.ts';
import { openWatcher, type Watcher } from './watcher.ts';

/** Of the Lease: another one than that of those who update. */
const leaseName = 'updatekate-notify-leader';
/** How long what is due is still told. */
const drainMs = 10_000;

/**
 * The watcher alone: no webhooks, no updates, no approvals.
 *
 * @throws AppError `bad-config` when something it is told to use cannot be used, or there is nothing to watch.
 */
export async function startNotify(config: Config, around: Surroundings): Promise<Service> {
  const page = createMetrics();
  const { clock } = around;
  const cluster = await openCluster(config, clock);
  const restOf = restsOf(config, cluster, clock);
  const slack = await slackClient(config);
  const { proxies } = config;
  const http = createHttp({ ...outbound, clock, proxies });
  const link = config.updateLink ?? imagePage;
  const notifiers = openNotifiers(config, {
    ...{ ...around, http, proxies, restOf, slack, link },
    teamOf: () => undefined,
  });
  const election = electionOf(config, cluster, around);
  const watcher = await openWatcher(config, {
    ...{ ...around, metrics: page.metrics, cluster, restOf, notifiers, leadership: election },
    // Whoever else updates workloads does not tell it here.
    ownManager: undefined,
  });
  if (!watcher) throw new AppError('bad-config', 'there is nothing to watch: set UK_WATCH_NAMESPACES');
  const [stopping, standing, ending] = [new AbortController(), new AbortController(), new AbortController()];
  const notReady = (): readonly string[] => obstacles(stopping.signal, watcher);
  const app = finishApp(bareApp(), { notReady, metrics: page, log: around.log });
  const server = await listen(app, config.port);
  const elected = election.run(standing.signal, counted([watcher.lead], page.metrics));
  const watching = watcher.run(ending.signal);
  return {
    port: (server.address() as AddressInfo).port,
    kubernetesUrl: cluster.embeddedUrl,
    ready: watcher.listed,
    async stop() {
      stopping.abort();
      const closed = close(server);
      await watcher.lead.drain(drainMs);
      standing.abort();
      await elected;
      ending.abort();
      await Promise.all([closed, watching]);
      await watcher.close();
      await cluster.close();
    },
  };
}

/** Unlike a pod that takes webhooks, this one is there for nothing but its watches. */
function obstacles(stopping: AbortSignal, { known, health }: Watcher): readonly string[] {
  return [
    ...(stopping.aborted ? ['shutting down'] : []),
    ...(known() ? [] : ['the workloads are not known yet']),
    ...health.dead().map(({ what }) => what),
  ];
}

function electionOf(config: Config, cluster: OpenCluster, around: Surroundings): Election {
  return storeKind(config, cluster) === 'kubernetes' ? openLease({ ...around, cluster }, leaseName) : alone;
}
