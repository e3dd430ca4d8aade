import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newUpdate } from '../../src/core/update.ts';
import { changedImageUpdate, newImageUpdate } from '../../src/stores/image-update.ts';
import { kubeconfigFor, openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder, runService } from '../support/running-service.ts';
import { aWorkloadObject } from '../support/workload-object.ts';
import { only, type Role } from './manifests.ts';
import { permissionFor, permissionsOf, startRbacGuard, type RbacGuard } from './rbac-guard.ts';

const { rules } = only('Role') as Role;
const adminToken = 'an-administrators-token';

test.each([
  ['GET', '/apis/apps/v1/namespaces/shop/deployments', 'list deployments.apps'],
  ['GET', '/apis/apps/v1/namespaces/shop/deployments?watch=true', 'watch deployments.apps'],
  ['GET', '/apis/apps/v1/deployments?limit=1', 'list deployments.apps'],
  ['GET', '/apis/apps/v1/namespaces/shop/deployments/web', 'get deployments.apps'],
  ['PATCH', '/apis/apps/v1/namespaces/shop/deployments/web?fieldManager=x', 'patch deployments.apps'],
  ['PATCH', '/apis/apps/v1/namespaces/shop/deployments/web/scale', 'patch deployments/scale.apps'],
  ['GET', '/api/v1/namespaces/shop/pods?labelSelector=a', 'list pods'],
  ['GET', '/api/v1/namespaces/shop/pods/web-1/log', 'get pods/log'],
  ['POST', '/apis/coordination.k8s.io/v1/namespaces/shop/leases', 'create leases.coordination.k8s.io'],
  ['DELETE', '/api/v1/namespaces/shop/pods', 'deletecollection pods'],
  ['GET', '/version', 'get /version'],
])('%s %s needs "%s"', (method, target, needed) => {
  expect(permissionFor(method, target)).toBe(needed);
});

