import { readFileSync } from 'node:fs';
import { connect, isPod, namespaceOf, type ClusterSource } from '../cluster/connect.ts';
import { createRest } from '../cluster/rest.ts';
import type { Config } from '../config/load.ts';
import { ownCluster } from '../config/watched.ts';
import { AppError, messageOf } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import { startEmbeddedCluster } from '../embedded/index.ts';
import { inSection } from './section.ts';

/** The cluster that is configured. Part of the composition root. */
export interface OpenCluster {
  readonly rest: Rest;
  /** Whether we run in it. */
  readonly inPod: boolean;
  /** Where our own records and Lease are. */
  readonly ownNamespace: string;
  /** Address of the embedded cluster's Kubernetes API, when it is that one. */
  readonly embeddedUrl: string | undefined;
  close(): Promise<void>;
}

const apiTimeoutMs = 10_000;

/**
 * Finds the cluster, or starts the embedded one.
 *
 * @throws AppError `bad-config` when there are no credentials, or the embedded cluster cannot be started.
 */
export async function openCluster(config: Config, clock: Clock): Promise<OpenCluster> {
  const embedded = config.cluster === 'embedded' ? await startEmbedded(config, clock) : undefined;
  const source = clusterSource(config, embedded?.url);
  const kubeConfig = connect(source);
  return {
    rest: createRest(kubeConfig, clock, apiTimeoutMs),
    inPod: isPod(source),
    ownNamespace: namespaceOf(kubeConfig) ?? config.namespace,
    embeddedUrl: embedded?.url,
    close: async () => embedded?.close(),
  };
}

/** Calls of the API of a cluster by its name. @throws AppError `not-found` when none of that name is configured. */
export type RestOf = (cluster: string) => Rest;

/**
 * The cluster, and the further ones of the file, by their names.
 *
 * @throws AppError `bad-config` when there are no credentials for one.
 */
export function restsOf({ file }: Config, { rest }: OpenCluster, clock: Clock): RestOf {
  const further = Object.entries(file.clusters).map(([name, { kubeconfig, context }]) => {
    const source = { kind: 'file', file: kubeconfig, context } as const;
    const open = (): Rest => createRest(connect(source), clock, apiTimeoutMs);
    return [name, inSection(`clusters.${name}.kubeconfig: `, open)] as const;
  });
  const all = new Map([[ownCluster, rest], ...further]);
  return (cluster) => {
    const found = all.get(cluster);
    if (!found) throw new AppError('not-found', `no cluster ${cluster} is configured`);
    return found;
  };
}

function clusterSource({ cluster, kubeconfig }: Config, embeddedUrl: string | undefined): ClusterSource {
  if (embeddedUrl !== undefined) return { kind: 'url', url: embeddedUrl };
  if (kubeconfig !== undefined) return { kind: 'file', file: kubeconfig };
  return { kind: cluster === 'embedded' ? 'auto' : cluster };
}

function startEmbedded(
  { embeddedManifests, embeddedPort, embeddedPodReadyMs }: Config,
  clock: Clock,
): ReturnType<typeof startEmbeddedCluster> {
  const manifests =
    embeddedManifests === undefined
      ? undefined
      : { file: embeddedManifests, text: readManifests(embeddedManifests) };
  return startEmbeddedCluster({
    clock,
    port: embeddedPort,
    podReadyMs: embeddedPodReadyMs,
    ...(manifests ? { manifests } : {}),
  });
}

function readManifests(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('bad-config', `UK_EMBEDDED_MANIFESTS=${file} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}
