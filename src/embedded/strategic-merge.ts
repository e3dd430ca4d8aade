import { isObject, objectOr, without, type JsonObject } from './json.ts';
import { mergeKeyOf } from './list-keys.ts';
import { PatchError } from './patch-error.ts';

/** Lists of plain values that are sets. */
const mergedSets = new Set(['finalizers']);

const order = '$setElementOrder/';
const deletions = '$deleteFromPrimitiveList/';

/** Applies a strategic merge patch, with the directives that kubectl sends. @throws PatchError */
export function strategicMerge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  if (patch.$patch === 'replace') return without(patch, '$patch');
  if (patch.$patch === 'delete') return {};
  const merged = new Map(Object.entries(retained(objectOr(target), patch.$retainKeys)));
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergeField(key, merged.get(key), value));
  }
  for (const [key, value] of Object.entries(patch)) applyDirective(merged, key, value);
  return Object.fromEntries(merged);
}

/** `$retainKeys` lists the only members that stay, as when a union changes its variant. */
function retained(target: JsonObject, keys: unknown): JsonObject {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function mergeField(field: string, target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) return strategicMerge(target, patch);
  const current: readonly unknown[] = Array.isArray(target) ? target : [];
  if (mergedSets.has(field)) return [...new Set([...current, ...(patch as unknown[])])];
  const key = mergeKeyOf(field);
  return key === undefined ? patch : mergeList(current, patch, key);
}

function mergeList(current: readonly unknown[], patch: readonly unknown[], key: string): readonly unknown[] {
  const elements = patch.map((element) => keyed(element, key));
  if (elements.some(({ $patch }) => $patch === 'replace')) {
    return elements.filter(({ $patch }) => $patch !== 'replace');
  }
  return elements.reduce<readonly unknown[]>((list, element) => mergeElement(list, element, key), current);
}

function keyed(element: unknown, key: string): JsonObject {
  if (isObject(element) && (key in element || element.$patch === 'replace')) return element;
  throw new PatchError(`map: ${JSON.stringify(element)} does not contain declared merge key: ${key}`);
}

function mergeElement(list: readonly unknown[], element: JsonObject, key: string): readonly unknown[] {
  const at = list.findIndex((item) => isObject(item) && item[key] === element[key]);
  if (element.$patch === 'delete') return list.filter((_item, index) => index !== at);
  return at < 0 ? [...list, strategicMerge({}, element)] : list.with(at, strategicMerge(list[at], element));
}

function applyDirective(merged: Map<string, unknown>, directive: string, value: unknown): void {
  if (!Array.isArray(value)) return;
  const field = directive.slice(directive.indexOf('/') + 1);
  const current = merged.get(field);
  if (!Array.isArray(current)) return;
  if (directive.startsWith(order)) merged.set(field, ordered(current, value, mergeKeyOf(field)));
  if (directive.startsWith(deletions)) {
    merged.set(
      field,
      current.filter((item) => !value.includes(item)),
    );
  }
}

/** The elements in the wanted order; those it does not name follow as they were. */
function ordered(list: readonly unknown[], wanted: readonly unknown[], key: string | undefined): unknown[] {
  const keyIn = (item: unknown) => (key === undefined ? item : objectOr(item)[key]);
  const places = wanted.map(keyIn);
  const placeOf = (item: unknown) => {
    const place = places.indexOf(keyIn(item));
    return place < 0 ? places.length : place;
  };
  return list.toSorted((a, b) => placeOf(a) - placeOf(b));
}
