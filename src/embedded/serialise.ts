import type { KubeObject } from './objects.ts';
import { apiVersionOf, type Resource } from './resources.ts';

const texts = new WeakMap<KubeObject, string>();

/** JSON of a stored object, made once however many lists and watches carry it. */
export function serialise(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/**
 * JSON of an object as an item of a list: like the real server, built-in kinds do not repeat their type.
 * Stored objects begin with apiVersion and kind, so the type is a prefix of the text.
 */
export function serialiseItem(resource: Resource, object: KubeObject): string {
  const text = serialise(object);
  const type = JSON.stringify({ apiVersion: apiVersionOf(resource), kind: resource.kind }).slice(0, -1);
  return resource.custom || !text.startsWith(`${type},`) ? text : `{${text.slice(type.length + 1)}`;
}
