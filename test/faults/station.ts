import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountSmallDisk, unmountSmallDisk } from './small-disk.ts';
import { webhookToken } from './webhook-token.ts';
import type { Journal } from './journal.ts';
import type { Lab } from './lab.ts';
import { startProxy, type ApiProxy } from './proxy.ts';
import type { Receiver } from './receiver.ts';
import { createReplica, type Replica } from './replica.ts';
import type { RuleBook } from './rules.ts';

/** A replica and its own way to the API server. */
export interface Station {
  readonly replica: Replica;
  readonly proxy: ApiProxy;
  readonly dataFolder: string;
  close(): Promise<void>;
}

/** What the replicas of an installation share. */
export interface Surroundings {
  readonly lab: Lab;
  readonly namespace: string;
  readonly folder: string;
  /** Of the ServiceAccount. */
  readonly token: string;
  readonly rules: RuleBook;
  readonly journal: Journal;
  readonly receiver: Receiver;
}

/** What is one replica's own. */
export interface StationOptions {
  readonly name: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly smallDisk: boolean;
}

/** Starts the proxy and the process; does not wait until it is ready. */
export async function startStation(around: Surroundings, options: StationOptions): Promise<Station> {
  const { lab, token, rules, journal } = around;
  const { name, port } = options;
  const { server, caPem } = lab.cluster;
  const proxy = await startProxy({
    ...{ replica: name, rules, journal, upstream: { server, caPem, token } },
    kill: () => replica.kill(),
  });
  const dataFolder = join(around.folder, name);
  if (options.smallDisk) mountSmallDisk(dataFolder, lab.options.store);
  else mkdirSync(dataFolder, { recursive: true });
  const replica = createReplica({
    ...{ name, port, watch: (child) => lab.reaper.watch(child) },
    environment: { ...variables(around, name, dataFolder, proxy.url), ...options.environment },
    logFile: join(lab.options.logsDir ?? around.folder, `${around.namespace}-${name}.log`),
  });
  replica.start();
  return {
    ...{ replica, proxy, dataFolder },
    async close() {
      await replica.remove('SIGKILL');
      proxy.close();
      if (options.smallDisk) unmountSmallDisk(dataFolder);
    },
  };
}

function variables(
  { lab, namespace, folder, receiver }: Surroundings,
  name: string,
  dataFolder: string,
  proxyUrl: string,
): Record<string, string> {
  const kubeconfig = join(folder, `${name}.kubeconfig`);
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(proxyUrl, namespace)));
  return {
    ...{ UK_CLUSTER: 'kubeconfig', KUBECONFIG: kubeconfig, UK_NAMESPACE: namespace },
    ...{ UK_STORE: lab.options.store, UK_DATA_DIR: dataFolder },
    ...{ UK_WEBHOOK: receiver.url(name), UK_WEBHOOK_SECRET: receiver.secret, UK_WEBHOOK_TOKEN: webhookToken },
    // A dead watch may only delay a verdict by this: the time of a run, not what is proven, depends on it.
    ...{ UK_ROLLOUT_POLL: '2s', UK_WEBHOOK_RATE: '0' },
    // As in a pod.
    ...{ HOSTNAME: name, NODE_COMPILE_CACHE: lab.compileCache },
  };
}

/** client-node speaks plain HTTP only to a server that is marked as not to be verified; the proxy adds the token. */
function kubeconfigFor(server: string, namespace: string): unknown {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'faults' },
    clusters: [{ name: 'faults', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'faults', user: {} }],
    contexts: [{ name: 'faults', context: { cluster: 'faults', user: 'faults', namespace } }],
  };
}
