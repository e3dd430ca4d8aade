import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { aFolder } from '../support/running-service.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

let cluster: TestCluster;
const namespace = `manifests-${Date.now().toString(36)}`;
beforeAll(async () => {
  cluster = await testCluster();
  await cluster.kubectl(['create', 'namespace', namespace]);
  const restricted = 'pod-security.kubernetes.io/enforce=restricted';
  await cluster.kubectl(['label', 'namespace', namespace, restricted]);
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster.stop();
});

test.each([
  ['k8s', 'updatekate', 2],
  ['k8s/notify', 'updatekate-notify', 1],
])(
  '%s is accepted by the API server, and its pods by the restricted Pod Security profile',
  async (folder, name, replicas) => {
    const rendered = parseAllDocuments(await cluster.kubectl(['kustomize', folder])).map(
      (document) => document.toJS() as { kind: string; metadata: { namespace: string } },
    );
    rendered
      .filter(({ kind }) => kind !== 'CustomResourceDefinition')
      .forEach(({ metadata }) => (metadata.namespace = namespace));
    const input = rendered.map((manifest) => stringify(manifest)).join('---\n');

    const strictly = ['apply', '--validate=strict', '--filename', '-'];
    await cluster.kubectl(strictly, { input });

    // A pod that breaks the profile is refused at creation: the ReplicaSet would have none.
    const pods = ['get', 'pods', `--namespace=${namespace}`, '--output=name'];
    const created = await waitFor('the pods', 30_000, async () => {
      const names = await cluster.kubectl([...pods, `--selector=app.kubernetes.io/name=${name}`]);
      const found = names.split('\n').filter((one) => one !== '');
      return found.length < replicas ? undefined : found;
    });
    const isPod = expect.stringMatching(new RegExp(`^pod/${name}-[a-z0-9]+-[a-z0-9]+$`)) as unknown;
    expect(created).toEqual(Array<unknown>(replicas).fill(isPod));
  },
);

test.each([
  ['k8s', 'updatekate'],
  ['k8s/notify', 'updatekate-notify'],
])('%s becomes what docs/configuration-file.md says, by the sample there', async (folder, name) => {
  const { path, remove } = aFolder();
  const blocks = readFileSync('docs/configuration-file.md', 'utf8').matchAll(/```yaml\n(.*?)```/gs);
  const [, , file = '', overlay = ''] = [...blocks].map(([, text]) => text);
  const shop = join(path, 'shop');
  mkdirSync(shop);
  writeFileSync(join(shop, 'updatekate.yaml'), file);
  const kustomization = [
    ...['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization', 'namespace: shop'],
    ...[`resources: [${relative(shop, folder)}]`, overlay.replace(/name: updatekate$/gm, `name: ${name}`)],
  ];
  writeFileSync(join(shop, 'kustomization.yaml'), kustomization.join('\n'));

  const rendered = parseAllDocuments(await cluster.kubectl(['kustomize', shop])).map(
    (document) => document.toJS() as Rendered,
  );
  remove();

  const [pod, ...others] = rendered.flatMap(({ spec }) => spec?.template?.spec ?? []);
  const [container] = pod?.containers ?? [];
  const configMaps = rendered.filter(({ kind }) => kind === 'ConfigMap');
  const dataOf = (name: string | undefined): unknown =>
    configMaps.find(({ metadata }) => metadata.name === name)?.data;
  expect(others).toEqual([]);
  expect(container?.env).toContainEqual({
    name: 'TEAMS_WEBHOOK',
    valueFrom: { secretKeyRef: { name: 'updatekate-notifiers', key: 'TEAMS_WEBHOOK' } },
  });
  expect(container?.env.map((one) => one.name)).toContain('UK_OWN_NAMESPACE');
  expect(dataOf(container?.envFrom[0]?.configMapRef.name)).toMatchObject({
    ...{ UK_CONFIG: '/etc/updatekate/updatekate.yaml', UK_STORE: 'kubernetes' },
  });
  const volume = pod?.volumes.find((one) => one.name === 'file');
  expect(dataOf(volume?.configMap?.name)).toEqual({ 'updatekate.yaml': file });
  expect(container?.volumeMounts).toContainEqual({ name: 'file', mountPath: '/etc/updatekate' });
});

/** As far as it is looked at. */
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: unknown;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly {
          readonly env: readonly { readonly name: string }[];
          readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
          readonly volumeMounts: readonly unknown[];
        }[];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
        }[];
      };
    };
  };
}
