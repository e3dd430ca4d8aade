import { deployment, ownRepository } from '../fake-api/deployment.ts';
import { inParallel } from './in-parallel.ts';
import type { Cluster } from './open.ts';

/** Makes so many Deployments that are targets, each of a repository of its own; returns the repositories. */
export async function createTargets({ rest, namespace }: Cluster, count: number): Promise<readonly string[]> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { signal } = new AbortController();
  const names = Array.from({ length: count }, (_, n) => `app-${n}`);
  await inParallel(names, (name) => {
    const { apiVersion, kind, metadata, spec } = deployment(name, ownRepository(name), 1);
    // The rest of the metadata, and the status, are the server's to write.
    const { annotations } = metadata;
    const body = { apiVersion, kind, metadata: { name, annotations }, spec };
    return rest.json({ method: 'POST', path, body }, signal);
  });
  return names.map(ownRepository);
}
