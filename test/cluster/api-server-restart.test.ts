import { afterAll, beforeAll, expect } from '@jest/globals';
import { aDeployment } from '../support/deployment-object.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder, runService } from '../support/running-service.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';
import { onOwnCluster } from './own-cluster.ts';
import { waitFor } from './wait-for.ts';

let cluster: TestCluster;
let receiver: EventReceiver;
beforeAll(async () => {
  [cluster, receiver] = await Promise.all([testCluster(), startEventReceiver()]);
});
afterAll(async () => {
  await receiver.close();
  await cluster.stop();
});

const annotated = { 'updatekate.dev/policy': 'semver' };
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const name = 'an API server that is killed and comes back: nothing is missed, nothing is done twice';
onOwnCluster(name, async () => {
  const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
  const folder = aFolder();
  process.env.KUBECONFIG = cluster.kubeconfigPath;
  await kubernetesCall(
    access,
    'POST',
    deployments,
    aDeployment('before', ['app=quay.io/acme/before:1.0.0'], [], annotated),
  );
  const service = await runService({
    UK_CLUSTER: 'kubeconfig',
    UK_DATA_DIR: folder.path,
    UK_WEBHOOK: receiver.url,
    UK_WEBHOOK_SECRET: receiver.secret,
  });
  const watchIs = async (alive: 0 | 1): Promise<true | undefined> => {
    const page = await (await fetch(`${service.url}/metrics`)).text();
    const gauge = 'updatekate_watch_alive{cluster="default",resource="deployments"}';
    return page.includes(`${gauge} ${alive}`) ? true : undefined;
  };
  const succeeded = (image: string) => receiver.find((event) => event.image === image);

  await service.push('quay.io/acme/before', '1.1.0');
  await succeeded('quay.io/acme/before:1.1.0');
  await cluster.apiServer?.kill('SIGKILL');
  await waitFor('the watch to break', 30_000, () => watchIs(0));
  const { status: ready } = await fetch(`${service.url}/readyz`);
  const during = await service.push('quay.io/acme/before', '1.2.0');
  await cluster.apiServer?.start();
  await kubernetesCall(
    access,
    'POST',
    deployments,
    aDeployment('after', ['app=quay.io/acme/after:1.0.0'], [], annotated),
  );
  await waitFor('the watch to be back', 60_000, () => watchIs(1));
  await waitFor('the new workload', 60_000, async () => {
    const { answer } = await service.push('quay.io/acme/after', '1.0.0');
    return answer.decisions.length > 0 ? true : undefined;
  });
  await service.push('quay.io/acme/after', '1.1.0');

  expect([ready, during.status]).toEqual([200, 202]);
  expect(await succeeded('quay.io/acme/before:1.2.0')).toMatchObject({ type: 'update.succeeded' });
  expect(await succeeded('quay.io/acme/after:1.1.0')).toMatchObject({ type: 'update.succeeded' });
  expect(receiver.events).toHaveLength(3);
  const { metadata } = (await kubernetesCall(access, 'GET', `${deployments}/before`)) as {
    metadata: { annotations: Record<string, string> };
  };
  // The first template and one for each of two updates: no third patch.
  expect(metadata.annotations['deployment.kubernetes.io/revision']).toBe('3');
  await service.stop();
  folder.remove();
});
