import type { StoredUpdate } from '../contract/approved-job.ts';
import { mainJobContract } from '../contract/main-job.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster } from './test-cluster.ts';

mainJobContract('the real control plane, with the permissions of k8s/ and no others', async () => {
  const cluster = await testCluster();
  const folder = aFolder();
  const namespace = `main-job-${Date.now().toString(36)}`;
  await cluster.kubectl(['create', 'namespace', namespace]);
  const own = await grantOwnPermissions(cluster, namespace, folder.path);
  process.env.KUBECONFIG = own.kubeconfigPath;
  const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
  return {
    environment: { UK_CLUSTER: 'kubeconfig', UK_STORE: 'kubernetes' },
    namespace,
    api: (...call) => kubernetesCall(access, ...call),
    async record(name) {
      const found = ['get', 'imageupdate', name, '--namespace', namespace, '--output=json'];
      const { status } = JSON.parse(await cluster.kubectl(found)) as { status: StoredUpdate };
      return status;
    },
    async close() {
      await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await cluster.stop();
      folder.remove();
    },
  };
});
