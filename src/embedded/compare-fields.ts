import { isDeepStrictEqual } from 'node:util';
import { node, noFields, type FieldSet } from './field-set.ts';
import { isObject, objectOr, type JsonObject } from './json.ts';
import { ownedKeysOf } from './list-keys.ts';

/** What a write did. */
export interface Comparison {
  /** Fields that are there now, or have another value. */
  readonly set: FieldSet;
  readonly removed: FieldSet;
}

/** Maps that have one owner as a whole, as far as they occur in the pods of workloads. */
const atomicMaps = new Set([
  ...['selector', 'labelSelector', 'namespaceSelector', 'nodeSelector'],
  ...['secretKeyRef', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef', 'fileKeyRef', 'secretRef'],
]);

/** The fields in which two objects differ. `null` is taken for absent. */
export function compareFields(before: unknown, after: unknown): Comparison {
  const { set = noFields, removed = noFields } = compare('', before, after);
  return { set, removed };
}

type Found = Partial<Comparison>;

function compare(field: string, before: unknown, after: unknown): Found {
  if (before === after) return {};
  const parts = atomicMaps.has(field) ? undefined : partsOf(field, before, after);
  if (parts) return compareParts(parts, before, after);
  if (isNothing(after)) return isNothing(before) ? {} : { removed: noFields };
  return isDeepStrictEqual(before, after) ? {} : { set: noFields };
}

/** Fields by what they are called in a `FieldSet`. */
type Parts = ReadonlyMap<string, Part>;

interface Part {
  /** Their own name; empty for an element of a list. */
  readonly field: string;
  readonly value: unknown;
}

function compareParts([old, young]: readonly [Parts, Parts], before: unknown, after: unknown): Found {
  const sets: Record<string, FieldSet> = {};
  const removals: Record<string, FieldSet> = {};
  for (const [element, { field }] of new Map([...old, ...young])) {
    const { set, removed } = compare(field, old.get(element)?.value, young.get(element)?.value);
    if (set) sets[element] = set;
    if (removed) removals[element] = removed;
  }
  const set = node(sets, isNothing(before));
  const removed = node(removals, isNothing(after));
  return { ...(set ? { set } : {}), ...(removed ? { removed } : {}) };
}

/** What is compared part by part; `undefined` for what is one field as a whole. */
function partsOf(field: string, before: unknown, after: unknown): readonly [Parts, Parts] | undefined {
  const keys = ownedKeysOf(field);
  const parts = (value: unknown): Parts | undefined => {
    if (isNothing(value)) return new Map<string, Part>();
    if (isObject(value)) return byName(value);
    return keys && Array.isArray(value) ? byKeys(keys, value) : undefined;
  };
  const [old, young] = [parts(before), parts(after)];
  if (!old || !young || old.size + young.size === 0) return undefined;
  return [old, young];
}

function byName(object: JsonObject): Parts {
  return new Map(Object.entries(object).map(([field, value]) => [`f:${field}`, { field, value }]));
}

/** The elements of a list by their keys; `undefined` when one has none. */
function byKeys(
  keys: NonNullable<ReturnType<typeof ownedKeysOf>>,
  list: readonly unknown[],
): Parts | undefined {
  const parts = new Map<string, Part>();
  for (const value of list) {
    const found = Object.entries(keys).map(([key, other]) => [key, objectOr(value)[key] ?? other] as const);
    if (found.some(([, text]) => text === undefined)) return undefined;
    parts.set(`k:${JSON.stringify(Object.fromEntries(found))}`, { field: '', value });
  }
  return parts;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
