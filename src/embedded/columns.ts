import { imageUpdates } from './image-updates.ts';
import { shortDuration } from './short-duration.ts';
import { objectOr, valueAt } from './json.ts';
import type { ContainerStatus, Deployment, KubeObject, Pod, ReplicaSet } from './objects.ts';

/** One column of `kubectl get`; `wide` ones appear with `-o wide` only. */
export interface Column {
  readonly name: string;
  readonly wide?: true;
  readonly cell: (object: KubeObject, now: Date) => string | number;
}

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const age: Column = { name: 'Age', cell: ({ metadata }, now) => since(metadata.creationTimestamp, now) };
const wideContainers: readonly Column[] = [
  {
    name: 'Containers',
    wide: true,
    cell: (object) =>
      containers(object)
        .map((one) => one.name)
        .join(),
  },
  {
    name: 'Images',
    wide: true,
    cell: (object) =>
      containers(object)
        .map((one) => one.image)
        .join(),
  },
  { name: 'Selector', wide: true, cell: selector },
];

const tables: Readonly<Record<string, readonly Column[]>> = {
  Deployment: [
    name,
    {
      name: 'Ready',
      cell: (object) => `${count(object, 'status.readyReplicas')}/${count(object, 'spec.replicas')}`,
    },
    counter('Up-to-date', 'status.updatedReplicas'),
    counter('Available', 'status.availableReplicas'),
    age,
    ...wideContainers,
  ],
  ReplicaSet: [
    name,
    counter('Desired', 'spec.replicas'),
    counter('Current', 'status.replicas'),
    counter('Ready', 'status.readyReplicas'),
    age,
    ...wideContainers,
  ],
  Pod: [
    name,
    {
      name: 'Ready',
      cell: (pod) => `${statuses(pod).filter(({ ready }) => ready).length}/${pods(pod).length}`,
    },
    { name: 'Status', cell: podState },
    {
      name: 'Restarts',
      cell: (pod) => Math.max(0, ...statuses(pod).map(({ restartCount }) => restartCount)),
    },
    age,
    wideText('IP', 'status.podIP'),
    wideText('Node', 'spec.nodeName'),
    wideText('Nominated Node', 'status.nominatedNodeName'),
    wideText('Readiness Gates', 'spec.readinessGates'),
  ],
  Namespace: [name, { name: 'Status', cell: (object) => text(object, 'status.phase') }, age],
  Lease: [name, { name: 'Holder', cell: (object) => text(object, 'spec.holderIdentity') }, age],
  Event: [
    { name: 'Last Seen', cell: (event, now) => since(text(event, 'lastTimestamp'), now) },
    { name: 'Type', cell: (event) => text(event, 'type') },
    { name: 'Reason', cell: (event) => text(event, 'reason') },
    {
      name: 'Object',
      cell: (event) =>
        `${text(event, 'involvedObject.kind').toLowerCase()}/${text(event, 'involvedObject.name')}`,
    },
    { name: 'Message', cell: (event) => text(event, 'message') },
  ],
  ImageUpdate: [
    name,
    ...imageUpdates.columns.map(({ name: title, path, wide }): Column => {
      if (title === age.name) return age;
      return { name: title, ...(wide && { wide }), cell: (object) => text(object, path) };
    }),
  ],
};

/** The columns of a kind. */
export function columnsOf(kind: string): readonly Column[] {
  return tables[kind] ?? [name, age];
}

function counter(title: string, path: string): Column {
  return { name: title, cell: (object) => count(object, path) };
}

function wideText(title: string, path: string): Column {
  return { name: title, wide: true, cell: (object) => text(object, path) || '<none>' };
}

function count(object: KubeObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function text(object: KubeObject, path: string): string {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : '';
}

function since(time: string | null | undefined, now: Date): string {
  const ms = now.getTime() - Date.parse(time ?? '');
  return Number.isNaN(ms) ? '<unknown>' : shortDuration(ms);
}

function containers(object: KubeObject): Deployment['spec']['template']['spec']['containers'] {
  return (object as unknown as Deployment | ReplicaSet).spec.template.spec.containers;
}

function selector(object: KubeObject): string {
  const labels = Object.entries(objectOr(valueAt(object, 'spec.selector.matchLabels')));
  return labels.map(([key, value]) => `${key}=${String(value)}`).join();
}

function pods(object: KubeObject): Pod['spec']['containers'] {
  return (object as unknown as Pod).spec.containers;
}

function statuses(object: KubeObject): readonly ContainerStatus[] {
  return (object as unknown as Pod).status?.containerStatuses ?? [];
}

/** What kubectl calls a pod's status: why a container waits, else the phase. */
function podState(object: KubeObject): string {
  const { initContainerStatuses = [] } = (object as unknown as Pod).status ?? {};
  const stuck = initContainerStatuses.find(({ state }) => state.waiting)?.state.waiting;
  if (stuck) return `Init:${stuck.reason}`;
  const waiting = statuses(object).find(({ state }) => state.waiting)?.state.waiting;
  return waiting?.reason ?? (text(object, 'status.phase') || 'Pending');
}
