import { converged, type Deployment } from './deployment.ts';
import { imageSetter } from './managed-fields.ts';

/** What happens to a Deployment, from one event of a watch to the next. */
export type Step = (old: Deployment) => Deployment;

/** `kubectl set image`: the template is new, and its controller has not seen it yet. */
export function imageSet(tag: string): Step {
  return (old) => {
    const { metadata, spec } = old;
    const containers = spec.template.spec.containers.map((container) => ({
      ...container,
      image: `${container.image.slice(0, container.image.lastIndexOf(':'))}:${tag}`,
    }));
    const now = new Date().toISOString();
    const managed = metadata.managedFields.map((entry) =>
      entry.manager === imageSetter ? { ...entry, time: now } : entry,
    );
    return withContainers(
      { ...old, metadata: { ...metadata, managedFields: managed } },
      { containers, generation: metadata.generation + 1 },
    );
  };
}

/** The same object with other containers, as its next generation. */
export function withContainers(
  old: Deployment,
  next: {
    readonly containers: Deployment['spec']['template']['spec']['containers'];
    readonly generation: number;
  },
): Deployment {
  const { template } = old.spec;
  return {
    ...old,
    metadata: { ...old.metadata, generation: next.generation },
    spec: {
      ...old.spec,
      template: { ...template, spec: { ...template.spec, containers: next.containers } },
    },
  };
}

/** The controller has seen it, and made the first new pod, which does not run yet. */
export const begun: Step = (old) => ({
  ...old,
  status: {
    ...old.status,
    ...{ observedGeneration: old.metadata.generation, replicas: old.spec.replicas + 1 },
    ...{ updatedReplicas: 1, unavailableReplicas: 1 },
  },
});

/** All pods run the newest template and are available. */
export const finished: Step = (old) => ({
  ...old,
  status: converged(old.spec.replicas, old.metadata.generation),
});

/** The controller counts other numbers of pods. */
export function reported(counts: Readonly<Record<string, number>>): Step {
  return (old) => ({ ...old, status: { ...old.status, ...counts } });
}
