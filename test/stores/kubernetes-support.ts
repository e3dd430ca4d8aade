import { connect } from '../../src/cluster/connect.ts';
import { listWatch } from '../../src/cluster/list-watch.ts';
import { createRest } from '../../src/cluster/rest.ts';
import type { ListWatch, Rest } from '../../src/core/rest.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createKubernetesStore, type KubernetesStore } from '../../src/stores/kubernetes.ts';
import { openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { createFakeLog, type LoggedLine } from '../support/fake-log.ts';

/** A store over a cluster, whose watch runs until it is closed, and what it tells. */
export interface OpenStore {
  readonly store: KubernetesStore;
  /** The names that `changed` was told of. */
  readonly changes: readonly string[];
  readonly lines: readonly LoggedLine[];
  /** Resolves when `holds`, which is asked at every change. */
  until(holds: () => boolean): Promise<void>;
}

/** Opens the store of a namespace. */
export function openKubernetesStore(rest: Rest, namespace: string): OpenStore {
  const log = createFakeLog();
  const changes: string[] = [];
  const waiting = new Set<() => void>();
  const following: ListWatch = (path, handler, signal) =>
    listWatch({ rest, clock: systemClock, log, random: () => 0.5, path }, handler, signal);
  const store = createKubernetesStore({
    ...{ rest, namespace, log, clock: systemClock, listWatch: following },
    changed(name) {
      changes.push(name);
      waiting.forEach((look) => look());
    },
    alive: () => undefined,
  });
  void store.run(new AbortController().signal);
  return {
    ...{ store, changes, lines: log.lines },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** An embedded cluster as stores see it. */
export interface EmbeddedStage extends Pick<EmbeddedAccess, 'cluster' | 'close'> {
  readonly rest: Rest;
  /** Makes one, and gives its name. */
  newNamespace(): Promise<string>;
}

export async function openEmbeddedStage(): Promise<EmbeddedStage> {
  const { cluster, newNamespace, close } = await openEmbedded();
  let namespaces = 0;
  return {
    ...{ cluster, close },
    rest: createRest(connect({ kind: 'url', url: cluster.url }), systemClock, 10_000),
    async newNamespace() {
      const name = `stage-${++namespaces}`;
      await newNamespace(name);
      return name;
    },
  };
}
