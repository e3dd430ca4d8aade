import { age, name, since, text, wideText, type Column } from './column.ts';
import { imageUpdates, type PrinterColumn } from './image-updates.ts';
import { journals } from './journals.ts';
import { valueAt } from './json.ts';
import type { ContainerStatus, KubeObject, Pod } from './objects.ts';
import { workloadTables } from './workload-columns.ts';

const tables: Readonly<Record<string, readonly Column[]>> = {
  ...workloadTables,
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
  ImageUpdate: [name, ...imageUpdates.columns.map(printed)],
  Journal: [name, ...journals.columns.map(printed)],
};

/** The columns of a kind. */
export function columnsOf(kind: string): readonly Column[] {
  return tables[kind] ?? [name, age];
}

function printed({ name: title, path, wide }: PrinterColumn): Column {
  if (title === age.name) return age;
  const cell = (object: KubeObject): string | number => {
    const value = valueAt(object, path);
    return typeof value === 'number' ? value : text(object, path);
  };
  return { name: title, ...(wide && { wide }), cell };
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
