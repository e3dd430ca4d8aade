import type { JsonObject } from './json.ts';
import { qualifiedKind, qualifiedName, type Resource } from './resources.ts';

/** A refusal, in the words of the real API server: a `Status` with a reason and a code. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** One thing wrong with an object. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The `Status` object for a refusal. */
export function statusOf({ code, reason, message, details }: ApiError): JsonObject {
  return { ...statusType, metadata: {}, status: 'Failure', message, reason, details, code };
}

/** The `Status` object that answers a deletion. */
export function success(details: JsonObject): JsonObject {
  return { ...statusType, metadata: {}, status: 'Success', details };
}

const statusType = { kind: 'Status', apiVersion: 'v1' };

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualifiedName(resource)} "${name}" not found`,
    about(resource, name),
  );
}

/** No such route. */
export function unknownPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource';
  return new ApiError(405, 'MethodNotAllowed', message);
}

export function alreadyExists(resource: Resource, name: string): ApiError {
  const message = `${qualifiedName(resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, about(resource, name));
}

/** Somebody else changed the object since it was read. */
export function modified(resource: Resource, name: string): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, name, why);
}

/** A precondition does not hold. */
export function conflict(resource: Resource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, about(resource, name));
}

/** The history a watch or a continued list asks for is gone. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function invalid(resource: Resource, name: string, causes: readonly Cause[]): ApiError {
  const lines = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = lines.length === 1 ? lines.join() : `[${lines.join(', ')}]`;
  const message = `${qualifiedKind(resource)} "${name}" is invalid: ${list}`;
  const details = { name, group: resource.group, kind: resource.kind, causes };
  return new ApiError(422, 'Invalid', message, details);
}

/** A body in a format this endpoint does not read. */
export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

function about(resource: Resource, name: string): JsonObject {
  const group = resource.group === '' ? {} : { group: resource.group };
  return { name, ...group, kind: resource.plural };
}
