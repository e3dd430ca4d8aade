import type { WorkloadView } from '../core/ports.ts';
import type { Target } from '../core/target.ts';
import { workloadId, type Workload, type WorkloadKey, type WorkloadKind } from '../core/workload.ts';

/** What one list brings: a kind, in a namespace or (`undefined`) in all. */
export interface Scope {
  readonly kind: WorkloadKind;
  readonly namespace: string | undefined;
}

/** The view, and the way its watch keeps it current. */
export interface WorkloadIndex extends WorkloadView {
  put(workload: Workload): void;
  remove(key: WorkloadKey): void;
  /** Makes these the only workloads of a scope. */
  replaceAll(scope: Scope, workloads: readonly Workload[]): void;
}

interface Entry {
  readonly workload: Workload;
  readonly targets: readonly Target[];
}

/**
 * Workloads by name and targets by repository, both in one step whatever the size of the cluster.
 *
 * @param scopes must all have been listed before the workloads count as known.
 * @param targetsOf says which containers of a workload are targets.
 * @param changed is told of every workload that was put or removed.
 */
export function createWorkloadIndex(
  scopes: readonly Scope[],
  targetsOf: (workload: Workload) => readonly Target[],
  changed: (key: WorkloadKey) => void,
): WorkloadIndex {
  const entries = new Map<string, Entry>();
  const byRepository = new Map<string, Map<string, readonly Target[]>>();
  const unlisted = new Set(scopes.map(scopeId));

  const forget = (id: string): void => {
    for (const { ref } of entries.get(id)?.targets ?? []) {
      const found = byRepository.get(ref.repository);
      found?.delete(id);
      if (found?.size === 0) byRepository.delete(ref.repository);
    }
    entries.delete(id);
  };
  const put = (workload: Workload): void => {
    const id = workloadId(workload.key);
    forget(id);
    const targets = targetsOf(workload);
    entries.set(id, { workload, targets });
    for (const [repository, own] of Map.groupBy(targets, ({ ref }) => ref.repository)) {
      const known = byRepository.get(repository) ?? new Map<string, readonly Target[]>();
      byRepository.set(repository, known.set(id, own));
    }
    changed(workload.key);
  };
  const remove = (key: WorkloadKey): void => {
    forget(workloadId(key));
    changed(key);
  };
  return {
    put,
    remove,
    replaceAll(scope, workloads) {
      const kept = new Set(workloads.map(({ key }) => workloadId(key)));
      for (const [id, { workload }] of entries)
        if (isWithin(scope, workload.key) && !kept.has(id)) remove(workload.key);
      workloads.forEach(put);
      unlisted.delete(scopeId(scope));
    },
    known: () => unlisted.size === 0,
    get: (key) => entries.get(workloadId(key))?.workload,
    targetsOf: (repository) => [...(byRepository.get(repository)?.values() ?? [])].flat(),
    targets: () => [...entries.values()].flatMap(({ targets }) => targets),
  };
}

function scopeId({ kind, namespace = '' }: Scope): string {
  return `${kind}/${namespace}`;
}

function isWithin(scope: Scope, { kind, namespace }: WorkloadKey): boolean {
  return scope.kind === kind && (scope.namespace === undefined || scope.namespace === namespace);
}
