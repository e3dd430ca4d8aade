import { randomUUID } from 'node:crypto';
import type { Clock, Log, Store } from '../core/ports.ts';
import type { ListWatch, Rest } from '../core/rest.ts';
import { createFirstList } from './first-list.ts';
import { createImageUpdateCalls } from './image-update-calls.ts';
import { createImageUpdateHandler, createReadableNotes } from './image-update-handler.ts';
import { createRecords } from './image-update-records.ts';
import { createOwnWrites } from './own-writes.ts';
import { createUpdateCopy } from './update-copy.ts';

export interface KubernetesStoreOptions {
  /** Its deadline is that of every call. */
  readonly rest: Rest;
  readonly listWatch: ListWatch;
  /** Where the records are: Updatekate's own namespace. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Told of every record that somebody else has written, or removed unfinished, since the first list. What was there
   * before is in `open`.
   */
  changed(name: string): void;
  /** Told whether changes arrive. */
  alive(alive: boolean): void;
  /** Makes a new unique id at every call. */
  readonly uid?: () => string;
}

/** A store whose records other replicas, and people with kubectl, see and change. */
export interface KubernetesStore extends Store {
  /** @throws AppError `bad-config` when the custom resource is not installed, or may not be listed. */
  check(signal: AbortSignal): Promise<void>;
  /** Keeps what is read current until `signal` fires or the store is closed. `open` and `ofWorkload` wait for it. */
  run(signal: AbortSignal): Promise<void>;
  /** Whether it has a record of this name, as far as it has been told. Asks nobody. */
  knows(name: string): boolean;
  /** Resolves when the records are known; never rejects. */
  readonly synced: Promise<void>;
}

const firstListLimitMs = 10_000;

/**
 * Keeps updates as ImageUpdate objects; written means, in etcd. Reads come from a copy that a watch keeps current: it
 * has this process's own writes at once, those of others a moment later.
 */
export function createKubernetesStore(options: KubernetesStoreOptions): KubernetesStore {
  const { rest, namespace, clock, log, uid = randomUUID } = options;
  const instance = uid();
  const calls = createImageUpdateCalls(rest, namespace);
  const copy = createUpdateCopy();
  const ownWrites = createOwnWrites((name) => options.changed(name));
  const firstList = createFirstList(clock, firstListLimitMs);
  const noteReadable = createReadableNotes(namespace, log);
  const handler = createImageUpdateHandler({ ...options, copy, firstList, ownWrites, noteReadable });
  const closing = new AbortController();
  let running = Promise.resolve();
  let writes = 0;
  return {
    ...createRecords({ calls, copy, ownWrites, noteReadable, mark: () => `${instance}.${++writes}` }),
    check: calls.check,
    knows: (name) => copy.get(name) !== undefined,
    synced: firstList.arrival,
    run(signal) {
      running = options.listWatch(calls.path, handler, AbortSignal.any([signal, closing.signal]));
      return running;
    },
    async open(workload) {
      await firstList.wait();
      return copy.open(workload);
    },
    async ofWorkload(key, limit) {
      await firstList.wait();
      return copy.ofWorkload(key, limit);
    },
    async close() {
      closing.abort();
      firstList.close();
      await running;
    },
  };
}
