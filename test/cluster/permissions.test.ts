import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aDeployment } from '../support/deployment-object.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder, runService } from '../support/running-service.ts';
import { grantOwnPermissions, type OwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
let receiver: EventReceiver;
let own: OwnPermissions;
const folder = aFolder();
const namespace = `permissions-${Date.now().toString(36)}`;
beforeAll(async () => {
  [cluster, receiver] = await Promise.all([testCluster(), startEventReceiver()]);
  await cluster.kubectl(['create', 'namespace', namespace]);
  own = await grantOwnPermissions(cluster, namespace, folder.path);
});
afterAll(async () => {
  await receiver.close();
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

/** The lines of `kubectl auth can-i --list` that are ours, and not what everyone may. */
async function granted(where: string): Promise<readonly string[]> {
  const list = await cluster.kubectl(['auth', 'can-i', '--list', `--as=${own.user}`, `--namespace=${where}`]);
  const lines = list.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines
    .filter((line) => /^[a-z]+(\.[a-z0-9./]+)? \[\] /.test(line) && !line.startsWith('selfsubject'))
    .sort();
}

describe('the ServiceAccount of k8s/', () => {
  test('may do this and nothing more', async () => {
    expect(await granted(namespace)).toEqual([
      'cronjobs.batch [] [] [get list watch patch]',
      'daemonsets.apps [] [] [get list watch patch]',
      'deployments.apps [] [] [get list watch patch]',
      'imageupdates.updatekate.dev [] [] [get list watch create delete]',
      'imageupdates.updatekate.dev/status [] [] [update]',
      'journals.updatekate.dev [] [] [get create update]',
      'leases.coordination.k8s.io [] [] [create]',
      'leases.coordination.k8s.io [] [updatekate-leader] [get update]',
      'pods [] [] [list]',
      'statefulsets.apps [] [] [get list watch patch]',
    ]);
    expect(await granted('default')).toEqual([]);
  });

  test('is told apart from a broken cluster: what it may not do ends an update with the reason', async () => {
    const access = { server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const annotations = { 'updatekate.dev/policy': 'semver' };
    await kubernetesCall(
      access,
      'POST',
      path,
      aDeployment('shop', ['app=quay.io/acme/shop:1.0.0'], [], annotations),
    );
    const rule = [{ op: 'replace', path: '/rules/0/verbs', value: ['get', 'list', 'watch'] }];
    const role = ['role', 'updatekate', `--namespace=${namespace}`];
    await cluster.kubectl(['patch', ...role, '--type=json', `--patch=${JSON.stringify(rule)}`]);
    process.env.KUBECONFIG = own.kubeconfigPath;
    const service = await runService({
      UK_CLUSTER: 'kubeconfig',
      UK_NAMESPACE: namespace,
      UK_DATA_DIR: folder.path,
      UK_WEBHOOK: receiver.url,
      UK_WEBHOOK_SECRET: receiver.secret,
    });

    await service.push('quay.io/acme/shop', '1.1.0');
    const event = await receiver.find(({ type }) => type === 'update.failed');
    await service.stop();

    expect(event).toMatchObject({ reason: 'forbidden' });
    expect(event.message).toContain('cannot patch resource "deployments"');
  });

  test('an image that a GitOps controller applies is not patched', async () => {
    const manifest = aDeployment('from-git', ['app=quay.io/acme/from-git:1.0.0'], [], {
      'updatekate.dev/policy': 'semver',
    });
    const apply = ['apply', '--server-side', '--field-manager=argocd-controller', `--namespace=${namespace}`];
    await cluster.kubectl([...apply, '--filename', '-'], { input: JSON.stringify(manifest) });
    process.env.KUBECONFIG = cluster.kubeconfigPath;
    const service = await runService({
      UK_CLUSTER: 'kubeconfig',
      UK_NAMESPACE: namespace,
      UK_DATA_DIR: folder.path,
      UK_WEBHOOK: receiver.url,
      UK_WEBHOOK_SECRET: receiver.secret,
    });

    await service.push('quay.io/acme/from-git', '1.1.0');
    const event = await receiver.find(({ image }) => image === 'quay.io/acme/from-git:1.1.0');
    await service.stop();

    expect(event).toMatchObject({ type: 'update.failed', reason: 'owned-by-gitops' });
  });
});
