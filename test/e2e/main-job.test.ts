import { mainJobContract } from '../contract/main-job.ts';
import { openEmbedded } from '../support/embedded-access.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';

mainJobContract('the embedded cluster', async () => {
  const { cluster, kubeconfigPath, close } = await openEmbedded();
  const namespace = 'main-job';
  const api = (...call: [string, string, unknown?, string?]) =>
    kubernetesCall({ server: cluster.url }, ...call);
  await api('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  process.env.KUBECONFIG = kubeconfigPath;
  return { environment: { UK_CLUSTER: 'kubeconfig' }, namespace, api, close };
});
