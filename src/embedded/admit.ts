import { isDeepStrictEqual } from 'node:util';
import { badRequest, conflict, modified } from './api-error.ts';
import { firstStatus, withDefaults } from './defaults.ts';
import { validateChange } from './immutable.ts';
import { defined, isObject, objectOr, without, type JsonObject } from './json.ts';
import type { KubeObject, ObjectMeta } from './objects.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import { shortHash } from './template-hash.ts';
import { validate } from './validate.ts';

/** What the server gives to a new object. */
export interface Birth {
  readonly uid: string;
  readonly creationTimestamp: string;
}

/** A client's object as it is stored when it is new. @throws ApiError 400 or 422 */
export function admitNew(
  resource: Resource,
  namespace: string | undefined,
  body: unknown,
  birth: Birth,
): KubeObject {
  const given = asObject(resource, body);
  const meta = objectOr(given.metadata);
  if (namespace !== undefined && (meta.namespace ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const metadata = { ...ownMeta(meta), name: nameOf(meta, birth), ...defined({ namespace }) };
  return validate(resource, newObject(resource, { ...given, metadata }, birth));
}

function nameOf({ name, generateName }: JsonObject, { uid }: Birth): unknown {
  return name ?? (typeof generateName === 'string' ? `${generateName}${shortHash(uid, 5)}` : undefined);
}

/** An object with what the server gives to it. */
export function newObject(resource: Resource, fields: JsonObject, birth: Birth): KubeObject {
  const generation = resource.generation === 'none' ? {} : { generation: 1 };
  const metadata = { ...objectOr(fields.metadata), ...birth, ...generation } as unknown as ObjectMeta;
  const rest = without(fields, 'apiVersion', 'kind', 'metadata', 'status');
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  return withStatus(withDefaults({ ...type, metadata, ...rest }), firstStatus[resource.kind]);
}

/** What a write may change: everything but the status, or the status alone. */
export type Part = 'main' | 'status';

/**
 * A client's new version of `before` as it is stored; `before` itself when nothing differs.
 * @throws ApiError 409 when it was made from another version, 400 or 422 when it is wrong
 */
export function admitChange(resource: Resource, before: KubeObject, body: unknown, part: Part): KubeObject {
  const given = asObject(resource, body);
  checkIdentity(resource, before, objectOr(given.metadata));
  const after = part === 'status' ? withStatus(before, given.status) : edited(before, given);
  if (isDeepStrictEqual(after, before)) return before;
  validateChange(resource, before, validate(resource, after));
  return bumped(resource, before, after);
}

function edited(before: KubeObject, given: JsonObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, generation } = before.metadata;
  const own = objectOr(given.metadata);
  const managedFields = isReset(own.managedFields) ? undefined : before.metadata.managedFields;
  const kept = { namespace, uid, creationTimestamp, generation, resourceVersion, managedFields };
  const metadata = { ...ownMeta(own), name, ...defined(kept) };
  const rest = without(given, 'apiVersion', 'kind', 'metadata', 'status');
  const type = { apiVersion: given.apiVersion as string, kind: given.kind as string };
  return withStatus(withDefaults({ ...type, metadata, ...rest }), before.status);
}

/** How a client asks that nothing be noted of who owns which fields. */
function isReset(managedFields: unknown): boolean {
  return isDeepStrictEqual(managedFields, []) || isDeepStrictEqual(managedFields, [{}]);
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  return { ...(without(object, 'status') as KubeObject), ...defined({ status }) };
}

function bumped(resource: Resource, before: KubeObject, after: KubeObject): KubeObject {
  const content = (object: KubeObject) => without(object, 'metadata', 'status');
  const annotations = ({ metadata }: KubeObject) => metadata.annotations ?? {};
  const bySpec = resource.generation !== 'none' && !isDeepStrictEqual(content(before), content(after));
  const byAnnotations =
    resource.generation === 'spec-and-annotations' &&
    !isDeepStrictEqual(annotations(before), annotations(after));
  if (!bySpec && !byAnnotations) return after;
  return { ...after, metadata: { ...after.metadata, generation: (before.metadata.generation ?? 0) + 1 } };
}

/** The metadata that belongs to the client. */
function ownMeta({ labels, annotations, ownerReferences, finalizers }: JsonObject): JsonObject {
  const given = { labels, annotations, ownerReferences, finalizers };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || isDeepStrictEqual(value, {}) || isDeepStrictEqual(value, [])
  );
}

function checkIdentity(resource: Resource, { metadata }: KubeObject, given: JsonObject): void {
  const { name, namespace, uid, resourceVersion } = metadata;
  if (given.name !== name) {
    throw badRequest(
      `the name of the object (${String(given.name)}) does not match the name on the URL (${name})`,
    );
  }
  if ((given.namespace ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (isSet(given.uid) && given.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${uid ?? ''}`;
    throw conflict(resource, name, why);
  }
  if (isSet(given.resourceVersion) && given.resourceVersion !== resourceVersion)
    throw modified(resource, name);
}

function isSet(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The body as an object that names its type, which a client may leave out. */
function asObject(resource: Resource, body: unknown): JsonObject {
  if (!isObject(body)) throw badRequest('the body is not an object');
  const expected = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  const given = { apiVersion: body.apiVersion ?? expected.apiVersion, kind: body.kind ?? expected.kind };
  if (isDeepStrictEqual(given, expected)) return { ...body, ...expected };
  throw badRequest(
    `the object provided is ${JSON.stringify(given)}, this endpoint takes ${JSON.stringify(expected)}`,
  );
}
