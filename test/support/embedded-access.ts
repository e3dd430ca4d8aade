import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/embedded/index.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { kubernetesCall } from './kubernetes-call.ts';
import { aFolder } from './running-service.ts';

/** An embedded cluster with quick pods, and the kubeconfig that leads to it. */
export interface EmbeddedAccess {
  readonly cluster: EmbeddedCluster;
  readonly kubeconfigPath: string;
  /** A call of its API, as `kubernetesCall` makes it. */
  call(...given: [string, string, unknown?, string?]): Promise<unknown>;
  newNamespace(name: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts the cluster on a free port. */
export async function openEmbedded(): Promise<EmbeddedAccess> {
  const folder = aFolder();
  const cluster = await startEmbeddedCluster({ clock: systemClock, port: 0, podReadyMs: 30 });
  const kubeconfigPath = join(folder.path, 'kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfigFor(cluster.url));
  const call: EmbeddedAccess['call'] = (...given) => kubernetesCall({ server: cluster.url }, ...given);
  return {
    ...{ cluster, kubeconfigPath, call },
    newNamespace: (name) =>
      call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    async close() {
      await cluster.close();
      folder.remove();
    },
  };
}

/** A kubeconfig (JSON is YAML) for a server without TLS. */
export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'nobody' } }],
    'current-context': 'test',
  });
}
