import { isDeepStrictEqual } from 'node:util';
import { isObject, without, type JsonObject } from './json.ts';
import { PatchError } from './patch-error.ts';

/** Applies a JSON patch (RFC 6902). @throws PatchError when an operation cannot be done or a test fails */
export function jsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new PatchError('a JSON patch is an array of operations');
  return operations.reduce<unknown>(apply, document);
}

function apply(document: unknown, operation: unknown): unknown {
  if (!isObject(operation)) throw new PatchError('an operation is an object');
  const path = pointer(operation, 'path');
  switch (operation.op) {
    case 'add':
      return edit(document, path, insert(operand(operation)));
    case 'replace':
      return edit(document, path, replace(operand(operation)));
    case 'remove':
      return edit(document, path, remove);
    case 'move': {
      const from = pointer(operation, 'from');
      return edit(edit(document, from, remove), path, insert(read(document, from)));
    }
    case 'copy':
      return edit(document, path, insert(read(document, pointer(operation, 'from'))));
    case 'test':
      if (isDeepStrictEqual(read(document, path), operand(operation))) return document;
      throw new PatchError(`testing value ${text(operation.path)} failed`);
    default:
      throw new PatchError(`unexpected kind: ${text(operation.op)}`);
  }
}

/** Changes one member of its parent and answers the new parent. */
type Edit = (parent: unknown, key: string) => unknown;

function edit(node: unknown, path: readonly string[], change: Edit): unknown {
  const [key, ...rest] = path;
  if (key === undefined) throw new PatchError('the document as a whole cannot be changed');
  if (rest.length === 0) return change(node, key);
  return replace(edit(child(node, key), rest, change))(node, key);
}

function insert(value: unknown): Edit {
  return (parent, key) => {
    if (isList(parent)) return parent.toSpliced(position(parent, key, parent.length), 0, value);
    return { ...container(parent, key), [key]: value };
  };
}

function replace(value: unknown): Edit {
  return (parent, key) => {
    child(parent, key);
    if (isList(parent)) return parent.with(position(parent, key, parent.length - 1), value);
    return { ...container(parent, key), [key]: value };
  };
}

function remove(parent: unknown, key: string): unknown {
  child(parent, key);
  if (isList(parent)) return parent.toSpliced(position(parent, key, parent.length - 1), 1);
  return without(container(parent, key), key);
}

function read(document: unknown, path: readonly string[]): unknown {
  return path.reduce(child, document);
}

function child(parent: unknown, key: string): unknown {
  if (isList(parent)) return parent[position(parent, key, parent.length - 1)];
  const object = container(parent, key);
  if (!Object.hasOwn(object, key)) throw new PatchError(`missing path: ${text(key)}`);
  return object[key];
}

function container(parent: unknown, key: string): JsonObject {
  if (!isObject(parent)) throw new PatchError(`missing path: nothing to hold ${text(key)}`);
  return parent;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The index a key means; `-` is the end, where `last` allows it. */
function position(list: readonly unknown[], key: string, last: number): number {
  const index = key === '-' ? list.length : /^(0|[1-9]\d*)$/.test(key) ? Number(key) : NaN;
  if (!(index <= last)) throw new PatchError(`invalid array index: ${text(key)}`);
  return index;
}

function operand(operation: JsonObject): unknown {
  if (!Object.hasOwn(operation, 'value')) throw new PatchError('the operation has no value');
  return operation.value;
}

/** The parts of a JSON pointer (RFC 6901). */
function pointer(operation: JsonObject, field: 'path' | 'from'): readonly string[] {
  const path = operation[field];
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
    throw new PatchError(`${field} is no JSON pointer: ${text(path)}`);
  }
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
