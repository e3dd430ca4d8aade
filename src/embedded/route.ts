import { resources, type Resource } from './resources.ts';

/** What a path is about: a collection when `name` is absent. */
export interface Route {
  readonly resource: Resource;
  /** Absent for all namespaces and for cluster-scoped resources. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: 'status' | 'scale' | undefined;
}

/** Reads an API path, such as `/apis/apps/v1/namespaces/default/deployments/shop/scale`. */
export function routeOf(pathname: string): Route | undefined {
  const [root, ...parts] = decoded(pathname.split('/').slice(1));
  if (parts.includes('')) return undefined;
  if (root === 'api') return withinVersion('', parts);
  return root === 'apis' ? withinVersion(parts[0] ?? '', parts.slice(1)) : undefined;
}

function withinVersion(group: string, [version, ...rest]: readonly string[]): Route | undefined {
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name, sub, ...more] = inNamespace ? rest.slice(2) : rest;
  const resource = resources.find(
    (one) => one.group === group && one.version === version && one.plural === plural,
  );
  if (!resource || more.length > 0 || !fits(resource, inNamespace, name)) return undefined;
  const subresource = resource.subresources.find((one) => one === sub);
  if (subresource !== sub) return undefined;
  return { resource, namespace: inNamespace ? rest[1] : undefined, name, subresource };
}

/** An object of a namespace is addressed through it; a list of all namespaces is not. */
function fits({ namespaced }: Resource, inNamespace: boolean, name: string | undefined): boolean {
  return namespaced ? inNamespace || name === undefined : !inNamespace;
}

function decoded(parts: readonly string[]): readonly string[] {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
}
