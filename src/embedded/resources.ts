import { imageUpdates } from './image-updates.ts';
import { journals } from './journals.ts';

/** One served resource: how it is addressed, and what is particular about it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly ('status' | 'scale')[];
  /** What bumps `metadata.generation`: a changed spec, or (as for Deployments) a changed annotation too. */
  readonly generation: 'none' | 'spec' | 'spec-and-annotations';
  /** Defined by a CRD in a real cluster: no strategic merge, lists carry the type of every item. */
  readonly custom: boolean;
  /** Field selectors beside metadata.name and metadata.namespace. */
  readonly fields: readonly string[];
}

const builtIn = {
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  generation: 'none',
  custom: false,
  fields: [],
} as const;
const apps = { ...builtIn, group: 'apps', version: 'v1', categories: ['all'], generation: 'spec' } as const;
const core = { ...builtIn, group: '', version: 'v1' } as const;

/**
 * Everything the embedded cluster serves. A CronJob is stored and checked only: it runs no Job, and its status stays
 * empty. Volume claims of a StatefulSet are stored, but nothing is claimed.
 */
export const resources: readonly Resource[] = [
  {
    ...apps,
    plural: 'deployments',
    kind: 'Deployment',
    shortNames: ['deploy'],
    subresources: ['status', 'scale'],
    generation: 'spec-and-annotations',
  },
  { ...apps, plural: 'replicasets', kind: 'ReplicaSet', shortNames: ['rs'] },
  {
    ...apps,
    plural: 'statefulsets',
    kind: 'StatefulSet',
    shortNames: ['sts'],
    subresources: ['status', 'scale'],
  },
  { ...apps, plural: 'daemonsets', kind: 'DaemonSet', shortNames: ['ds'], subresources: ['status'] },
  {
    ...apps,
    plural: 'controllerrevisions',
    kind: 'ControllerRevision',
    categories: [],
    generation: 'none',
  },
  {
    ...apps,
    group: 'batch',
    plural: 'cronjobs',
    kind: 'CronJob',
    shortNames: ['cj'],
    subresources: ['status'],
  },
  {
    ...core,
    plural: 'pods',
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    fields: ['status.phase', 'spec.nodeName'],
  },
  { ...core, plural: 'namespaces', kind: 'Namespace', shortNames: ['ns'], namespaced: false },
  {
    ...core,
    plural: 'events',
    kind: 'Event',
    shortNames: ['ev'],
    fields: [
      ...['kind', 'namespace', 'name', 'uid', 'apiVersion'].map((field) => `involvedObject.${field}`),
      'reason',
      'type',
    ],
  },
  { ...builtIn, group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease' },
  { ...builtIn, ...imageUpdates.resource, subresources: ['status'], generation: 'spec', custom: true },
  { ...builtIn, ...journals.resource, generation: 'spec', custom: true },
];

/** The served resource with this plural name; a fault of ours when there is none. */
export function resourceNamed(plural: string): Resource {
  const found = resources.find((resource) => resource.plural === plural);
  if (!found) throw new Error(`embedded: no resource ${plural}`);
  return found;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `pods` or `deployments.apps`, as messages name a resource. */
export function qualifiedName({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `Pod` or `Deployment.apps`, as messages name a kind. */
export function qualifiedKind({ group, kind }: Resource): string {
  return group === '' ? kind : `${kind}.${group}`;
}
