import { z } from 'zod';
import type { DatedPod } from '../core/old-pods.ts';
import { containersOf, PodSpec } from './containers.ts';

const Waiting = z.object({ reason: z.string().optional(), message: z.string().optional() });
const ContainerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z.object({ waiting: Waiting.optional() }).prefault({}),
});
/** Controllers know the pods of one template by these: those of StatefulSets and DaemonSets, and that of Deployments. */
const Labels = z.object({
  'controller-revision-hash': z.string().optional(),
  'pod-template-hash': z.string().optional(),
});
const PodObject = z.object({
  metadata: z.object({
    name: z.string(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: Labels.prefault({}),
  }),
  spec: PodSpec,
  status: z
    .object({
      phase: z.string().optional(),
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});

/** Phases of a pod that runs no more: evicted, say. */
const ended: readonly (string | undefined)[] = ['Succeeded', 'Failed'];

/** A pod of core/v1, as far as it explains a rollout. Throws a ZodError when it is none. */
export function toPod(object: unknown): DatedPod {
  const { metadata, spec, status } = PodObject.parse(object);
  const states = new Map(
    [...status.containerStatuses, ...status.initContainerStatuses].map((state) => [state.name, state]),
  );
  const { name: pod, creationTimestamp: createdAt, deletionTimestamp, labels } = metadata;
  const revision = labels['controller-revision-hash'] ?? labels['pod-template-hash'];
  const isLeaving = deletionTimestamp !== undefined || ended.includes(status.phase);
  return {
    ...{ name: pod, ...(createdAt === undefined ? {} : { createdAt }) },
    ...(revision === undefined ? {} : { revision }),
    ...(isLeaving ? { isLeaving } : {}),
    containers: containersOf(spec).map(({ name, image }) => ({
      name,
      image,
      waitingReason: states.get(name)?.state.waiting?.reason,
      waitingMessage: states.get(name)?.state.waiting?.message,
      restarts: states.get(name)?.restartCount ?? 0,
    })),
  };
}
