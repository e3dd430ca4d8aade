import { z } from 'zod';
import { section } from '../../core/section.ts';
import { ownCluster } from '../watched.ts';
import { allowedName, name, named } from './name.ts';
import type { Problem } from './problem.ts';

const allowedCluster = `${allowedName}, and not ${ownCluster}: that is the one that UK_CLUSTER finds`;
const clusterName = name.refine((given) => given !== ownCluster, allowedCluster);

const allowedFile = 'a kubeconfig file';
const allowedContext = 'the name of a context in it';

/** `clusters:` name → where the credentials of a further cluster are. */
export const Clusters = named(
  'clusters',
  section({
    kubeconfig: z.string(allowedFile).min(1, allowedFile),
    context: z.string(allowedContext).min(1, allowedContext).optional(),
  }),
  clusterName,
);

const allowedNamespaces = "a list of namespaces, or ['*'] for all there are";

/** A list of namespaces, each once; the star stands alone, so that nobody believes the others mean something. */
const namespaces = z
  .array(z.union([z.literal('*'), name], allowedNamespaces), allowedNamespaces)
  .min(1, allowedNamespaces)
  .refine((given) => given.length === 1 || !given.includes('*'), allowedNamespaces)
  .transform((given): readonly string[] | 'all' => (given.includes('*') ? 'all' : [...new Set(given)]));

/** `watch:` cluster → namespaces whose changes are told. */
export const Watch = z.record(name, namespaces, { error: 'namespaces by cluster' });

/** What is to be watched in clusters that are not there. */
export function unknownClusters({
  clusters,
  watch,
}: {
  readonly clusters: Readonly<Record<string, unknown>>;
  readonly watch: Readonly<Record<string, unknown>>;
}): readonly Problem[] {
  const known = [ownCluster, ...Object.keys(clusters)];
  return Object.keys(watch)
    .filter((cluster) => !known.includes(cluster))
    .map((cluster) => ({
      path: ['watch', cluster],
      what: `there is no such cluster; allowed: ${known.join(', ')}`,
    }));
}
