import { conflict } from './api-error.ts';
import { objectOr, valueAt } from './json.ts';
import type { KubeObject } from './objects.ts';
import { resources, type Resource } from './resources.ts';
import type { State, Stored } from './state.ts';

/**
 * Removes an object at once, with what it controls unless `options` (a `DeleteOptions`) say `Orphan`.
 * Answers it as it was. @throws ApiError 409 when a precondition in `options` does not hold
 */
export function removeObject(state: State, stored: Stored, options: unknown): KubeObject {
  checkPreconditions(stored, objectOr(valueAt(options, 'preconditions')));
  if (valueAt(options, 'dryRun') !== undefined) return stored.object;
  if (valueAt(options, 'propagationPolicy') !== 'Orphan') return removeTree(state, stored);
  return removeOne(state, stored);
}

function checkPreconditions({ resource, object }: Stored, wanted: Readonly<Record<string, unknown>>): void {
  const { name, uid, resourceVersion } = object.metadata;
  check('UID', wanted.uid, uid);
  check('ResourceVersion', wanted.resourceVersion, resourceVersion);

  function check(field: string, value: unknown, actual = ''): void {
    if (value === undefined || value === actual) return;
    const given = typeof value === 'string' ? value : JSON.stringify(value);
    const why = `Precondition failed: ${field} in precondition: ${given}, ${field} in object meta: ${actual}`;
    throw conflict(resource, name, why);
  }
}

function removeOne(state: State, { resource, object }: Stored): KubeObject {
  const { name, namespace = '' } = object.metadata;
  return state.remove(resource, namespace, name) ?? object;
}

function removeTree(state: State, stored: Stored): KubeObject {
  const removed = removeOne(state, stored);
  for (const child of childrenOf(state, stored)) removeTree(state, child);
  return removed;
}

/** What an object controls, or what lies in a namespace. */
function childrenOf(state: State, { resource, object }: Stored): readonly Stored[] {
  if (resource.kind !== 'Namespace') return state.ownedBy(object.metadata.uid ?? '');
  return resources.flatMap((inside) => within(state, inside, object.metadata.name));
}

function within(state: State, resource: Resource, namespace: string): readonly Stored[] {
  const objects = state.list(resource).filter(({ metadata }) => metadata.namespace === namespace);
  return objects.map((object) => ({ resource, object }));
}
