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

/** What is read of `spec` and `status`: what any kind has there, as none calls two things by one name. */
export const Counted = z.object({
  spec: z.object({
    replicas: z.number().default(1),
    paused: z.boolean().default(false),
    updateStrategy: UpdateStrategy,
  }),
  status: z
    .object({
      observedGeneration: Count,
      replicas: Count,
      updatedReplicas: Count,
      availableReplicas: Count,
      desiredNumberScheduled: Count,
      currentNumberScheduled: Count,
      updatedNumberScheduled: Count,
      numberAvailable: Count,
      updateRevision: z.string().optional(),
      conditions: ConditionList,
    })
    .prefault({}),
});
type Counted = z.infer<typeof Counted>;

/**
 * Whose pods are counted: those that an update is to make anew, or all there are, for whoever tells how a workload as a
 * whole is.
 */
export type CountedPods = 'of-update' | 'all';

/** The counters of an object of `kind`. */
export function countersOf(
  kind: WorkloadKind,
  object: Counted,
  generation: number,
  pods: CountedPods,
): Counters {
  switch (kind) {
    case 'Deployment':
      return pods === 'all' ? withoutSurplus(ofDeployment(object)) : ofDeployment(object);
    case 'StatefulSet':
      return pods === 'all' ? withoutSurplus(allOfStatefulSet(object)) : ofStatefulSet(object);
    case 'DaemonSet':
      return ofDaemonSet(object);
    case 'CronJob':
      // Its next job runs the new image: there is nothing to wait for.
      return { ...unpaused, replicas: 0, observedGeneration: generation, status: none };
  }
}

const noConditions: readonly Condition[] = [];
const unpaused = { paused: false, onDelete: false, conditions: noConditions };
const none = { replicas: 0, updated: 0, available: 0 };

function ofDeployment({ spec, status }: Counted): Counters {
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
function ofStatefulSet({ spec, status }: Counted): Counters {
  const { observedGeneration, updatedReplicas: updated, availableReplicas } = status;
  const { type, rollingUpdate } = spec.updateStrategy;
  const staying = Math.min(spec.replicas, rollingUpdate.partition);
  const available = Math.max(0, availableReplicas - staying);
  return {
    ...{ ...unpaused, onDelete: type === 'OnDelete', replicas: spec.replicas - staying, observedGeneration },
    status: { replicas: staying > 0 ? updated : status.replicas, updated, available },
  };
}

/**
 * With a partition some pods stay old until somebody lowers it, as with OnDelete they do until somebody deletes them: so
 * long nobody can say that the workload is what it is to be. How many are available is a matter of all of them.
 */
function allOfStatefulSet({ spec, status }: Counted): Counters {
  const { observedGeneration, replicas, updatedReplicas: updated, availableReplicas: available } = status;
  const { type, rollingUpdate } = spec.updateStrategy;
  const stay = rollingUpdate.partition > 0 && updated < spec.replicas;
  return {
    ...{ ...unpaused, onDelete: type === 'OnDelete' || stay, replicas: spec.replicas, observedGeneration },
    status: { replicas, updated, available },
  };
}

/** Pods that are too many are to go like old ones, whatever they run: so long it is not scaled. */
function withoutSurplus(counters: Counters): Counters {
  const { replicas, status } = counters;
  return { ...counters, status: { ...status, updated: Math.min(status.updated, replicas) } };
}

function ofDaemonSet({ spec, status }: Counted): Counters {
  const { observedGeneration, desiredNumberScheduled, currentNumberScheduled } = status;
  const { updatedNumberScheduled: updated, numberAvailable: available } = status;
  return {
    ...{ ...unpaused, onDelete: spec.updateStrategy.type === 'OnDelete', observedGeneration },
    replicas: desiredNumberScheduled,
    status: { replicas: currentNumberScheduled, updated, available },
  };
}
