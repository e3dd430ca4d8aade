import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiClient } from './api-client.ts';
import { launchApiServer, type ApiServerControl } from './api-server.ts';
import { buildBinaries } from './binaries.ts';
import { clientArgs, controllerManagerArgs, etcdArgs, kwokArgs } from './component-args.ts';
import { createCredentials, writeKubeconfig, type User } from './credentials.ts';
import { freePorts } from './free-ports.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';
import { nodeObject } from './node-object.ts';
import { waitFor } from './wait-for.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** How a control plane differs from the usual one. */
export interface ControlPlaneOptions {
  /** Number of simulated nodes, `node-1` and so on; 2 when not given. */
  readonly nodes?: number;
  /** Whether etcd syncs its log to the disk as a real one does, and nothing but etcd and kube-apiserver runs: to measure. */
  readonly bare?: boolean;
  /** Further arguments of kube-apiserver, for instance for an audit log. */
  readonly apiServerArgs?: readonly string[];
  /** Keeps the logs of all components here, also after the end; else they go with the control plane. */
  readonly logsDir?: string;
}

/** A running control plane of its own, with an administrator's credentials. */
export interface ControlPlane {
  readonly kubeconfigPath: string;
  /** URL of the API server. */
  readonly server: string;
  readonly caPem: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
  readonly kubectl: Kubectl;
  readonly apiServer: ApiServerControl;
  readonly logsDir: string;
  /** Ends every process and removes every file; a second call does nothing. */
  stop(): Promise<void>;
}

const stagesDir = fileURLToPath(new URL('stages', import.meta.url));
const settleTimeoutMs = 60_000;

/**
 * Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, building them first where
 * they are missing. Pods can be created when it returns. All of it ends with this process, however it ends.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const bin = await buildBinaries();
  const workspace = await openWorkspace(options.logsDir);
  try {
    return await launch(bin, workspace, options);
  } catch (cause) {
    await workspace.close();
    throw new Error('the control plane did not start', { cause });
  }
}

async function launch(
  bin: string,
  workspace: Workspace,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { dir } = workspace;
  const { bare = false } = options;
  const [port = 0, etcdPort = 0] = await freePorts(2);
  const credentials = await createCredentials(dir);
  await workspace.run('etcd', join(bin, 'etcd'), etcdArgs(join(dir, 'etcd'), etcdPort, bare));
  const apiServer = await launchApiServer(workspace, {
    program: join(bin, 'kube-apiserver'),
    port,
    etcdPort,
    credentials,
    extraArgs: options.apiServerArgs ?? [],
  });
  const kubeconfig = (user: User) =>
    writeKubeconfig(join(dir, `${user}.kubeconfig`), { ...apiServer, token: credentials.tokens[user] });
  const start = (name: string, args: readonly string[]) => workspace.run(name, join(bin, name), args);

  await apiServer.ready();
  if (!bare) {
    await start(
      'kube-controller-manager',
      controllerManagerArgs(await kubeconfig('controllerManager'), apiServer.caFile, credentials),
    );
    await start('kube-scheduler', clientArgs(await kubeconfig('scheduler')));
    const stages = (await readdir(stagesDir)).map((file) => join(stagesDir, file));
    await start('kwok', kwokArgs(await kubeconfig('kwok'), stages));
    await settle(apiServer.client, workspace, options.nodes ?? 2);
  }

  const kubeconfigPath = await kubeconfig('admin');
  return {
    kubeconfigPath,
    server: apiServer.server,
    caPem: apiServer.caPem,
    adminToken: credentials.tokens.admin,
    kubectl: kubectlFor(join(bin, 'kubectl'), kubeconfigPath, { HOME: dir }),
    apiServer: { kill: (signal) => apiServer.kill(signal), start: () => apiServer.start() },
    logsDir: workspace.logsDir,
    stop: () => workspace.close(),
  };
}

/** Registers the nodes and waits until pods can be created and would be scheduled. */
async function settle(client: ApiClient, workspace: Workspace, nodes: number): Promise<void> {
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  await Promise.all(names.map((name) => client.post('/api/v1/nodes', nodeObject(name, new Date()))));
  await waitFor('the default service account', settleTimeoutMs, async () => {
    workspace.assertAlive();
    const account = await client.get('/api/v1/namespaces/default/serviceaccounts/default');
    return account?.status === 200 ? true : undefined;
  });
  await waitFor('nodes without taints', settleTimeoutMs, async () => {
    workspace.assertAlive();
    const answer = await client.get('/api/v1/nodes');
    return answer?.status === 200 && !answer.body.includes('"taints"') ? true : undefined;
  });
}
