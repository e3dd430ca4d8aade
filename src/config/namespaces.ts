import type { Config } from './load.ts';

/** Where workloads are looked for; none = everywhere. */
export function watchedNamespaces({
  namespace,
  namespaces,
}: Pick<Config, 'namespace' | 'namespaces'>): readonly string[] {
  return namespaces?.length === 0 ? [] : [...new Set([namespace, ...(namespaces ?? [])])];
}

/** Namespaces of the file's environments in which nothing is looked for: written wrong, or forgotten elsewhere. */
export function unwatchedNamespaces(
  config: Pick<Config, 'namespace' | 'namespaces'> & { readonly file: Pick<Config['file'], 'environments'> },
): readonly string[] {
  const watched = watchedNamespaces(config);
  if (watched.length === 0) return [];
  const named = Object.values(config.file.environments).flatMap(({ namespaces }) => namespaces);
  return named.filter((name) => !watched.includes(name));
}
