import { age, count, counter, name, since, text, type Column } from './column.ts';
import { objectOr, valueAt } from './json.ts';
import type { KubeObject } from './objects.ts';

const ready: Column = {
  name: 'Ready',
  cell: (object) => `${count(object, 'status.readyReplicas')}/${count(object, 'spec.replicas')}`,
};
const wide = [...wideContainers('spec.template'), selectorColumn('spec.selector')];
const jobTemplate = 'spec.jobTemplate.spec';

/** The columns of the kinds that run pods from a template, and of what they remember. */
export const workloadTables: Readonly<Record<string, readonly Column[]>> = {
  Deployment: [
    name,
    ready,
    counter('Up-to-date', 'status.updatedReplicas'),
    counter('Available', 'status.availableReplicas'),
    age,
    ...wide,
  ],
  ReplicaSet: [
    name,
    counter('Desired', 'spec.replicas'),
    counter('Current', 'status.replicas'),
    counter('Ready', 'status.readyReplicas'),
    age,
    ...wide,
  ],
  StatefulSet: [name, ready, age, ...wideContainers('spec.template')],
  DaemonSet: [
    name,
    counter('Desired', 'status.desiredNumberScheduled'),
    counter('Current', 'status.currentNumberScheduled'),
    counter('Ready', 'status.numberReady'),
    counter('Up-to-date', 'status.updatedNumberScheduled'),
    counter('Available', 'status.numberAvailable'),
    { name: 'Node Selector', cell: (object) => labelsAt(object, 'spec.template.spec.nodeSelector') },
    age,
    ...wide,
  ],
  ControllerRevision: [
    name,
    { name: 'Controller', cell: controllerOf },
    counter('Revision', 'revision'),
    age,
  ],
  CronJob: [
    name,
    { name: 'Schedule', cell: (object) => text(object, 'spec.schedule') },
    { name: 'Timezone', cell: (object) => text(object, 'spec.timeZone') || '<none>' },
    { name: 'Suspend', cell: (object) => (valueAt(object, 'spec.suspend') === true ? 'True' : 'False') },
    { name: 'Active', cell: (object) => listAt(object, 'status.active').length },
    { name: 'Last Schedule', cell: lastSchedule },
    age,
    ...wideContainers(`${jobTemplate}.template`),
    selectorColumn(`${jobTemplate}.selector`),
  ],
};

function wideContainers(template: string): readonly Column[] {
  const fieldsOf = (object: KubeObject, field: string) =>
    listAt(object, `${template}.spec.containers`)
      .map((container) => String(objectOr(container)[field]))
      .join();
  return [
    { name: 'Containers', wide: true, cell: (object) => fieldsOf(object, 'name') },
    { name: 'Images', wide: true, cell: (object) => fieldsOf(object, 'image') },
  ];
}

function selectorColumn(path: string): Column {
  return { name: 'Selector', wide: true, cell: (object) => labelsAt(object, `${path}.matchLabels`) };
}

function labelsAt(object: KubeObject, path: string): string {
  const labels = Object.entries(objectOr(valueAt(object, path)));
  return labels.map(([key, value]) => `${key}=${String(value)}`).join() || '<none>';
}

function listAt(object: KubeObject, path: string): readonly unknown[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value : [];
}

function controllerOf({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return '<none>';
  const [group = ''] = owner.apiVersion.split('/');
  return `${owner.kind.toLowerCase()}.${group}/${owner.name}`;
}

function lastSchedule(object: KubeObject, now: Date): string {
  const time = text(object, 'status.lastScheduleTime');
  return time === '' ? '<none>' : since(time, now);
}
