/**
 * Fields of an object, as `fieldsV1` writes them: `f:` and a name, or `k:` and the keys of a list's element, lead to what
 * is below. What nothing is below is a field of the set; a field with others below it says so by `.`.
 * https://pkg.go.dev/sigs.k8s.io/structured-merge-diff/v6/fieldpath
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** No field. */
export const noFields: FieldSet = {};

/** Whether there is no field in a set. */
export function isEmptySet(fields: FieldSet): boolean {
  return Object.keys(fields).length === 0;
}

/** The fields of both. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return isEmptySet(a) ? b : a;
  return unionBelow(a, b, false);
}

function unionBelow(a: FieldSet, b: FieldSet, isField: boolean): FieldSet {
  const below = { ...children(a) };
  for (const [element, fields] of Object.entries(children(b))) {
    const known = below[element];
    below[element] = known ? unionBelow(known, fields, isMember(known) || isMember(fields)) : fields;
  }
  return node(below, isField) ?? noFields;
}

/** The fields of the first that are not in the second. */
export function difference(fields: FieldSet, gone: FieldSet): FieldSet {
  return isEmptySet(gone) ? fields : (differenceBelow(fields, gone, false) ?? noFields);
}

function differenceBelow(fields: FieldSet, gone: FieldSet, isField: boolean): FieldSet | undefined {
  const left = Object.entries(children(fields)).flatMap(([element, inner]) => {
    const minus = Object.hasOwn(gone, element) ? gone[element] : undefined;
    const rest = minus ? differenceBelow(inner, minus, isMember(inner) && !isMember(minus)) : inner;
    return rest ? [[element, rest] as const] : [];
  });
  return node(Object.fromEntries(left), isField);
}

/** A field with those below it; `undefined` when it is none itself and there is none below. */
export function node(below: FieldSet, isField: boolean): FieldSet | undefined {
  if (isEmptySet(below)) return isField ? noFields : undefined;
  return isField ? { '.': noFields, ...below } : below;
}

function isMember(fields: FieldSet): boolean {
  return isEmptySet(fields) || Object.hasOwn(fields, '.');
}

function children(fields: FieldSet): FieldSet {
  return Object.fromEntries(Object.entries(fields).filter(([element]) => element !== '.'));
}
