import type { Config } from '../config/load.ts';
import { artifactorySettings } from '../config/artifactory.ts';
import { hasCode } from '../core/errors.ts';
import type { Documents } from '../core/documents.ts';
import type { Clock, Log } from '../core/ports.ts';
import { createHttp } from '../lib/http.ts';
import { createArtifactory, longestDocument as maxAnswerBytes } from '../stores/artifactory.ts';
import { createKubernetesDocuments } from '../stores/kubernetes-documents.ts';
import { createMemoryDocuments } from '../stores/memory-documents.ts';
import { createSqliteDocuments } from '../stores/sqlite-documents.ts';
import type { OpenCluster } from './cluster.ts';
import { storeKind } from './store.ts';

/** Where the watcher keeps what it knows. Part of the composition root. */
export interface WatcherDocuments {
  /** What is to be told. */
  readonly outbox: Documents;
  /** What was seen. */
  readonly cache: Documents;
  close(): Promise<void>;
}

export interface WatcherDocumentsOptions {
  readonly config: Config;
  readonly cluster: OpenCluster;
  readonly clock: Clock;
  readonly log: Log;
}

const checkMs = 5000;

/**
 * Opens the store that is configured, and Artifactory where it is.
 *
 * @throws AppError `bad-config` when it cannot be used.
 */
export async function openWatcherDocuments(options: WatcherDocumentsOptions): Promise<WatcherDocuments> {
  const outbox = await openDocuments(options);
  const artifactory = artifactorySettings(options.config);
  if (!artifactory) return { outbox, cache: outbox, close: () => outbox.close() };
  const outbound = {
    timeoutMs: 30_000,
    retries: 0,
    minDelayMs: 500,
    userAgent: 'updatekate',
    maxAnswerBytes,
  };
  const cache = createArtifactory({
    ...artifactory,
    http: createHttp({ ...outbound, clock: options.clock, proxies: options.config.proxies }),
  });
  return {
    outbox,
    cache,
    async close() {
      await cache.close();
      await outbox.close();
    },
  };
}

async function openDocuments({ config, cluster, log }: WatcherDocumentsOptions): Promise<Documents> {
  switch (storeKind(config, cluster)) {
    case 'memory':
      return createMemoryDocuments();
    case 'sqlite':
      return createSqliteDocuments(config.dataFolder);
    case 'kubernetes': {
      const documents = createKubernetesDocuments(cluster.rest, cluster.ownNamespace);
      await documents.check(AbortSignal.timeout(checkMs)).catch((error: unknown) => {
        if (hasCode(error, 'bad-config')) throw error;
        log.warn({ error }, 'the API server is away: changes are told when it is back');
      });
      return documents;
    }
  }
}