describe('the service, allowed what the Role allows', () => {
  let embedded: EmbeddedAccess;
  let guard: RbacGuard;
  let receiver: EventReceiver;
  const folder = aFolder();
  const kubeconfig = process.env.KUBECONFIG;

  beforeAll(async () => {
    embedded = await openEmbedded();
    guard = await startRbacGuard(embedded.cluster.url, rules);
    receiver = await startEventReceiver();
    const path = join(folder.path, 'kubeconfig');
    writeFileSync(path, kubeconfigFor(guard.url));
    process.env.KUBECONFIG = path;
  });

  afterAll(async () => {
    if (kubeconfig === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = kubeconfig;
    await Promise.all([receiver.close(), guard.close(), embedded.close()]);
    folder.remove();
  });

  test('does all of its work, and uses every permission', async () => {
    await putOldUpdates(embedded.cluster.url);
    await putOtherKinds(embedded.cluster.url);
    const service = await runService({
      ...{ UK_CLUSTER: 'kubeconfig', UK_DEPLOYMENT: 'shop', UK_DATA_DIR: folder.path },
      ...{ UK_STORE: 'kubernetes', UK_ADMIN_TOKEN: adminToken, UK_WATCH_NAMESPACES: 'default' },
      ...{ UK_WEBHOOK: receiver.url, UK_WEBHOOK_SECRET: receiver.secret },
      ...{ UK_ROLLOUT_POLL: '20ms', UK_ROLLOUT_TIMEOUT: '20s' },
    });
    const endOf = async (tag: string, name = 'shop') => {
      const { answer } = await service.push(`quay.io/updatekate/${name}`, tag);
      return receiver.find(({ id }) => id.startsWith(`${answer.updates[0] ?? 'none'}-`), 10_000);
    };
    try {
      const good = await endOf('1.1.0');
      const bad = await endOf('1.2.0_broken');
      for (const { name } of otherKinds)
        expect(await endOf('1.1.0', name)).toMatchObject({ type: 'update.succeeded' });
      const headers = { authorization: `Bearer ${adminToken}` };
      const info = await fetch(`${service.url}/info`, { headers });
      const replay = await fetch(`${service.url}/api/v1/updates/unknown/replay`, { headers, method: 'POST' });

      expect(good).toMatchObject({ type: 'update.succeeded' });
      expect(bad).toMatchObject({ type: 'update.failed', reason: 'ImagePullBackOff' });
      expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('updatekate_replica_leads 1\n');
      expect(info.status).toBe(200);
      expect(replay.status).toBe(404);
    } finally {
      await service.stop();
    }
    expect([...guard.refused]).toEqual([]);
    expect([...guard.granted].sort()).toEqual([...permissionsOf(rules)].sort());
  }, 30_000);
});

test('the API is called in these files only: a new one has to be seen by the test above', () => {
  const sources = globSync('src/**/*.ts', { exclude: ['src/embedded/**', 'src/cli/**', 'src/http/**'] });
  const code = new Map(
    sources.map((file) => [file, readFileSync(file, 'utf8').replace(/\/\*\*.*?\*\//gs, '')]),
  );
  const having = (pattern: RegExp) => sources.filter((file) => pattern.test(code.get(file) ?? '')).sort();

  expect(having(/\brest\.(?:json|lines)\(/)).toEqual([
    'src/cluster/kubernetes.ts',
    'src/cluster/lease-object.ts',
    'src/cluster/list-watch.ts',
    // Off unless it is asked for, with a ClusterRole of its own: k8s/kubernetes-votes, test/cluster/approvals.test.ts.
    'src/cluster/token-review.ts',
    'src/cluster/watched-cluster.ts',
    // Off unless a notifier is one: docs/notifiers/event.md has the rule, test/cluster/event-sink.test.ts needs it.
    'src/notifiers/event.ts',
    'src/stores/image-update-calls.ts',
    'src/stores/kubernetes-documents.ts',
  ]);
  expect(having(/['"`]\/apis?\//)).toEqual([
    'src/cluster/kubernetes.ts',
    'src/cluster/lease-object.ts',
    'src/cluster/token-review.ts',
    'src/core/kinds.ts',
    'src/notifiers/event.ts',
    'src/stores/image-update-calls.ts',
    'src/stores/kubernetes-documents.ts',
  ]);
  expect(having(/\blistWatch[<(]/)).toEqual([
    'src/cluster/list-watch.ts',
    'src/cluster/watch-workloads.ts',
    'src/stores/kubernetes.ts',
    'src/wire/store.ts',
  ]);
});

const otherKinds = [
  { kind: 'StatefulSet', collection: 'apps/v1/namespaces/default/statefulsets', name: 'database' },
  { kind: 'DaemonSet', collection: 'apps/v1/namespaces/default/daemonsets', name: 'agent' },
  { kind: 'CronJob', collection: 'batch/v1/namespaces/default/cronjobs', name: 'report' },
] as const;

/** One workload of every other kind, with a policy of its own. */
async function putOtherKinds(server: string): Promise<void> {
  for (const { kind, collection, name } of otherKinds) {
    const object = aWorkloadObject(kind, name, `quay.io/updatekate/${name}:1.0.0`);
    await kubernetesCall({ server }, 'POST', `/apis/${collection}`, object);
  }
}

/** So many finished updates of long ago that the next one has some forgotten. */
async function putOldUpdates(server: string): Promise<void> {
  const path = '/apis/updatekate.dev/v1alpha1/namespaces/default/imageupdates';
  const at = '2020-01-01T00:00:00.000Z';
  const workload = { cluster: 'default', namespace: 'default', kind: 'Deployment', name: 'shop' } as const;
  const identity = {
    workload,
    uid: 'old',
    repository: 'quay.io/updatekate/shop',
    digest: undefined,
    moves: [],
  };
  for (let n = 0; n < 12; n++) {
    const update = newUpdate({ ...identity, tag: `0.${n}.0` }, 'semver', new Date(at));
    const created = await kubernetesCall({ server }, 'POST', path, newImageUpdate(update));
    const ended = { ...update, phase: 'Superseded' as const, finishedAt: at };
    const { resourceVersion } = (created as { readonly metadata: Readonly<Record<string, string>> }).metadata;
    const status = changedImageUpdate(ended, resourceVersion ?? '', 'a test');
    await kubernetesCall({ server }, 'PUT', `${path}/${update.name}/status`, status);
  }
}
