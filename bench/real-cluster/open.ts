import { KubeConfig } from '@kubernetes/client-node';
import { createRest } from '../../src/cluster/rest.ts';
import type { Rest } from '../../src/core/rest.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startControlPlane } from '../../test/cluster/control-plane.ts';
import { grantOwnPermissions } from '../../test/cluster/own-permissions.ts';
import { moveTo } from '../cores.ts';
import type { Lab } from '../lab.ts';

/** An API server, and the one namespace that is used: Updatekate's own, and that of its targets. */
export interface Cluster {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** The API as an administrator. */
  readonly rest: Rest;
}

/** A real API server over an etcd that syncs every write, with what `k8s/` installs. */
export interface RealCluster extends Cluster {
  /** Of Updatekate's own ServiceAccount: it may do what `k8s/` grants and no more. */
  readonly kubeconfig: string;
  /** Kubeconfig of an administrator. */
  readonly administrator: string;
  createNamespace(name: string): Promise<void>;
  stop(): Promise<void>;
}

const namespace = 'bench';
const timeoutMs = 30_000;

/** Starts etcd and kube-apiserver on all cores but the service's. */
export async function openRealCluster(lab: Lab): Promise<RealCluster> {
  // They run where this process runs when it starts them.
  if (lab.cores) moveTo(lab.cores.rest);
  // The control plane keeps its files in the folder for temporary ones, which may be in memory.
  process.env.TMPDIR = lab.folder;
  const plane = await startControlPlane({ bare: true });
  lab.defer(() => plane.stop());
  const createNamespace = async (name: string): Promise<void> => {
    await plane.kubectl(['create', 'namespace', name]);
  };
  await createNamespace(namespace);
  const { kubeconfigPath } = await grantOwnPermissions(plane, namespace, lab.folder);
  const administrator = new KubeConfig();
  administrator.loadFromFile(plane.kubeconfigPath);
  return {
    ...{ kubeconfig: kubeconfigPath, namespace, createNamespace, stop: () => plane.stop() },
    administrator: plane.kubeconfigPath,
    rest: createRest(administrator, systemClock, timeoutMs),
  };
}
