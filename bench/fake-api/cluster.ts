import { z } from 'zod';
import { converged, deployment, ownRepository, sharedRepository, type Deployment } from './deployment.ts';

/** What is left of a strategic merge patch when only images and annotations may be in it; more is refused. */
export const ImagePatch = z.strictObject({
  metadata: z.strictObject({
    resourceVersion: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.strictObject({
    template: z.strictObject({
      spec: z.strictObject({
        containers: z.array(z.strictObject({ name: z.string(), image: z.string() })),
      }),
    }),
  }),
});
export type ImagePatch = z.infer<typeof ImagePatch>;

/** A change, as the line of a watch. */
export interface Change {
  readonly version: number;
  readonly line: string;
}

/** Deployments with one resourceVersion for all, as etcd counts. */
export interface FakeCluster {
  version(): number;
  names(): readonly string[];
  /** JSON of a Deployment. */
  get(name: string): string | undefined;
  /** `conflict` when the patch was made for another version. */
  patch(name: string, patch: ImagePatch): PatchResult;
  /** Says that all pods run the newest template and are available. */
  complete(name: string): void;
  changesSince(version: number): readonly Change[];
  subscribe(listener: (change: Change) => void): () => void;
}

/** The new object as JSON, or why there is none. */
export type PatchResult =
  { readonly kind: 'patched'; readonly json: string } | { readonly kind: 'conflict' | 'not-found' };

interface Entry {
  readonly object: Deployment;
  readonly json: string;
}

/** @param shared how many of the `count` Deployments run the same image; the others run one each. */
export function createCluster(count: number, shared: number): FakeCluster {
  let version = 1;
  const entries = new Map<string, Entry>();
  const changes: Change[] = [];
  const listeners = new Set<(change: Change) => void>();
  for (let n = 0; n < count; n++) {
    const name = n < shared ? `shared-${n}` : `app-${n}`;
    const object = deployment(name, n < shared ? sharedRepository : ownRepository(name), ++version);
    entries.set(name, { object, json: JSON.stringify(object) });
  }
  const write = (change: (resourceVersion: string) => Deployment): string => {
    const object = change(String(++version));
    const json = JSON.stringify(object);
    entries.set(object.metadata.name, { object, json });
    const event = { version, line: `{"type":"MODIFIED","object":${json}}\n` };
    changes.push(event);
    for (const listener of listeners) listener(event);
    return json;
  };
  return {
    version: () => version,
    names: () => [...entries.keys()],
    get: (name) => entries.get(name)?.json,
    patch(name, { metadata, spec }) {
      const old = entries.get(name)?.object;
      if (!old) return { kind: 'not-found' };
      const wanted = metadata.resourceVersion;
      if (wanted !== undefined && wanted !== old.metadata.resourceVersion) return { kind: 'conflict' };
      const { containers } = spec.template.spec;
      const json = write((resourceVersion) =>
        patched(old, resourceVersion, containers, metadata.annotations),
      );
      return { kind: 'patched', json };
    },
    complete(name) {
      const old = entries.get(name)?.object;
      if (!old) return;
      const status = converged(old.spec.replicas, old.metadata.generation);
      write((resourceVersion) => ({ ...old, metadata: { ...old.metadata, resourceVersion }, status }));
    },
    changesSince: (since) => changes.filter((change) => change.version > since),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function patched(
  old: Deployment,
  resourceVersion: string,
  images: ImagePatch['spec']['template']['spec']['containers'],
  annotations: Readonly<Record<string, string>>,
): Deployment {
  const { template } = old.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    image: images.find(({ name }) => name === container.name)?.image ?? container.image,
  }));
  const generation = old.metadata.generation + 1;
  return {
    ...old,
    metadata: {
      ...old.metadata,
      ...{ generation, resourceVersion },
      annotations: { ...old.metadata.annotations, ...annotations },
    },
    spec: { ...old.spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}
