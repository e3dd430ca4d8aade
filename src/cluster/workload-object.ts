import { z } from 'zod';
import { annotationPrefix } from '../core/annotations.ts';
import { isKeelKey } from '../core/keel-annotations.ts';
import type { Workload, WorkloadKind } from '../core/workload.ts';
import { containersOf, PodSpec } from './containers.ts';
import { Counted, countersOf } from './counters.ts';
import { under } from './fields.ts';
import { gitOpsOwners, ManagedEntry } from './managed-fields.ts';
import { Selector, selectorText } from './selector-text.ts';
import { templatePath } from './template-hash.ts';
import { traitsOf } from './traits.ts';

type Texts = Readonly<Record<string, string>>;

/** What is read of workloads besides what is always read. */
export interface AlsoRead {
  /** Annotations that are kept besides ours and Keel's. */
  readonly annotations: readonly string[];
  /** The label that says whose it is, on the pods or on the workload. */
  readonly teamLabel: string;
  /**
   * Whether it is for telling people what others change: then `Workload.traits` are read, which take longer than all the
   * rest, and all pods are counted. Else those are that an update is to make anew.
   */
  readonly traits?: boolean;
}

const Labels = z.record(z.string(), z.string()).default({});
const WorkloadObject = Counted.extend({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().default(0),
    deletionTimestamp: z.string().optional(),
    annotations: Labels,
    labels: Labels,
    managedFields: z.array(ManagedEntry).default([]),
  }),
  spec: Counted.shape.spec.extend({ selector: Selector }),
});
const PodTemplate = z.object({
  metadata: z.object({ labels: Labels }).prefault({}),
  spec: PodSpec.prefault({}),
});

/** An object of `kind` as the product's workload. Throws a ZodError when it is none. */
export function toWorkload(
  cluster: string,
  kind: WorkloadKind,
  object: unknown,
  { annotations: others, teamLabel, traits = false }: AlsoRead,
): Workload {
  const read = WorkloadObject.parse(object);
  const template = PodTemplate.parse(under(object, templatePath(kind)));
  const { name, namespace, uid, resourceVersion, generation, managedFields } = read.metadata;
  const annotations = kept(read.metadata.annotations, others);
  const labels = only(read.metadata.labels, isKeelKey);
  const { updateRevision } = read.status;
  const team = template.metadata.labels[teamLabel] ?? read.metadata.labels[teamLabel];
  return {
    ...{ key: { cluster, namespace, kind, name }, uid, resourceVersion, generation, annotations },
    ...(labels ? { labels } : {}),
    ...(team === undefined ? {} : { team }),
    deleting: read.metadata.deletionTimestamp !== undefined,
    containers: containersOf(template.spec),
    gitOpsOwners: gitOpsOwners(kind, managedFields),
    selector: selectorText(read.spec.selector),
    ...countersOf(kind, read, generation, traits ? 'all' : 'of-update'),
    ...(traits && updateRevision !== undefined ? { updateRevision } : {}),
    ...(traits ? { traits: traitsOf(kind, object, read.spec.replicas, managedFields) } : {}),
  };
}

/** Shared by nearly all workloads of a cluster. */
const nothing: Texts = {};

/** Others (kubectl's copy of the whole object) are most of what a cluster would hold in memory. */
function kept(annotations: Texts, others: readonly string[]): Texts {
  const isRead = (key: string): boolean => key.startsWith(annotationPrefix) || isKeelKey(key);
  return only(annotations, (key) => isRead(key) || others.includes(key)) ?? nothing;
}

function only(all: Texts, wanted: (key: string) => boolean): Texts | undefined {
  const kept = Object.entries(all).filter(([key]) => wanted(key));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
