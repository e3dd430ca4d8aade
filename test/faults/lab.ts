import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import type { KubernetesAccess } from '../support/kubernetes-call.ts';
import type { Options } from './options.ts';
import { compileOnce } from './compile-cache.ts';
import { startReaper, type Reaper } from './reaper.ts';

/** What all scenarios of a run share: one control plane, one folder. */
export interface Lab {
  readonly options: Options;
  readonly cluster: ControlPlane;
  /** The API server as its administrator sees it, past every proxy. */
  readonly admin: KubernetesAccess;
  readonly reaper: Reaper;
  /** For NODE_COMPILE_CACHE. */
  readonly compileCache: string;
  close(): Promise<void>;
}

const crd = fileURLToPath(new URL('../../k8s/crd.yaml', import.meta.url));

/** Starts the control plane; all that is started in the lab ends with it. */
export async function openLab(options: Options): Promise<Lab> {
  if (options.logsDir !== undefined) mkdirSync(options.logsDir, { recursive: true });
  const reaper = await startReaper();
  try {
    const logs = options.logsDir === undefined ? {} : { logsDir: join(options.logsDir, 'control-plane') };
    const compileCache = await compileOnce(reaper.folder);
    const cluster = await startControlPlane(logs);
    const { server, caPem, adminToken: token } = cluster;
    if (options.store === 'kubernetes') await installResource(cluster);
    return {
      ...{ options, cluster, reaper, compileCache, admin: { server, caPem, token } },
      async close() {
        await reaper.close();
        await cluster.stop();
      },
    };
  } catch (error) {
    await reaper.close();
    throw error;
  }
}

async function installResource({ kubectl }: ControlPlane): Promise<void> {
  if (!existsSync(crd)) throw new Error('k8s/crd.yaml is not there: use --store sqlite');
  await kubectl(['apply', '--filename', crd]);
  await kubectl(['wait', '--for=condition=Established', '--filename', crd, '--timeout=30s']);
}
