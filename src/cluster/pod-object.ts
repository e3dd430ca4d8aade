import { z } from 'zod';
import type { DatedPod } from '../core/old-pods.ts';
import { containersOf, PodSpec } from './containers.ts';

const Waiting = z.object({ reason: z.string().optional(), message: z.string().optional() });
const ContainerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z.object({ waiting: Waiting.optional() }).prefault({}),
});
const PodObject = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.string().optional() }),
  spec: PodSpec,
  status: z
    .object({
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});

/** A pod of core/v1, as far as it explains a rollout. Throws a ZodError when it is none. */
export function toPod(object: unknown): DatedPod {
  const { metadata, spec, status } = PodObject.parse(object);
  const states = new Map(
    [...status.containerStatuses, ...status.initContainerStatuses].map((state) => [state.name, state]),
  );
  const { name: pod, creationTimestamp: createdAt } = metadata;
  return {
    ...{ name: pod, ...(createdAt === undefined ? {} : { createdAt }) },
    containers: containersOf(spec).map(({ name, image }) => ({
      name,
      image,
      waitingReason: states.get(name)?.state.waiting?.reason,
      waitingMessage: states.get(name)?.state.waiting?.message,
      restarts: states.get(name)?.restartCount ?? 0,
    })),
  };
}
