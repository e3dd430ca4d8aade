import { describe, expect, test } from '@jest/globals';
import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { readManifests } from '../../src/embedded/manifests.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'web:1.0.0' }] }
`;

const otherKinds = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: 'db:1.0.0' }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: shop }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: 'agent:1.0.0' }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: shop }
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: job, image: 'job:1.0.0' }] }
`;

function read(text: string): readonly string[] {
  return readManifests({ file: 'shop.yaml', text }).map(
    ({ resource, namespace, object }) =>
      `${resource.plural} ${namespace}/${(object.metadata as { name: string }).name}`,
  );
}

const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } };

describe('manifests', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'documents, empty ones left out',
      `---\n${deployment}\n---\n# nothing\n---\n${deployment}`,
      ['deployments shop/web', 'deployments shop/web'],
    ],
    ['JSON', JSON.stringify(lease), ['leases default/l']],
    [
      'a List',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [lease, lease] }),
      ['leases default/l', 'leases default/l'],
    ],
    ['a typed list', JSON.stringify({ kind: 'LeaseList', items: [lease] }), ['leases default/l']],
    ['a namespace', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }', ['namespaces /shop']],
    ['nothing', '', []],
  ])('%s', (_name, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    [
      'another kind',
      `${deployment}---\napiVersion: v1\nkind: Service`,
      'shop.yaml: document 2: v1 Service is not served; allowed are apps/v1 Deployment',
    ],
    [
      'another version',
      'apiVersion: apps/v1beta1\nkind: Deployment',
      'shop.yaml: document 1: apps/v1beta1 Deployment is not served',
    ],
    ['no kind', 'a: 1', 'shop.yaml: document 1: (none) (none) is not served'],
    ['no object', '- 1', 'shop.yaml: document 1: is not an object'],
    [
      'within a list',
      JSON.stringify({ kind: 'List', items: [lease, {}] }),
      'shop.yaml: document 1, item 2: (none) (none) is not served',
    ],
    ['a list without items', 'kind: List', 'shop.yaml: document 1: List has no items'],
    ['no YAML', `${deployment}---\na: [`, 'shop.yaml: document 2: no YAML or JSON:'],
    ['an alias of nothing', 'a: *nobody', 'shop.yaml: document 1: no YAML or JSON:'],
  ])('%s is refused, saying where and what is allowed', (_name, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'bad-config', message: expect.stringContaining(message) as unknown }),
    );
  });

  test('an object the cluster refuses stops the start, saying which', async () => {
    const text = `${deployment}---${deployment.replace('app: web } }\n    spec', 'app: other } }\n    spec')}`;
    const started = startEmbeddedCluster({
      clock: createFakeClock(),
      port: 0,
      manifests: { file: 'shop.yaml', text },
    });

    await expect(started).rejects.toThrow(
      'shop.yaml: document 2: Deployment.apps "web" is invalid: spec.template.metadata.labels',
    );
  });

  test('workloads of every kind are there and run', async () => {
    const clock = createFakeClock();
    const manifests = { file: 'shop.yaml', text: otherKinds };
    const cluster = await startEmbeddedCluster({ clock, port: 0, manifests });
    await clock.advance(5000);
    const items = async (path: string) => {
      const response = await fetch(`${cluster.url}${path}`);
      return ((await response.json()) as { items: { metadata: { name: string }; status: object }[] }).items;
    };
    const [statefulSet] = await items('/apis/apps/v1/statefulsets');
    const [daemonSet] = await items('/apis/apps/v1/daemonsets');
    const [cronJob] = await items('/apis/batch/v1/cronjobs');
    const pods = (await items('/api/v1/namespaces/shop/pods')).map(({ metadata }) => metadata.name);
    await cluster.close();

    expect(statefulSet?.status).toMatchObject({ readyReplicas: 1 });
    expect(daemonSet?.status).toMatchObject({ numberAvailable: 1 });
    expect(cronJob).toMatchObject({ metadata: { name: 'nightly' }, status: {} });
    expect(pods).toEqual([expect.stringMatching(/^agent-\w{5}$/), 'db-0']);
  });

  test('namespaces that nobody declared are there', async () => {
    const manifests = { file: 'shop.yaml', text: deployment };
    const cluster = await startEmbeddedCluster({ clock: createFakeClock(), port: 0, manifests });
    const response = await fetch(`${cluster.url}/api/v1/namespaces`);
    const { items } = (await response.json()) as { items: { metadata: { name: string } }[] };
    await cluster.close();

    expect(items.map(({ metadata }) => metadata.name)).toEqual(['default', 'shop']);
  });
});
