import { admitChange, admitNew, type Part } from './admit.ts';
import { alreadyExists, invalid, notFound } from './api-error.ts';
import { timestamp } from './clock.ts';
import { isObject, valueAt } from './json.ts';
import { listObjects, type Listing, type Page, type Selection } from './list.ts';
import { withOwners } from './managed-fields.ts';
import type { KubeObject } from './objects.ts';
import { applyPatch } from './patch.ts';
import { removeObject } from './remove.ts';
import { resourceNamed, type Resource } from './resources.ts';
import { scaleOf, withScale } from './scale.ts';
import type { State } from './state.ts';

/** One object, or one of its subresources. */
export interface Target {
  readonly resource: Resource;
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: 'status' | 'scale' | undefined;
}

/** How a write is done. */
export interface WriteOptions {
  /** Whether to check and answer only. */
  readonly dryRun: boolean;
  /** Under which name it is noted who owns the fields that are set. */
  readonly manager: string;
}

/** The verbs of the Kubernetes API over the state. All throw ApiError. */
export interface Api {
  get(target: Target): KubeObject;
  list(selection: Selection, page: Page): Listing;
  create(target: Omit<Target, 'name' | 'subresource'>, body: unknown, options: WriteOptions): KubeObject;
  update(target: Target, body: unknown, options: WriteOptions): KubeObject;
  patch(target: Target, mediaType: string, body: unknown, options: WriteOptions): KubeObject;
  /** Removes the object and, unless `options` say `Orphan`, what it controls. Answers it as it was. */
  remove(target: Target, options: unknown): KubeObject;
}

/** The API over `state`; `uid` makes a new unique id at every call. */
export function createApi(state: State, now: () => Date, uid: () => string): Api {
  const find = ({ resource, namespace, name }: Target): KubeObject => {
    const found = state.get(resource, namespace, name);
    if (!found) throw notFound(resource, name);
    return found;
  };
  const save = (
    { resource, subresource }: Target,
    before: KubeObject,
    body: unknown,
    { dryRun, manager }: WriteOptions,
  ) => {
    const part: Part = subresource === 'status' ? 'status' : 'main';
    const whole = subresource === 'scale' ? withScale(before, body) : body;
    const admitted = admitChange(resource, before, whole, part);
    if (admitted === before) return seen(subresource, before);
    const after = withOwners(before, admitted, { manager, subresource, now: now() });
    return seen(subresource, dryRun ? after : state.put(resource, after));
  };
  return {
    get: (target) => seen(target.subresource, find(target)),
    list: (selection, page) => listObjects(state, selection, page),
    create: ({ resource, namespace }, body, { dryRun, manager }) => {
      checkNamespaceExists(state, namespace);
      const birth = { uid: uid(), creationTimestamp: timestamp(now()) };
      const admitted = admitNew(resource, resource.namespaced ? namespace : undefined, body, birth);
      const object = withOwners(undefined, admitted, { manager, subresource: undefined, now: now() });
      const { name } = object.metadata;
      if (state.get(resource, namespace, name)) throw alreadyExists(resource, name);
      return dryRun ? object : state.put(resource, object);
    },
    update: (target, body, options) => {
      const before = find(target);
      checkUpdatable(target.resource, target.name, body);
      return save(target, before, body, options);
    },
    patch: (target, mediaType, body, options) => {
      const before = find(target);
      const patched = applyPatch(target.resource, seen(target.subresource, before), mediaType, body);
      return save(target, before, patched, options);
    },
    remove: (target, options) => {
      return removeObject(state, { resource: target.resource, object: find(target) }, options);
    },
  };
}

function seen(subresource: Target['subresource'], object: KubeObject): KubeObject {
  return subresource === 'scale' ? scaleOf(object) : object;
}

function checkNamespaceExists(state: State, namespace: string): void {
  const namespaces = resourceNamed('namespaces');
  if (namespace !== '' && !state.get(namespaces, '', namespace)) throw notFound(namespaces, namespace);
}

/** Kinds that must not be overwritten blindly: a PUT has to say which version it was made from. */
function checkUpdatable(resource: Resource, name: string, body: unknown): void {
  const version = isObject(body) ? valueAt(body, 'metadata.resourceVersion') : undefined;
  const guarded = resource.custom || resource.kind === 'Lease';
  if (!guarded || (version !== undefined && version !== '')) return;
  const message = 'Invalid value: 0: must be specified for an update';
  throw invalid(resource, name, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
  ]);
}
