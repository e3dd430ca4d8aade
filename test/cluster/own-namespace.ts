import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import type { Rest } from '../../src/core/rest.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { aFolder } from '../support/running-service.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

/** A new namespace of a real cluster, with the custom resources, as the ServiceAccount of `k8s/` is allowed to use it. */
export interface OwnNamespace {
  readonly name: string;
  readonly cluster: TestCluster;
  /** The API with the rights of the ServiceAccount, and nothing more. */
  readonly rest: Rest;
  /** As an administrator. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Of a collection of ours. */
  pathOf(plural: string): string;
  /** Deletes all objects of a collection of ours in one call: kubectl deletes hundreds one by one, and slowly. */
  clear(plural: string): Promise<unknown>;
  close(): Promise<void>;
}

/** @param early looks at the namespace before the custom resources are there, as an administrator. */
export async function openOwnNamespace(
  prefix: string,
  early: (admin: Rest, namespace: string) => Promise<void>,
): Promise<OwnNamespace> {
  const name = `${prefix}-${Date.now().toString(36)}`;
  const folder = aFolder();
  const cluster = await testCluster();
  await cluster.kubectl(['create', 'namespace', name]);
  await early(restOf(cluster), name);
  const rest = restOf(await grantOwnPermissions(cluster, name, folder.path));
  const pathOf = (plural: string): string => `/apis/updatekate.dev/v1alpha1/namespaces/${name}/${plural}`;
  return {
    ...{ name, cluster, rest, pathOf },
    kubectl: (args, input = '') => cluster.kubectl([...args, '--namespace', name], { input }),
    clear: (plural) => cluster.kubectl(['delete', '--raw', pathOf(plural)]),
    async close() {
      await cluster.kubectl(['delete', 'namespace', name, '--wait=false']);
      await cluster.stop();
      folder.remove();
    },
  };
}

function restOf({ kubeconfigPath }: { readonly kubeconfigPath: string }): Rest {
  process.env.KUBECONFIG = kubeconfigPath;
  return createRest(connect({ kind: 'kubeconfig' }), systemClock, 10_000);
}
