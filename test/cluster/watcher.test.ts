import { gunzipSync } from 'node:zlib';
import { watcherJobContract } from '../contract/watcher-job.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

const run = Date.now().toString(36);

watcherJobContract(
  'the real control plane, with the permissions of k8s/notify and k8s/ and no others',
  async () => {
    const cluster = await testCluster();
    const folder = aFolder();
    const namespace = `watcher-job-${run}`;
    await cluster.kubectl(['create', 'namespace', namespace]);
    const all = await grantOwnPermissions(cluster, namespace, folder.path);
    const notify = await grantOwnPermissions(cluster, namespace, folder.path, 'k8s/notify');
    const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
    const store = { UK_STORE: 'kubernetes' };
    return {
      environment: {
        all: { UK_KUBECONFIG: all.kubeconfigPath, ...store },
        notify: { UK_KUBECONFIG: notify.kubeconfigPath, ...store },
      },
      namespace,
      api: (...call) => kubernetesCall(access, ...call),
      kept: () => journalsOf(cluster, namespace),
      async close() {
        await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
        await cluster.stop();
        folder.remove();
      },
    };
  },
);

/** All of them, with their names. */
async function journalsOf(cluster: TestCluster, namespace: string): Promise<string> {
  const list = await cluster.kubectl(['get', 'journals', '--namespace', namespace, '--output=json']);
  const { items } = JSON.parse(list) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly text?: string; readonly gzip?: string };
    }[];
  };
  const texts = items.map(({ metadata, spec }) => {
    const { text = '', gzip } = spec;
    return [metadata.name, gzip === undefined ? text : gunzipSync(Buffer.from(gzip, 'base64')).toString()];
  });
  return JSON.stringify(Object.fromEntries(texts));
}
