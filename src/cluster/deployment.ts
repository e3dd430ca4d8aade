import { z } from 'zod';
import { annotationPrefix } from '../core/annotations.ts';
import type { Container, Pod, Workload } from '../core/workload.ts';

/** Only the fields that are used, as permissive as we can bear: the API server has validated the rest. */
const ContainerSpec = z.object({ name: z.string(), image: z.string().default('') });
const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
const Expression = z.object({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).optional(),
});
const ManagedFields = z.object({ manager: z.string().default(''), fieldsV1: z.unknown().optional() });

/** Only ours are kept: others (kubectl's copy of the whole object) are most of what a cluster would hold in memory. */
function ours(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(annotationPrefix)));
}

const Deployment = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number().default(0),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}).transform(ours),
    managedFields: z.array(ManagedFields).default([]),
  }),
  spec: z.object({
    replicas: z.number().default(1),
    paused: z.boolean().default(false),
    selector: z
      .object({
        matchLabels: z.record(z.string(), z.string()).default({}),
        matchExpressions: z.array(Expression).default([]),
      })
      .prefault({}),
    template: z.object({
      spec: z.object({
        containers: z.array(ContainerSpec).default([]),
        initContainers: z.array(ContainerSpec).default([]),
      }),
    }),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
});
type Deployment = z.infer<typeof Deployment>;

/** A Deployment of apps/v1 as the product's workload. Throws a ZodError when it is none. */
export function toWorkload(cluster: string, object: unknown): Workload {
  const { metadata, spec, status } = Deployment.parse(object);
  const { name, namespace, uid, resourceVersion, generation, annotations } = metadata;
  return {
    key: { cluster, namespace, kind: 'Deployment', name },
    uid,
    resourceVersion,
    generation,
    annotations,
    deleting: metadata.deletionTimestamp !== undefined,
    containers: containersOf(spec),
    gitOpsOwners: gitOpsOwners(metadata.managedFields),
    selector: selectorText(spec.selector),
    paused: spec.paused,
    replicas: spec.replicas,
    observedGeneration: status.observedGeneration,
    status: {
      replicas: status.replicas,
      updated: status.updatedReplicas,
      available: status.availableReplicas,
    },
    conditions: status.conditions,
  };
}

function containersOf({ template }: Deployment['spec']): readonly Container[] {
  const { containers, initContainers } = template.spec;
  return [
    ...containers.map((container) => ({ ...container, init: false })),
    ...initContainers.map((container) => ({ ...container, init: true })),
  ];
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
function selectorText({ matchLabels, matchExpressions }: Deployment['spec']['selector']): string {
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
function gitOpsOwners(entries: readonly z.infer<typeof ManagedFields>[]): Readonly<Record<string, string>> {
  const owners: Record<string, string> = {};
  for (const { manager, fieldsV1 } of entries) {
    if (gitOpsManagers.test(manager)) for (const name of ownedImages(fieldsV1)) owners[name] = manager;
  }
  return owners;
}

function ownedImages(fields: unknown): readonly string[] {
  const podSpec = at(at(at(at(fields, 'f:spec'), 'f:template'), 'f:spec'));
  return ['f:containers', 'f:initContainers'].flatMap((list) =>
    Object.entries(at(podSpec, list)).flatMap(([key, owned]) => {
      const name = /^k:\{"name":"([^"]+)"\}$/.exec(key)?.[1];
      return name !== undefined && Object.hasOwn(at(owned), 'f:image') ? [name] : [];
    }),
  );
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
