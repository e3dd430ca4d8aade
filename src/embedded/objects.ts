import { z } from 'zod';

const strings = z.record(z.string(), z.string()).optional();

/** What every object carries; `namespace` is absent on cluster-scoped ones. */
const ObjectMeta = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().nullish(),
  labels: strings,
  annotations: strings,
  ownerReferences: z
    .array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        name: z.string(),
        uid: z.string(),
        controller: z.boolean().optional(),
      }),
    )
    .optional(),
});

const Container = z.object({ name: z.string().min(1), image: z.string().min(1) });

const PodSpec = z.object({
  containers: z.array(Container).min(1),
  initContainers: z.array(Container).optional(),
  nodeName: z.string().optional(),
});

const PodTemplate = z.object({
  metadata: z.object({ labels: strings, annotations: strings }).optional(),
  spec: PodSpec,
});

const Selector = z.object({
  matchLabels: z.record(z.string(), z.string()),
});

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});

const ContainerStatus = z.object({
  name: z.string(),
  image: z.string(),
  ready: z.boolean(),
  restartCount: z.number(),
  state: z.object({
    waiting: z.object({ reason: z.string(), message: z.string().optional() }).optional(),
    running: z.object({ startedAt: z.string() }).optional(),
    terminated: z.object({ exitCode: z.number(), reason: z.string() }).optional(),
  }),
  started: z.boolean().optional(),
  imageID: z.string().optional(),
});

const count = z.int().min(0).optional();
const amount = z.union([z.int().min(0), z.string().regex(/^\d+%$/)]).optional();
const Counters = z.object({
  observedGeneration: z.number().optional(),
  replicas: count,
  readyReplicas: count,
  availableReplicas: count,
});

const Deployment = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    replicas: count,
    paused: z.boolean().optional(),
    selector: Selector,
    template: PodTemplate,
    strategy: z
      .object({
        type: z.enum(['RollingUpdate', 'Recreate']).optional(),
        rollingUpdate: z.object({ maxSurge: amount, maxUnavailable: amount }).nullish(),
      })
      .optional(),
    progressDeadlineSeconds: count,
    revisionHistoryLimit: count,
  }),
  status: Counters.extend({
    updatedReplicas: count,
    unavailableReplicas: count,
    conditions: z.array(Condition).optional(),
  }).optional(),
});

const ReplicaSet = z.object({
  metadata: ObjectMeta,
  spec: z.object({ replicas: count, selector: Selector, template: PodTemplate }),
  status: Counters.optional(),
});

const Pod = z.object({
  metadata: ObjectMeta,
  spec: PodSpec,
  status: z
    .object({
      phase: z.string().optional(),
      conditions: z.array(Condition).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
    })
    .optional(),
});

/** What the border checks an object of a kind against; a kind that is not here is stored as it comes. */
export const shapes: Readonly<Record<string, z.ZodType>> = { Deployment, ReplicaSet, Pod };
/** The check for kinds without a shape of their own. */
export const anyShape = z.object({ metadata: ObjectMeta });

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}
export type ObjectMeta = Frozen<z.infer<typeof ObjectMeta>>;
export type PodTemplate = Frozen<z.infer<typeof PodTemplate>>;
export type Condition = Frozen<z.infer<typeof Condition>>;
export type ContainerStatus = Frozen<z.infer<typeof ContainerStatus>>;
export type Deployment = Typed & Frozen<z.infer<typeof Deployment>>;
export type ReplicaSet = Typed & Frozen<z.infer<typeof ReplicaSet>>;
export type Pod = Typed & Frozen<z.infer<typeof Pod>>;

/** Any stored object. */
export interface KubeObject extends Typed {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}
