import { hasCode, messageOf } from '../core/errors.ts';
import { collectionPath, pluralOf } from '../core/kinds.ts';
import type { Metrics } from '../core/ports.ts';
import { workloadKinds, type Workload } from '../core/workload.ts';
import { listWatch, type ListWatchOptions } from './list-watch.ts';
import type { Scope, WorkloadIndex } from './workload-index.ts';
import { toWorkload, type AlsoRead } from './workload-object.ts';

export interface WatchWorkloadsOptions extends Omit<ListWatchOptions, 'path'> {
  readonly cluster: string;
  readonly also: AlsoRead;
  /** What the index expects to be listed. */
  readonly scopes: readonly Scope[];
  readonly index: Pick<WorkloadIndex, 'known' | 'put' | 'remove' | 'replaceAll'>;
  readonly metrics: Pick<Metrics, 'watch'>;
  /** A kind that may not be listed: `none` = as if there were none of it, once all is told; `wait` = until it may be. */
  readonly refused: 'none' | 'wait';
  /** Told after every list. */
  listed(scope: Scope): void;
  /** Told of each watch whether it delivers. */
  alive?(scope: Scope, alive: boolean): void;
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
    index.replaceAll(scope, workloads);
    options.listed(scope);
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
        options.alive?.(scope, isAlive);
        refused(isAlive ? undefined : error);
      },
    },
    signal,
  );
}

/** What allows it: as a target it is changed, else only looked at. */
const remedies = {
  none: 'kubectl apply -f k8s/role.yaml',
  wait: 'kubectl apply -f k8s/notify/watched-role.yaml',
} as const;

/**
 * What to do about a list that is refused. Of targets, Deployments are waited for: their list is what the service is there for.
 * Other kinds may be missing from a Role that was made before they could be targets: then nothing of them is a
 * target, which is said once, and the service goes on.
 */
function createRefusal(
  { cluster, log, refused }: WatchWorkloadsOptions,
  { kind, namespace }: Scope,
  goOn: () => void,
): (error: unknown) => void {
  const isWaitedFor = kind === 'Deployment' && refused === 'none';
  let isTold = false;
  return (error) => {
    // It may be taken away again.
    if (error === undefined) isTold = false;
    if (isTold || isWaitedFor || !(hasCode(error, 'forbidden') || hasCode(error, 'not-found'))) return;
    isTold = true;
    log.error(
      { cluster, kind, namespace, error, remedy: remedies[refused] },
      'workloads of a kind cannot be listed',
    );
    if (refused === 'none') goOn();
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
