import { z } from 'zod';
import {
  amount,
  Condition,
  ContainerStatus,
  count,
  ObjectMeta,
  PodSpec,
  PodTemplate,
  Selector,
  type Frozen,
  type Typed,
} from './object-parts.ts';

export type { Condition, ContainerStatus, ManagedEntry, ObjectMeta, PodTemplate } from './object-parts.ts';

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

const StatefulSet = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    replicas: count,
    selector: Selector,
    serviceName: z.string().optional(),
    template: PodTemplate,
    podManagementPolicy: z.enum(['OrderedReady', 'Parallel']).optional(),
    updateStrategy: z
      .object({
        type: z.enum(['RollingUpdate', 'OnDelete']).optional(),
        rollingUpdate: z.object({ partition: count }).nullish(),
      })
      .optional(),
    ordinals: z.object({ start: count }).nullish(),
    revisionHistoryLimit: count,
  }),
  status: Counters.extend({
    currentReplicas: count,
    updatedReplicas: count,
    currentRevision: z.string().optional(),
    updateRevision: z.string().optional(),
    collisionCount: count,
  }).optional(),
});

const DaemonSet = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    selector: Selector,
    template: PodTemplate,
    updateStrategy: z
      .object({
        type: z.enum(['RollingUpdate', 'OnDelete']).optional(),
        rollingUpdate: z.object({ maxSurge: amount, maxUnavailable: amount }).nullish(),
      })
      .optional(),
    revisionHistoryLimit: count,
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      currentNumberScheduled: count,
      desiredNumberScheduled: count,
      numberMisscheduled: count,
      numberReady: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      numberUnavailable: count,
    })
    .optional(),
});

const ControllerRevision = z.object({
  metadata: ObjectMeta,
  revision: z.int().min(0),
  data: z.object({ spec: z.object({ template: PodTemplate }) }),
});

const CronJob = z.object({
  metadata: ObjectMeta,
  spec: z.object({
    schedule: z.string(),
    suspend: z.boolean().optional(),
    concurrencyPolicy: z.enum(['Allow', 'Forbid', 'Replace']).optional(),
    successfulJobsHistoryLimit: count,
    failedJobsHistoryLimit: count,
    jobTemplate: z.object({ spec: z.object({ template: PodTemplate }) }),
  }),
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
export const shapes: Readonly<Record<string, z.ZodType>> = {
  Deployment,
  ReplicaSet,
  StatefulSet,
  DaemonSet,
  ControllerRevision,
  CronJob,
  Pod,
};
/** The check for kinds without a shape of their own. */
export const anyShape = z.object({ metadata: ObjectMeta });

export type Deployment = Typed & Frozen<z.infer<typeof Deployment>>;
export type ReplicaSet = Typed & Frozen<z.infer<typeof ReplicaSet>>;
export type StatefulSet = Typed & Frozen<z.infer<typeof StatefulSet>>;
export type DaemonSet = Typed & Frozen<z.infer<typeof DaemonSet>>;
/** A remembered template of a StatefulSet or DaemonSet, as a patch that brings it back. */
export type ControllerRevision = Typed & Frozen<z.infer<typeof ControllerRevision>>;
export type CronJob = Typed & Frozen<z.infer<typeof CronJob>>;
export type Pod = Typed & Frozen<z.infer<typeof Pod>>;

/** Any stored object. */
export interface KubeObject extends Typed {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}
