import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareFields } from '../../src/embedded/compare-fields.ts';
import { difference, isEmptySet, noFields, union, type FieldSet } from '../../src/embedded/field-set.ts';

/** Every field of a set by its path. */
function pathsOf(fields: FieldSet, path = ''): ReadonlySet<string> {
  const inner = Object.entries(fields);
  if (inner.length === 0) return new Set(path === '' ? [] : [path]);
  return new Set(
    inner.flatMap(([element, below]) =>
      element === '.' ? [path] : [...pathsOf(below, `${path}/${element}`)],
    ),
  );
}

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}');
/** Sets as they are made: one path after the other. */
const sets = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 6 }).map((paths) =>
  paths.reduce<FieldSet>(
    (all, path) =>
      union(
        all,
        path.reduceRight<FieldSet>((below, one) => ({ [one]: below }), noFields),
      ),
    noFields,
  ),
);

describe('sets of fields', () => {
  test('a union has the fields of both', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        expect(pathsOf(union(a, b))).toEqual(new Set([...pathsOf(a), ...pathsOf(b)]));
      }),
    );
  });

  test('a difference has those of the first that are not in the second', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const left = [...pathsOf(a)].filter((path) => !pathsOf(b).has(path));
        expect(pathsOf(difference(a, b))).toEqual(new Set(left));
      }),
    );
  });

  test('what is left of a set without itself is empty', () => {
    fc.assert(fc.property(sets, (a) => expect(isEmptySet(difference(a, a))).toBe(true)));
  });
});

describe('comparing objects', () => {
  const leaf = {};

  test.each<[string, unknown, unknown, FieldSet, FieldSet]>([
    ['nothing', { a: 1 }, { a: 1 }, {}, {}],
    ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, { 'f:b': leaf }, {}],
    ['a field more', { a: 1 }, { a: 1, b: { c: 2 } }, { 'f:b': { '.': leaf, 'f:c': leaf } }, {}],
    ['a field less', { a: 1, b: { c: 2 } }, { a: 1 }, {}, { 'f:b': { '.': leaf, 'f:c': leaf } }],
    ['an empty map more', {}, { a: {} }, { 'f:a': leaf }, {}],
    ['null, which is nothing', { a: null }, { b: null }, {}, {}],
    ['a list without keys', { args: ['a'] }, { args: ['b'] }, { 'f:args': leaf }, {}],
    [
      'an element of a list',
      { env: [{ name: 'A', value: '1' }, { name: 'B' }] },
      { env: [{ name: 'B' }, { name: 'A', value: '2' }] },
      { 'f:env': { 'k:{"name":"A"}': { 'f:value': leaf } } },
      {},
    ],
    [
      'an element more and one less',
      { env: [{ name: 'A' }] },
      { env: [{ name: 'B' }] },
      { 'f:env': { 'k:{"name":"B"}': { '.': leaf, 'f:name': leaf } } },
      { 'f:env': { 'k:{"name":"A"}': { '.': leaf, 'f:name': leaf } } },
    ],
    [
      'ports, which are TCP where they do not say',
      { ports: [{ containerPort: 80 }] },
      {
        ports: [
          { containerPort: 80, name: 'web' },
          { containerPort: 80, protocol: 'UDP' },
        ],
      },
      {
        'f:ports': {
          'k:{"containerPort":80,"protocol":"TCP"}': { 'f:name': leaf },
          'k:{"containerPort":80,"protocol":"UDP"}': {
            '.': leaf,
            'f:containerPort': leaf,
            'f:protocol': leaf,
          },
        },
      },
      {},
    ],
    [
      'elements without their key',
      { env: [{ name: 'A' }] },
      { env: [{ value: 'x' }] },
      { 'f:env': leaf },
      {},
    ],
    ['a selector', { selector: { a: '1' } }, { selector: { a: '1', b: '2' } }, { 'f:selector': leaf }, {}],
    ['another type', { a: { b: 1 } }, { a: [1] }, { 'f:a': leaf }, {}],
    ['a label with the name of a list', { env: 'a' }, { env: 'b' }, { 'f:env': leaf }, {}],
  ])('finds %s', (_what, before, after, set, removed) => {
    expect(compareFields(before, after)).toEqual({ set, removed });
  });

  test('is total, and finds nothing in the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const [one, other] = [after, after].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(compareFields(one, other)).toEqual({ set: {}, removed: {} });
        expect(() => compareFields(before, after)).not.toThrow();
      }),
    );
  });
});
