import type { WorkloadKey, WorkloadKind } from './workload.ts';

/** How the API calls a kind of workload, and where in its objects the pods are described. */
interface Kind {
  readonly group: 'apps' | 'batch';
  readonly plural: string;
  readonly podSpec: readonly string[];
}

const podSpec = ['spec', 'template', 'spec'];

/** Every kind that can be a target: all of them describe their pods alike, and nothing else. */
const kinds: Readonly<Record<WorkloadKind, Kind>> = {
  Deployment: { group: 'apps', plural: 'deployments', podSpec },
  StatefulSet: { group: 'apps', plural: 'statefulsets', podSpec },
  DaemonSet: { group: 'apps', plural: 'daemonsets', podSpec },
  CronJob: { group: 'batch', plural: 'cronjobs', podSpec: ['spec', 'jobTemplate', ...podSpec] },
};

/** The name of a kind's resource, `deployments`. */
export function pluralOf(kind: WorkloadKind): string {
  return kinds[kind].plural;
}

/** The fields that lead to the pod spec. */
export function podSpecPath(kind: WorkloadKind): readonly string[] {
  return kinds[kind].podSpec;
}

/** The collection of a kind in a namespace; `undefined` = in all of them. */
export function collectionPath(kind: WorkloadKind, namespace: string | undefined): string {
  const { group, plural } = kinds[kind];
  const scope = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `/apis/${group}/v1/${scope}${plural}`;
}

/** The path of one workload. */
export function objectPath({ kind, namespace, name }: WorkloadKey): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** Group and version of a kind, `apps/v1`. */
export function apiVersionOf(kind: WorkloadKind): string {
  return `${kinds[kind].group}/v1`;
}
