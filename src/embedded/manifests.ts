import { parseAllDocuments, type Document } from 'yaml';
import { AppError, messageOf } from '../core/errors.ts';
import { isObject, objectOr, type JsonObject } from './json.ts';
import { apiVersionOf, resources, type Resource } from './resources.ts';

/** Text with objects for the embedded cluster, and where it came from. */
export interface Manifests {
  /** Name for messages. */
  readonly file: string;
  /** YAML of one or more documents, or JSON; lists are taken apart. */
  readonly text: string;
}

/** One object out of a text. */
export interface Manifest {
  readonly resource: Resource;
  readonly namespace: string;
  readonly object: JsonObject;
  /** Which one it is, for messages. */
  readonly origin: string;
}

/** Reads the objects of a text. @throws AppError `bad-config` naming the file, the document and what is allowed */
export function readManifests({ file, text }: Manifests): readonly Manifest[] {
  const documents = jsonDocument(text) ?? yamlDocuments(file, text);
  return documents.flatMap((value, index) => {
    return value === null || value === undefined ? [] : flattened(value, `${file}: document ${index + 1}`);
  });
}

/** JSON is YAML too, but thousands of objects are read much faster as what they are. */
function jsonDocument(text: string): readonly unknown[] | undefined {
  try {
    return [JSON.parse(text) as unknown];
  } catch {
    return undefined;
  }
}

function yamlDocuments(file: string, text: string): readonly unknown[] {
  const documents: readonly Document[] = [...parseAllDocuments(text)];
  return documents.map((document, index) => {
    try {
      const [error] = document.errors;
      if (error) throw error;
      return document.toJS() as unknown;
    } catch (cause) {
      const message = `${file}: document ${index + 1}: no YAML or JSON: ${messageOf(cause)}`;
      throw new AppError('bad-config', message, { cause });
    }
  });
}

function flattened(value: unknown, origin: string): readonly Manifest[] {
  if (!isObject(value)) throw wrong(origin, 'is not an object');
  const { kind, items } = value;
  if (typeof kind !== 'string' || !kind.endsWith('List')) return [manifest(value, origin)];
  if (!Array.isArray(items)) throw wrong(origin, `${kind} has no items`);
  return items.flatMap((item, index) => flattened(item, `${origin}, item ${index + 1}`));
}

function manifest(object: JsonObject, origin: string): Manifest {
  const { apiVersion, kind } = object;
  const resource = resources.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  if (!resource) throw wrong(origin, `${text(apiVersion)} ${text(kind)} is not served`);
  const { namespace } = objectOr(object.metadata);
  const inNamespace = typeof namespace === 'string' ? namespace : 'default';
  return { resource, namespace: resource.namespaced ? inNamespace : '', object, origin };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '(none)';
}

function wrong(origin: string, what: string): AppError {
  const kinds = resources.map((resource) => `${apiVersionOf(resource)} ${resource.kind}`);
  const allowed = `allowed are ${kinds.join(', ')} and a List of them`;
  return new AppError('bad-config', `${origin}: ${what}; ${allowed}`);
}
