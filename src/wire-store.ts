import type { Config } from './config/load.ts';
import type { Log, ParkedPushes, Store } from './core/ports.ts';
import { createMemoryParkedPushes } from './stores/memory-parked-pushes.ts';
import { createMemoryStore } from './stores/memory.ts';
import { createParkedPushes } from './stores/parked-pushes.ts';
import { createSqliteStore } from './stores/sqlite.ts';

/** Where updates are kept. Part of the composition root. */
export interface Storage {
  readonly store: Store;
  readonly parked: ParkedPushes;
  close(): Promise<void>;
}

/**
 * Opens the store that is configured.
 *
 * @throws AppError `bad-config` when it cannot be used.
 */
export function openStorage(config: Config, log: Log): Storage {
  const { store, parked } = parts(config, log);
  return {
    store,
    parked,
    async close() {
      await store.close();
      await parked.close();
    },
  };
}

function parts({ store, dataFolder }: Config, log: Log): Pick<Storage, 'store' | 'parked'> {
  if (store !== 'memory') {
    return { store: createSqliteStore(dataFolder), parked: createParkedPushes(dataFolder) };
  }
  log.warn({ store }, 'updates are forgotten when this process ends');
  return { store: createMemoryStore(), parked: createMemoryParkedPushes() };
}
