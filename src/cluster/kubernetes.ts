import { z } from 'zod';
import { hasCode } from '../core/errors.ts';
import { objectPath, podSpecPath } from '../core/kinds.ts';
import type { Cluster, ImagePatch } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import type { Pod } from '../core/workload.ts';
import { toPod } from './pod-object.ts';
import { toWorkload, type AlsoRead } from './workload-object.ts';

/** Under this name the API server notes which fields are ours. */
export const fieldManager = 'updatekate';
const List = z.object({
  metadata: z.object({ continue: z.string().optional() }).prefault({}),
  items: z.array(z.unknown()).nullish(),
});
const pageSize = 500;

/** The cluster through its API: what flows ask of it, and nothing else. */
export function createKubernetesCluster(name: string, rest: Rest, also: AlsoRead): Cluster {
  const readRaw: Cluster['readRaw'] = async (key, signal) => {
    try {
      return await rest.json({ method: 'GET', path: objectPath(key) }, signal);
    } catch (error) {
      if (hasCode(error, 'not-found')) return undefined;
      throw error;
    }
  };
  return {
    readRaw,
    async read(key, signal) {
      const object = await readRaw(key, signal);
      return object === undefined ? undefined : toWorkload(name, key.kind, object, also);
    },
    async patchImages(patch, signal) {
      const object = await rest.json(
        {
          method: 'PATCH',
          path: objectPath(patch.workload),
          query: { fieldManager, fieldValidation: 'Strict' },
          contentType: 'application/strategic-merge-patch+json',
          body: patchBody(patch),
        },
        signal,
      );
      return toWorkload(name, patch.workload.kind, object, also);
    },
    async pods(workload, signal) {
      // An empty selector would be that of every pod.
      if (workload.selector === '') return [];
      const path = `/api/v1/namespaces/${encodeURIComponent(workload.key.namespace)}/pods`;
      const query = { labelSelector: workload.selector, limit: String(pageSize) };
      const pods: Pod[] = [];
      let token: string | undefined;
      do {
        const next = token ? { continue: token } : {};
        const page = await rest.json({ method: 'GET', path, query: { ...query, ...next } }, signal);
        const { items, metadata } = List.parse(page);
        pods.push(...(items ?? []).map(toPod));
        token = metadata.continue;
      } while (token);
      return pods;
    },
  };
}

/** Images by container name and two annotations for people; never `replicas`. */
function patchBody({ workload, resourceVersion, annotations, moves }: ImagePatch): unknown {
  const images = (init: boolean): unknown[] =>
    moves.filter((move) => move.init === init).map(({ container, to }) => ({ name: container, image: to }));
  const [containers, initContainers] = [images(false), images(true)];
  const podSpec: unknown = {
    ...(containers.length > 0 ? { containers } : {}),
    ...(initContainers.length > 0 ? { initContainers } : {}),
  };
  const within = podSpecPath(workload.kind).reduceRight((inner, field) => ({ [field]: inner }), podSpec);
  return { metadata: { resourceVersion, annotations }, ...(within as object) };
}
