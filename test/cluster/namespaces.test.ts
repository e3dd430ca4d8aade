import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { aDeployment } from '../support/deployment-object.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
let receiver: EventReceiver;
let service: RunningService | undefined;
const folder = aFolder();
const run = Date.now().toString(36);
/** Updatekate's own namespace, and one of its targets. */
const [tools, shop] = [`tools-${run}`, `shop-${run}`];
/** Cluster roles have no namespace to go with. */
const clusterRoles = [`updatekate-${run}`, `updatekate-pods-${run}`] as const;

beforeAll(async () => {
  [cluster, receiver] = await Promise.all([testCluster(), startEventReceiver()]);
  for (const name of [tools, shop]) await cluster.kubectl(['create', 'namespace', name]);
  const own = await grantOwnPermissions(cluster, tools, folder.path);
  process.env.KUBECONFIG = own.kubeconfigPath;
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
});
afterAll(async () => {
  await receiver.close();
  await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', '--ignore-not-found', ...clusterRoles]);
  await cluster.kubectl(['delete', 'namespace', tools, shop, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

async function create(name: string): Promise<void> {
  const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
  const image = `app=quay.io/acme/${name}:1.0.0`;
  const object = aDeployment(name, [image], [], { 'updatekate.dev/policy': 'semver' });
  await kubernetesCall(access, 'POST', `/apis/apps/v1/namespaces/${shop}/deployments`, object);
}

/** What is told of a push to a service that watches these namespaces. */
async function endOfPush(namespaces: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  service = await runService({
    ...{ UK_CLUSTER: 'kubeconfig', UK_STORE: 'kubernetes', UK_DATA_DIR: folder.path },
    ...{ UK_NAMESPACE: tools, UK_NAMESPACES: namespaces },
    ...{ UK_WEBHOOK: receiver.url, UK_WEBHOOK_SECRET: receiver.secret },
  });
  await service.push(`quay.io/acme/${name}`, '1.1.0');
  return receiver.find(({ repository }) => repository === name);
}

describe('workloads in other namespaces', () => {
  test('are updated where the Role of k8s/ is bound', async () => {
    await create('named');
    const bind = ['create', 'rolebinding', 'updatekate', '--role=updatekate', `--namespace=${shop}`];
    const role = await cluster.kubectl([
      'get',
      'role',
      'updatekate',
      `--namespace=${tools}`,
      '--output=json',
    ]);
    const { kind, apiVersion, rules } = JSON.parse(role) as Readonly<Record<string, unknown>>;
    const copy = JSON.stringify({ kind, apiVersion, metadata: { name: 'updatekate' }, rules });
    await cluster.kubectl(['apply', `--namespace=${shop}`, '--filename=-'], { input: copy });
    await cluster.kubectl([...bind, `--serviceaccount=${tools}:updatekate`]);

    expect(await endOfPush(shop, 'named')).toMatchObject({ type: 'update.succeeded', namespace: shop });
  });

  test('are updated wherever they are, with the ClusterRoles of docs/install.md', async () => {
    await create('anywhere');
    const [workloads, pods] = clusterRoles;
    const kinds = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'cronjobs.batch'].join(',');
    const verbs = '--verb=get,list,watch,patch';
    await cluster.kubectl(['create', 'clusterrole', workloads, verbs, `--resource=${kinds}`]);
    await cluster.kubectl(['create', 'clusterrole', pods, '--verb=list', '--resource=pods']);
    const account = `--serviceaccount=${tools}:updatekate`;
    for (const name of clusterRoles)
      await cluster.kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, account]);

    expect(await endOfPush('*', 'anywhere')).toMatchObject({ type: 'update.succeeded', namespace: shop });
  });
});
