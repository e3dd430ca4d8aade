import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { TestCluster } from './test-cluster.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; namespace?: string };
  readonly subjects?: readonly { namespace: string }[];
}

/** What is granted, and the kubeconfig of the ServiceAccount that has it. */
export interface OwnPermissions {
  readonly kubeconfigPath: string;
  /** `system:serviceaccount:…` */
  readonly user: string;
}

/** Whose rights: those of the service, or those of the watcher alone. */
const accounts = { k8s: 'updatekate', 'k8s/notify': 'updatekate-notify' } as const;

/**
 * Applies the custom resources, ServiceAccount, Roles and RoleBindings of `k8s/` (or of the folder in it) to a namespace,
 * and signs in as that ServiceAccount.
 */
export async function grantOwnPermissions(
  cluster: TestCluster,
  namespace: string,
  folder: string,
  manifestsOf: keyof typeof accounts = 'k8s',
): Promise<OwnPermissions> {
  const account = accounts[manifestsOf];
  const rendered = parseAllDocuments(await cluster.kubectl(['kustomize', manifestsOf]));
  const granted = rendered
    .map((document) => document.toJS() as Manifest)
    .filter(({ kind }) => ['ServiceAccount', 'Role', 'RoleBinding'].includes(kind));
  for (const { metadata, subjects = [] } of granted) {
    metadata.namespace = namespace;
    for (const subject of subjects) subject.namespace = namespace;
  }
  await cluster.kubectl(['apply', '--filename', 'k8s/crd.yaml']);
  await cluster.kubectl(['wait', '--for=condition=Established', '--filename', 'k8s/crd.yaml']);
  const input = granted.map((manifest) => stringify(manifest)).join('---\n');
  await cluster.kubectl(['apply', '--filename', '-'], { input });
  const token = (await cluster.kubectl(['create', 'token', account, '--namespace', namespace])).trim();
  const kubeconfigPath = join(folder, `${account}-kubeconfig`);
  writeFileSync(kubeconfigPath, kubeconfig(cluster, token, namespace));
  return { kubeconfigPath, user: `system:serviceaccount:${namespace}:${account}` };
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
