import { z } from 'zod';
import type { FieldSet } from './field-set.ts';

const strings = z.record(z.string(), z.string()).optional();

/** Fields that somebody set. */
const ManagedEntry = z.object({
  manager: z.string(),
  operation: z.literal('Update'),
  apiVersion: z.string(),
  time: z.string().optional(),
  fieldsType: z.literal('FieldsV1'),
  fieldsV1: z.custom<FieldSet>(),
  subresource: z.enum(['status', 'scale']).optional(),
});

/** What every object carries; `namespace` is absent on cluster-scoped ones. */
export const ObjectMeta = z.object({
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
        blockOwnerDeletion: z.boolean().optional(),
      }),
    )
    .optional(),
  /** The server's own; workloads only. */
  managedFields: z.array(ManagedEntry).optional(),
});

const Container = z.object({ name: z.string().min(1), image: z.string().min(1) });

/** What runs in a pod. */
export const PodSpec = z.object({
  containers: z.array(Container).min(1),
  initContainers: z.array(Container).optional(),
  nodeName: z.string().optional(),
  restartPolicy: z.string().optional(),
});

/** What a pod is made of. */
export const PodTemplate = z.object({
  metadata: z.object({ labels: strings, annotations: strings }).optional(),
  spec: PodSpec,
});

/** Which pods belong to a workload. */
export const Selector = z.object({
  matchLabels: z.record(z.string(), z.string()),
});

/** One thing that is true of an object, or not. */
export const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});

/** How a container fares. */
export const ContainerStatus = z.object({
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

/** A number of pods. */
export const count = z.int().min(0).optional();
/** A number of pods, or a share of them. */
export const amount = z.union([z.int().min(0), z.string().regex(/^\d+%$/)]).optional();

/** A parsed object, as nobody may change it. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
/** What names the type of an object. */
export interface Typed {
  readonly apiVersion: string;
  readonly kind: string;
}
export type ManagedEntry = Frozen<z.infer<typeof ManagedEntry>>;
export type ObjectMeta = Frozen<z.infer<typeof ObjectMeta>>;
export type PodTemplate = Frozen<z.infer<typeof PodTemplate>>;
export type Condition = Frozen<z.infer<typeof Condition>>;
export type ContainerStatus = Frozen<z.infer<typeof ContainerStatus>>;
