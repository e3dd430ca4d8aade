import { z } from 'zod';
import { annotationPrefix } from '../core/annotations.ts';
import { isKeelKey } from '../core/keel-annotations.ts';
import { podSpecPath } from '../core/kinds.ts';
import type { Container, Pod, Workload, WorkloadKind } from '../core/workload.ts';
import { countersOf } from './counters.ts';

/** Only the fields that are used, as permissive as we can bear: the API server has validated the rest. */
const ContainerSpec = z.object({ name: z.string(), image: z.string().default('') });
const Expression = z.object({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).optional(),
});
const ManagedFields = z.object({ manager: z.string().default(''), fieldsV1: z.unknown().optional() });

type Texts = Readonly<Record<string, string>>;

/** Shared by nearly all workloads of a cluster. */
const nothing: Texts = {};

/** What is read of workloads besides what is always read. */
export interface AlsoRead {
  /** Annotations that are kept besides ours and Keel's. */
  readonly annotations: readonly string[];
  /** The label that says whose it is, on the pods or on the workload. */
  readonly teamLabel: string;
}

/** Others (kubectl's copy of the whole object) are most of what a cluster would hold in memory. */
function kept(annotations: Texts, others: readonly string[]): Texts {
  const isRead = (key: string): boolean => key.startsWith(annotationPrefix) || isKeelKey(key);
  return only(annotations, (key) => isRead(key) || others.includes(key)) ?? nothing;
}

function only(all: Texts, wanted: (key: string) => boolean): Texts | undefined {
  const kept = Object.entries(all).filter(([key]) => wanted(key));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  deletionTimestamp: z.string().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  managedFields: z.array(ManagedFields).default([]),
});
const Selector = z
  .object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z.array(Expression).default([]),
  })
  .prefault({});
const WorkloadObject = z.object({ metadata: Metadata, spec: z.object({ selector: Selector }) });
const PodLabels = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }).prefault({}),
});
const PodSpec = z.object({
  containers: z.array(ContainerSpec).default([]),
  initContainers: z.array(ContainerSpec).default([]),
});

/** An object of `kind` as the product's workload. Throws a ZodError when it is none. */
export function toWorkload(
  cluster: string,
  kind: WorkloadKind,
  object: unknown,
  { annotations: others, teamLabel }: AlsoRead,
): Workload {
  const { metadata, spec } = WorkloadObject.parse(object);
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  const annotations = kept(metadata.annotations, others);
  const labels = only(metadata.labels, isKeelKey);
  const path = podSpecPath(kind);
  const team =
    PodLabels.parse(under(object, path.slice(0, -1))).metadata.labels[teamLabel] ??
    metadata.labels[teamLabel];
  return {
    ...{ key: { cluster, namespace, kind, name }, uid, resourceVersion, generation, annotations },
    ...(labels ? { labels } : {}),
    ...(team === undefined ? {} : { team }),
    deleting: metadata.deletionTimestamp !== undefined,
    containers: containersOf(PodSpec.parse(under(object, path))),
    gitOpsOwners: gitOpsOwners(metadata.managedFields, path),
    selector: selectorText(spec.selector),
    ...countersOf(kind, object, generation),
  };
}

function containersOf({ containers, initContainers }: z.infer<typeof PodSpec>): readonly Container[] {
  return [
    ...containers.map((container) => ({ ...container, init: false })),
    ...initContainers.map((container) => ({ ...container, init: true })),
  ];
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function selectorText({ matchLabels, matchExpressions }: z.infer<typeof Selector>): string {
  const words: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${words[operator] ?? 'in'} (${values.join(',')})`;
    }),
  ].join(',');
}

/**
 * Field managers under which Argo CD and Flux apply from Git; an image they own would be put back at their next
 * sync. Helm itself is none of them: a release is not re-applied by a controller.
 */
const gitOpsManagers =
  /^(?:argocd-controller|argocd-application-controller|kustomize-controller|helm-controller|flux)$/;

/** Container name → manager, for every image field that a GitOps controller owns. */
function gitOpsOwners(
  entries: readonly z.infer<typeof ManagedFields>[],
  path: readonly string[],
): Readonly<Record<string, string>> {
  const owners: Record<string, string> = {};
  for (const { manager, fieldsV1 } of entries) {
    if (gitOpsManagers.test(manager)) for (const name of ownedImages(fieldsV1, path)) owners[name] = manager;
  }
  return owners;
}

function ownedImages(fields: unknown, path: readonly string[]): readonly string[] {
  const owned = path.map((field) => `f:${field}`);
  const podSpec = under(fields, owned);
  return ['f:containers', 'f:initContainers'].flatMap((list) =>
    Object.entries(at(podSpec, list)).flatMap(([key, field]) => {
      const name = /^k:\{"name":"([^"]+)"\}$/.exec(key)?.[1];
      return name !== undefined && Object.hasOwn(at(field), 'f:image') ? [name] : [];
    }),
  );
}

/** What is at a path of fields; `{}` when there is nothing. */
function under(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, field) => at(inner, field), value);
}

function at(value: unknown, key?: string): Readonly<Record<string, unknown>> {
  const found = key === undefined ? value : at(value)[key];
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

const Waiting = z.object({ reason: z.string().optional(), message: z.string().optional() });
const ContainerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z.object({ waiting: Waiting.optional() }).prefault({}),
});
const PodObject = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    containers: z.array(ContainerSpec).default([]),
    initContainers: z.array(ContainerSpec).default([]),
  }),
  status: z
    .object({
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});

/** A pod of core/v1, as far as it explains a rollout. Throws a ZodError when it is none. */
export function toPod(object: unknown): Pod {
  const { metadata, spec, status } = PodObject.parse(object);
  const states = new Map(
    [...status.containerStatuses, ...status.initContainerStatuses].map((state) => [state.name, state]),
  );
  return {
    name: metadata.name,
    containers: [...spec.containers, ...spec.initContainers].map(({ name, image }) => ({
      name,
      image,
      waitingReason: states.get(name)?.state.waiting?.reason,
      waitingMessage: states.get(name)?.state.waiting?.message,
      restarts: states.get(name)?.restartCount ?? 0,
    })),
  };
}
