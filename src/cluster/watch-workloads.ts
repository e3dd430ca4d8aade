import { hasCode, messageOf } from '../core/errors.ts';
import { collectionPath, pluralOf } from '../core/kinds.ts';
import type { Metrics } from '../core/ports.ts';
import { workloadKinds, type Workload } from '../core/workload.ts';
import { toWorkload, type AlsoRead } from './deployment.ts';
import { listWatch, type ListWatchOptions } from './list-watch.ts';
import type { Scope, WorkloadIndex } from './workload-index.ts';

export interface WatchWorkloadsOptions extends Omit<ListWatchOptions, 'path'> {
  readonly cluster: string;
  readonly also: AlsoRead;
  /** What the index expects to be listed. */
  readonly scopes: readonly Scope[];
  readonly index: WorkloadIndex;
  readonly metrics: Metrics;
  /** Told when everything has been listed, and after every list of Deployments from then on. */
  listed(): void;
}

/** Every kind in every namespace; no namespaces = everywhere. */
export function scopesOf(namespaces: readonly string[]): readonly Scope[] {
  const places = namespaces.length === 0 ? [undefined] : namespaces;
  return workloadKinds.flatMap((kind) => places.map((namespace) => ({ kind, namespace })));
}

/** Keeps the index current until `signal` fires. An object that cannot be read is named and passed over. */
export async function watchWorkloads(options: WatchWorkloadsOptions, signal: AbortSignal): Promise<void> {
  const alive = createAliveness(options);
  await Promise.all(options.scopes.map((scope) => watchScope(options, scope, alive, signal)));
}

async function watchScope(
  options: WatchWorkloadsOptions,
  scope: Scope,
  alive: (scope: Scope, alive: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, also, index, log } = options;
  const { kind, namespace } = scope;
  const replace = (workloads: readonly Workload[]): void => {
    const wasKnown = index.known();
    index.replaceAll(scope, workloads);
    if (index.known() && (!wasKnown || kind === 'Deployment')) options.listed();
  };
  const refused = createRefusal(options, scope, () => replace([]));
  await listWatch(
    { ...options, path: collectionPath(kind, namespace) },
    {
      read(object: unknown): Workload | undefined {
        try {
          return toWorkload(cluster, kind, object, also);
        } catch (error) {
          log.error({ cluster, kind, namespace, reason: messageOf(error) }, 'a workload cannot be read');
          return undefined;
        }
      },
      replaced(workloads) {
        log.info({ cluster, kind, namespace, workloads: workloads.length }, 'workloads listed');
        replace(workloads);
      },
      changed(type, workload) {
        if (type === 'DELETED') index.remove(workload.key);
        else index.put(workload);
      },
      alive(isAlive, error) {
        alive(scope, isAlive);
        if (!isAlive) refused(error);
      },
    },
    signal,
  );
}

/**
 * What to do about a list that is refused. Deployments are waited for: their list is what the service is there for.
 * Other kinds may be missing from a Role that was made before they could be targets: then nothing of them is a
 * target, which is said once, and the service goes on.
 */
function createRefusal(
  { cluster, log }: WatchWorkloadsOptions,
  { kind, namespace }: Scope,
  goOn: () => void,
): (error: unknown) => void {
  let isTold = kind === 'Deployment';
  return (error) => {
    if (isTold || !(hasCode(error, 'forbidden') || hasCode(error, 'not-found'))) return;
    isTold = true;
    const remedy = 'kubectl apply -f k8s/role.yaml';
    log.error({ cluster, kind, namespace, error, remedy }, 'workloads of a kind cannot be listed');
    goOn();
  };
}

/** A resource is watched when it is in every namespace. */
function createAliveness({
  cluster,
  scopes,
  metrics,
}: WatchWorkloadsOptions): (scope: Scope, alive: boolean) => void {
  const dead = new Set(scopes);
  return (scope, isAlive) => {
    if (isAlive) dead.delete(scope);
    else dead.add(scope);
    const all = [...dead].every(({ kind }) => kind !== scope.kind);
    metrics.watch(cluster, pluralOf(scope.kind), all);
  };
}
