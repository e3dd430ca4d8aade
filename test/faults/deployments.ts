import { performance } from 'node:perf_hooks';
import { kubernetesCall, type KubernetesAccess } from '../support/kubernetes-call.ts';
import { watchObjects, type Versioned } from './watch-objects.ts';

/** One state of a Deployment's image, in the order the API server made them. */
export interface ImageChange {
  readonly image: string;
  /** Counts the changes of the object's spec: a gap is a change that was not seen. */
  readonly generation: number;
  readonly atMs: number;
}

interface DeploymentObject extends Versioned {
  readonly metadata: { readonly name: string; readonly generation: number; readonly resourceVersion: string };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { image: string }[] } };
  };
}

/** Every image that every Deployment of a namespace had. */
export interface DeploymentHistory {
  /** By name; the first entry is the image it was created with. */
  readonly changes: () => ReadonlyMap<string, readonly ImageChange[]>;
  close(): Promise<void>;
}

export function deploymentsPath(namespace: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments`;
}

export function watchDeployments(access: KubernetesAccess, namespace: string): DeploymentHistory {
  const changes = new Map<string, ImageChange[]>();
  const stopping = new AbortController();
  const seen = (object: Versioned): void => {
    const { metadata, spec } = object as DeploymentObject;
    const own = changes.get(metadata.name) ?? [];
    changes.set(metadata.name, own);
    const image = spec.template.spec.containers[0]?.image ?? '';
    const last = own.at(-1);
    if (last && last.generation >= metadata.generation) return;
    own.push({ image, generation: metadata.generation, atMs: performance.now() });
  };
  const watching = watchObjects(access, deploymentsPath(namespace), seen, stopping.signal);
  return {
    changes: () => changes,
    async close() {
      stopping.abort();
      await watching;
    },
  };
}

/** A Deployment as it is created. */
export interface NewDeployment {
  readonly name: string;
  readonly image: string;
  /** Besides the policy. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Creates Deployments of one pod, followed by the service under test. */
export async function createDeployments(
  access: KubernetesAccess,
  namespace: string,
  entries: readonly NewDeployment[],
): Promise<void> {
  const atOnce = 8;
  for (let from = 0; from < entries.length; from += atOnce) {
    await Promise.all(
      entries
        .slice(from, from + atOnce)
        .map((one) => kubernetesCall(access, 'POST', deploymentsPath(namespace), deploymentObject(one))),
    );
  }
}

function deploymentObject({ name, image, annotations }: NewDeployment): object {
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name, annotations: { 'updatekate.dev/policy': 'semver', ...annotations } },
    spec: {
      ...{ replicas: 1, revisionHistoryLimit: 1, selector: { matchLabels: { app: name } } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image }] } },
    },
  };
}
