import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { TestCluster } from './test-cluster.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; namespace?: string };
  readonly subjects?: readonly { namespace: string }[];
}

/** What `k8s/` grants, and the kubeconfig of the ServiceAccount that has it. */
export interface OwnPermissions {
  readonly kubeconfigPath: string;
  /** `system:serviceaccount:…` */
  readonly user: string;
}

/**
 * Applies the custom resource, ServiceAccount, Role and RoleBinding of `k8s/` to a namespace, and signs in as that
 * ServiceAccount.
 */
export async function grantOwnPermissions(
  cluster: TestCluster,
  namespace: string,
  folder: string,
): Promise<OwnPermissions> {
  const rendered = parseAllDocuments(await cluster.kubectl(['kustomize', 'k8s']));
  const manifests = rendered.map((document) => document.toJS() as Manifest);
  const definitions = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const granted = manifests.filter(({ kind }) => ['ServiceAccount', 'Role', 'RoleBinding'].includes(kind));
  for (const { metadata, subjects = [] } of granted) {
    metadata.namespace = namespace;
    for (const subject of subjects) subject.namespace = namespace;
  }
  const input = [...definitions, ...granted].map((manifest) => stringify(manifest)).join('---\n');
  await cluster.kubectl(['apply', '--filename', '-'], { input });
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/imageupdates.updatekate.dev']);
  const token = (await cluster.kubectl(['create', 'token', 'updatekate', '--namespace', namespace])).trim();
  const kubeconfigPath = join(folder, 'own-kubeconfig');
  writeFileSync(kubeconfigPath, kubeconfig(cluster, token, namespace));
  return { kubeconfigPath, user: `system:serviceaccount:${namespace}:updatekate` };
}

function kubeconfig({ server, caPem }: TestCluster, token: string, namespace: string): string {
  const authority =
    caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...authority } }],
    users: [{ name: 'own', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'own', namespace } }],
    'current-context': 'test',
  });
}
