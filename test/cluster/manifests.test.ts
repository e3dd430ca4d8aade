import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
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
