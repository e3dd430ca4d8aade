import { z } from 'zod';
import { hasCode } from '../core/errors.ts';
import { collectionPath } from '../core/kinds.ts';
import type { Cluster, Log } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import type { Place, WatchedWorkloads } from '../core/watched-workloads.ts';
import { workloadId, type Workload, type WorkloadKey } from '../core/workload.ts';
import type { Scope, WorkloadIndex } from './workload-index.ts';

/** The workloads of one cluster whose changes are told, and the way a watch keeps them current. */
export interface WatchedCluster
  extends Omit<WatchedWorkloads, 'known'>, Pick<WorkloadIndex, 'known' | 'put' | 'remove' | 'replaceAll'> {}

export interface WatchedClusterOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly rest: Rest;
  readonly pods: Cluster['pods'];
  readonly log: Log;
  /** Told of every workload that was put or removed. */
  changed(key: WorkloadKey): void;
}

const List = z.object({ items: z.array(z.unknown()).nullish() });

/** What was deleted longer ago has been looked at since. */
const mostDeleted = 10_000;

/** Workloads by place. */
export function createWatchedCluster(options: WatchedClusterOptions): WatchedCluster {
  const { name, scopes, rest, changed } = options;
  const byNamespace = new Map<string, Map<string, Workload>>();
  const unlisted = new Set(scopes);
  /** Those of which the watch said so, since the last list. */
  const deleted = new Map<string, WorkloadKey>();
  const put = (workload: Workload): void => {
    const { namespace } = workload.key;
    const known = byNamespace.get(namespace) ?? new Map<string, Workload>();
    deleted.delete(workloadId(workload.key));
    byNamespace.set(namespace, known.set(workloadId(workload.key), workload));
    changed(workload.key);
  };
  const drop = (key: WorkloadKey): void => {
    byNamespace.get(key.namespace)?.delete(workloadId(key));
    changed(key);
  };
  const isWithin = (scope: Scope, { kind, namespace }: Pick<WorkloadKey, 'kind' | 'namespace'>): boolean =>
    scope.kind === kind && (scope.namespace ?? namespace) === namespace;
  const all = (): Workload[] => [...byNamespace.values()].flatMap((some) => [...some.values()]);
  return {
    put,
    remove(key) {
      deleted.set(workloadId(key), key);
      const [oldest = ''] = deleted.keys();
      if (deleted.size > mostDeleted) deleted.delete(oldest);
      drop(key);
    },
    replaceAll(scope, workloads) {
      const kept = new Set(workloads.map(({ key }) => workloadId(key)));
      // Before anybody looks: what is looked at then is all there is.
      for (const one of unlisted) if (isSame(one, scope)) unlisted.delete(one);
      for (const { key } of all()) if (isWithin(scope, key) && !kept.has(workloadId(key))) drop(key);
      // From here on the cluster can be asked.
      for (const [id, key] of deleted) if (isWithin(scope, key)) deleted.delete(id);
      workloads.forEach(put);
    },
    known: () => unlisted.size === 0,
    knows: (key) => scopes.some((scope) => isWithin(scope, key) && !unlisted.has(scope)),
    get: (key) => byNamespace.get(key.namespace)?.get(workloadId(key)),
    within: ({ namespace }) => [...(byNamespace.get(namespace)?.values() ?? [])],
    places: () => placesOf(name, scopes, [...byNamespace.keys()]),
    wholeClusters: () => (scopes.some(({ namespace }) => namespace === undefined) ? [name] : []),
    pods: orNone(options),
    async isGone(key, signal) {
      if (deleted.has(workloadId(key))) return true;
      const { kind, namespace, name: workload } = key;
      // A list, since whoever may watch may list, and need not be allowed to get.
      const query = { fieldSelector: `metadata.name=${workload}` };
      const call = { method: 'GET', path: collectionPath(kind, namespace), query } as const;
      return (List.parse(await rest.json(call, signal)).items ?? []).length === 0;
    },
  };
}

function isSame(a: Scope, b: Scope): boolean {
  return a.kind === b.kind && a.namespace === b.namespace;
}

function placesOf(
  cluster: string,
  scopes: readonly Scope[],
  namespaces: readonly string[],
): readonly Place[] {
  const watched = scopes.flatMap(({ namespace }) => namespace ?? []);
  return [...new Set([...watched, ...namespaces])].map((namespace) => ({ cluster, namespace }));
}

/** Pods only explain: who may not list them is told less, and once why. */
function orNone({ pods, log }: WatchedClusterOptions): Cluster['pods'] {
  const told = new Set<string>();
  return async (workload, signal) => {
    try {
      return await pods(workload, signal);
    } catch (error) {
      if (!hasCode(error, 'forbidden')) throw error;
      const { cluster, namespace } = workload.key;
      if (!told.has(namespace))
        log.warn(
          { cluster, namespace, error },
          'pods cannot be listed: why a rollout does not end is not told',
        );
      told.add(namespace);
      return [];
    }
  };
}

/** Several clusters as one. */
export function watchedWorkloads(clusters: ReadonlyMap<string, WatchedCluster>): WatchedWorkloads {
  const all = [...clusters.values()];
  const of = (name: string): WatchedCluster | undefined => clusters.get(name);
  return {
    known: () => all.every((one) => one.known()),
    knows: (key) => of(key.cluster)?.knows(key) ?? false,
    get: (key) => of(key.cluster)?.get(key),
    within: (place) => of(place.cluster)?.within(place) ?? [],
    places: () => all.flatMap((one) => one.places()),
    wholeClusters: () => all.flatMap((one) => one.wholeClusters()),
    pods: (workload, signal) => of(workload.key.cluster)?.pods(workload, signal) ?? Promise.resolve([]),
    isGone: (key, signal) => of(key.cluster)?.isGone(key, signal) ?? Promise.resolve(false),
  };
}
