import { z } from 'zod';
import { deployment, ownRepository, sharedRepository, type Deployment } from './deployment.ts';
import { withContainers, type Step } from './steps.ts';

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
  readonly namespace: string;
  readonly version: number;
  readonly line: string;
}

/** What there is. */
export interface ClusterSize {
  readonly workloads: number;
  /** How many of them run the same image; the others run one each. */
  readonly shared: number;
  /** Each has as many of them as the next; no name is in two of them. */
  readonly namespaces: readonly string[];
}

/** Deployments with one resourceVersion for all, as etcd counts. */
export interface FakeCluster {
  version(): number;
  names(namespace: string): readonly string[];
  /** JSON of a Deployment. */
  get(name: string): string | undefined;
  /** `conflict` when the patch was made for another version. */
  patch(name: string, patch: ImagePatch): PatchResult;
  /** Has something happen to it. */
  take(name: string, step: Step): void;
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

export function createCluster({ workloads, shared, namespaces }: ClusterSize): FakeCluster {
  let version = 1;
  const entries = new Map<string, Entry>();
  const byNamespace = new Map<string, string[]>(namespaces.map((namespace) => [namespace, []]));
  const changes: Change[] = [];
  const listeners = new Set<(change: Change) => void>();
  for (let n = 0; n < workloads; n++) {
    const name = n < shared ? `shared-${n}` : `app-${n}`;
    const namespace = namespaces[Math.floor((n * namespaces.length) / workloads)] ?? '';
    const repository = n < shared ? sharedRepository : ownRepository(name);
    const object = deployment(name, repository, ++version, namespace);
    entries.set(name, { object, json: JSON.stringify(object) });
    byNamespace.get(namespace)?.push(name);
  }
  const write = (changed: Deployment): string => {
    const resourceVersion = String(++version);
    const object = { ...changed, metadata: { ...changed.metadata, resourceVersion } };
    const json = JSON.stringify(object);
    const { name, namespace } = object.metadata;
    entries.set(name, { object, json });
    const event = { namespace, version, line: `{"type":"MODIFIED","object":${json}}\n` };
    changes.push(event);
    for (const listener of listeners) listener(event);
    return json;
  };
  return {
    version: () => version,
    names: (namespace) => byNamespace.get(namespace) ?? [],
    get: (name) => entries.get(name)?.json,
    patch(name, patch) {
      const old = entries.get(name)?.object;
      if (!old) return { kind: 'not-found' };
      const wanted = patch.metadata.resourceVersion;
      if (wanted !== undefined && wanted !== old.metadata.resourceVersion) return { kind: 'conflict' };
      return { kind: 'patched', json: write(patched(old, patch)) };
    },
    take(name, step) {
      const old = entries.get(name)?.object;
      if (old) write(step(old));
    },
    changesSince: (since) => changes.filter((change) => change.version > since),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function patched(old: Deployment, { metadata, spec }: ImagePatch): Deployment {
  const images = spec.template.spec.containers;
  const containers = old.spec.template.spec.containers.map((container) => ({
    ...container,
    image: images.find(({ name }) => name === container.name)?.image ?? container.image,
  }));
  const annotations = { ...old.metadata.annotations, ...metadata.annotations };
  return withContainers(
    { ...old, metadata: { ...old.metadata, annotations } },
    { containers, generation: old.metadata.generation + 1 },
  );
}
