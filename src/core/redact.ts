import { z } from 'zod';
import { annotationPrefix } from './annotations.ts';

const Container = z
  .object({
    name: z.string(),
    image: z.string(),
    imagePullPolicy: z.string(),
    ports: z.array(z.object({ name: z.string(), containerPort: z.number(), protocol: z.string() }).partial()),
    resources: z.object({
      limits: z.record(z.string(), z.unknown()).optional(),
      requests: z.record(z.string(), z.unknown()).optional(),
    }),
    env: z.array(z.object({ name: z.string() })),
  })
  .partial();

/** Not the change cause: `kubectl --record` writes whole command lines into it. */
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** What may be shown of a Deployment: a list of what is safe, so that a new field is hidden until it is read. */
const Shown = z.object({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    creationTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z
      .record(z.string(), z.string())
      .transform((all) =>
        Object.fromEntries(
          Object.entries(all).filter(
            ([key]) => key.startsWith(annotationPrefix) || key === revisionAnnotation,
          ),
        ),
      )
      .optional(),
  }),
  spec: z.object({
    replicas: z.number().optional(),
    paused: z.boolean().optional(),
    minReadySeconds: z.number().optional(),
    progressDeadlineSeconds: z.number().optional(),
    revisionHistoryLimit: z.number().optional(),
    selector: z.unknown(),
    strategy: z.unknown(),
    template: z.object({
      spec: z.object({
        containers: z.array(Container).optional(),
        initContainers: z.array(Container).optional(),
      }),
    }),
  }),
  status: z
    .object({
      observedGeneration: z.number(),
      replicas: z.number(),
      updatedReplicas: z.number(),
      readyReplicas: z.number(),
      availableReplicas: z.number(),
      unavailableReplicas: z.number(),
      conditions: z.array(
        z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }).partial(),
      ),
    })
    .partial()
    .optional(),
});

/**
 * A Deployment without anything that may be secret: names of environment variables but no values, no commands or
 * arguments, no volumes, no annotation but ours and the revision. Throws a ZodError when it is no Deployment.
 */
export function redactDeployment(object: unknown): unknown {
  return Shown.parse(object);
}
