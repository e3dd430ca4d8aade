import { z } from 'zod';
import type { Container } from '../core/workload.ts';

/** Only the fields that are used, as permissive as we can bear: the API server has validated the rest. */
const ContainerSpec = z.object({ name: z.string(), image: z.string().default('') });

/** What runs in a pod. */
export const PodSpec = z.object({
  containers: z.array(ContainerSpec).default([]),
  initContainers: z.array(ContainerSpec).default([]),
});

/** The containers of a pod, those that it begins with last. */
export function containersOf({ containers, initContainers }: z.infer<typeof PodSpec>): readonly Container[] {
  return [
    ...containers.map((container) => ({ ...container, init: false })),
    ...initContainers.map((container) => ({ ...container, init: true })),
  ];
}
