import { z } from 'zod';
import type { Condition, Workload, WorkloadKind } from '../core/workload.ts';

/** What tells how far a rollout is, whatever the kind. */
export type Counters = Pick<
  Workload,
  'paused' | 'onDelete' | 'replicas' | 'observedGeneration' | 'status' | 'conditions'
>;

const Count = z.number().default(0);
const ConditionList = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().default(''),
      message: z.string().default(''),
    }),
  )
  .default([]);
const UpdateStrategy = z
  .object({
    type: z.string().default('RollingUpdate'),
    rollingUpdate: z.object({ partition: z.number().default(0) }).prefault({}),
  })
  .prefault({});

const Deployment = z.object({
  spec: z.object({ replicas: z.number().default(1), paused: z.boolean().default(false) }),
  status: z
    .object({
      observedGeneration: Count,
      replicas: Count,
      updatedReplicas: Count,
      availableReplicas: Count,
      conditions: ConditionList,
    })
    .prefault({}),
});
const StatefulSet = z.object({
  spec: z.object({ replicas: z.number().default(1), updateStrategy: UpdateStrategy }),
  status: z
    .object({ observedGeneration: Count, replicas: Count, updatedReplicas: Count, availableReplicas: Count })
    .prefault({}),
});
const DaemonSet = z.object({
  spec: z.object({ updateStrategy: UpdateStrategy }),
  status: z
    .object({
      observedGeneration: Count,
      desiredNumberScheduled: Count,
      currentNumberScheduled: Count,
      updatedNumberScheduled: Count,
      numberAvailable: Count,
    })
    .prefault({}),
});

/** The counters of an object of `kind`. Throws a ZodError when it has none. */
export function countersOf(kind: WorkloadKind, object: unknown, generation: number): Counters {
  switch (kind) {
    case 'Deployment':
      return ofDeployment(Deployment.parse(object));
    case 'StatefulSet':
      return ofStatefulSet(StatefulSet.parse(object));
    case 'DaemonSet':
      return ofDaemonSet(DaemonSet.parse(object));
    case 'CronJob':
      // Its next job runs the new image: there is nothing to wait for.
      return { ...unpaused, replicas: 0, observedGeneration: generation, status: none };
  }
}

const noConditions: readonly Condition[] = [];
const unpaused = { paused: false, onDelete: false, conditions: noConditions };
const none = { replicas: 0, updated: 0, available: 0 };

function ofDeployment({ spec, status }: z.infer<typeof Deployment>): Counters {
  const { observedGeneration, replicas, updatedReplicas, availableReplicas, conditions } = status;
  return {
    ...{ paused: spec.paused, onDelete: false, replicas: spec.replicas, observedGeneration, conditions },
    status: { replicas, updated: updatedReplicas, available: availableReplicas },
  };
}

/**
 * With a partition only the pods from there on are to change: they alone are counted, and the others belong to
 * nobody's rollout. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions
 */
function ofStatefulSet({ spec, status }: z.infer<typeof StatefulSet>): Counters {
  const { observedGeneration, updatedReplicas: updated, availableReplicas } = status;
  const { type, rollingUpdate } = spec.updateStrategy;
  const staying = Math.min(spec.replicas, rollingUpdate.partition);
  const available = Math.max(0, availableReplicas - staying);
  return {
    ...{ ...unpaused, onDelete: type === 'OnDelete', replicas: spec.replicas - staying, observedGeneration },
    status: { replicas: staying > 0 ? updated : status.replicas, updated, available },
  };
}

function ofDaemonSet({ spec, status }: z.infer<typeof DaemonSet>): Counters {
  const { observedGeneration, desiredNumberScheduled, currentNumberScheduled } = status;
  const { updatedNumberScheduled: updated, numberAvailable: available } = status;
  return {
    ...{ ...unpaused, onDelete: spec.updateStrategy.type === 'OnDelete', observedGeneration },
    replicas: desiredNumberScheduled,
    status: { replicas: currentNumberScheduled, updated, available },
  };
}
