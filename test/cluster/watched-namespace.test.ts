import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { handsOn } from '../contract/watched-workload.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder } from '../support/running-service.ts';
import { firstLook, startWatcher, toldTo } from '../support/running-watcher.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

const run = Date.now().toString(36);
const [tools, shop] = [`namespace-tools-${run}`, `namespace-shop-${run}`];
const inShop = `--namespace=${shop}`;
const folder = aFolder();
let cluster: TestCluster;
let receiver: EventReceiver;

beforeAll(async () => {
  [cluster, receiver] = await Promise.all([testCluster(), startEventReceiver()]);
  for (const name of [tools, shop]) await cluster.kubectl(['create', 'namespace', name]);
});
afterAll(async () => {
  await receiver.close();
  await cluster.kubectl(['delete', 'namespace', tools, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

test('workloads that are deleted with their namespace are told, though the right to look went before them', async () => {
  const own = await grantOwnPermissions(cluster, tools, folder.path, 'k8s/notify');
  await cluster.kubectl(['apply', '--filename=k8s/notify/watched-role.yaml', inShop]);
  const subject = `--serviceaccount=${tools}:updatekate-notify`;
  const binding = ['rolebinding', 'watched', inShop];
  await cluster.kubectl(['create', ...binding, '--role=updatekate-notify-watched', subject]);
  const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'] as const;
  for (const kind of kinds)
    await handsOn((...call) => kubernetesCall(access, ...call), kind, shop, 'gone').create('ansible');
  const watcher = await startWatcher('notify', {
    ...{ UK_KUBECONFIG: own.kubeconfigPath, UK_STORE: 'sqlite', UK_DATA_DIR: folder.path },
    ...{ UK_OWN_NAMESPACE: tools, UK_WATCH_NAMESPACES: shop },
    ...toldTo(folder.path, { dashboard: receiver }),
  });
  try {
    await firstLook(watcher);
    await cluster.kubectl(['delete', ...binding]);
    await waitFor('the right to be gone', 30_000, async () => {
      const asked = ['auth', 'can-i', 'list', 'deployments.apps', `--as=${own.user}`, inShop];
      // It ends with 1 when the answer is no.
      return (await cluster.kubectl(asked).catch(String)).startsWith('yes') ? undefined : true;
    });
    await cluster.kubectl(['delete', 'namespace', shop, '--wait=false']);
    for (const kind of kinds)
      await receiver.find((event) => event.kind === kind && event.type === 'workload.deleted');

    expect(receiver.events.map(({ type }) => type)).toEqual(kinds.map(() => 'workload.deleted'));
  } finally {
    await watcher.stop();
  }
}, 120_000);
