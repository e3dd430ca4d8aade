import type { Config } from './load.ts';

/** The cluster that `UK_CLUSTER` finds; others have names of the file's. */
export const ownCluster = 'default';

/** What of a cluster is watched: these namespaces, or all there are. */
export type WatchedNamespaces = readonly string[] | 'all';

/** Whose changes are told: cluster → namespaces. What is not watched is not there. */
export function watchedPlaces({
  watchNamespaces,
  file,
}: Pick<Config, 'watchNamespaces'> & {
  readonly file: Pick<Config['file'], 'watch'>;
}): ReadonlyMap<string, WatchedNamespaces> {
  const said = new Map<string, WatchedNamespaces>(Object.entries(file.watch));
  if (watchNamespaces === undefined) return said;
  return said.set(ownCluster, together(said.get(ownCluster) ?? [], watchNamespaces));
}

function together(some: WatchedNamespaces, more: WatchedNamespaces): WatchedNamespaces {
  return some === 'all' || more === 'all' ? 'all' : [...new Set([...some, ...more])];
}
