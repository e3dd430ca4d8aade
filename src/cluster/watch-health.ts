import type { Clock } from '../core/ports.ts';
import { pluralOf } from '../core/kinds.ts';
import type { Scope } from './workload-index.ts';

/** A watch that has brought nothing for long. */
export interface DeadWatch {
  readonly cluster: string;
  /** In words for a person. */
  readonly what: string;
  /** Whether others of its cluster are alive: else it is the cluster that is away. */
  readonly isAlone: boolean;
}

/** Which watches are dead. */
export interface WatchHealth {
  /** Takes note of a watch before it has begun. */
  expect(cluster: string, scope: Scope): void;
  alive(cluster: string, scope: Scope, isAlive: boolean): void;
  dead(): readonly DeadWatch[];
}

/** An interruption is over in seconds; what takes longer is none. */
export const deadAfterMs = 60_000;

interface Watch {
  readonly cluster: string;
  readonly scope: Scope;
  /** Undefined = it is alive. */
  deadSinceMs: number | undefined;
}

/** Keeps an eye on watches. A watch counts as dead when it has been so for a minute. */
export function createWatchHealth({ monotonicMs }: Pick<Clock, 'monotonicMs'>): WatchHealth {
  const watches = new Map<string, Watch>();
  const idOf = (cluster: string, { kind, namespace }: Scope): string =>
    `${cluster}/${namespace ?? '*'}/${kind}`;
  return {
    expect: (cluster, scope) =>
      void watches.set(idOf(cluster, scope), { cluster, scope, deadSinceMs: monotonicMs() }),
    alive(cluster, scope, isAlive) {
      const watch = watches.get(idOf(cluster, scope));
      if (watch) watch.deadSinceMs = isAlive ? undefined : (watch.deadSinceMs ?? monotonicMs());
    },
    dead() {
      const all = [...watches.values()];
      const livesOn = (name: string): boolean =>
        all.some(({ cluster, deadSinceMs }) => cluster === name && deadSinceMs === undefined);
      return all.flatMap(({ cluster, scope, deadSinceMs }) => {
        if (deadSinceMs === undefined || monotonicMs() - deadSinceMs < deadAfterMs) return [];
        const where = scope.namespace === undefined ? 'all namespaces' : `namespace ${scope.namespace}`;
        const what = `the watch of ${pluralOf(scope.kind)} in ${where} of cluster ${cluster} is dead`;
        return [{ cluster, what, isAlone: livesOn(cluster) }];
      });
    },
  };
}
