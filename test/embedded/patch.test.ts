import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonPatch } from '../../src/embedded/json-patch.ts';
import { mergePatch } from '../../src/embedded/merge-patch.ts';
import { strategicMerge } from '../../src/embedded/strategic-merge.ts';

const jsonObject = fc.dictionary(fc.string(), fc.jsonValue());
/** JSON without null members: what a merge patch can express. */
const plain = jsonObject.map((object) => withoutNulls(object));

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}

describe('merge patch', () => {
  // The examples of RFC 7396, appendix A.
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a'], { a: 'b' }, { a: 'b' }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j and %j give %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test('applied twice is applied once', () => {
    fc.assert(
      fc.property(jsonObject, jsonObject, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  test('an object without nulls, as a patch of nothing, gives itself', () => {
    fc.assert(fc.property(plain, (object) => expect(mergePatch({}, object)).toEqual(object)));
  });

  test('__proto__ is a key like any other', () => {
    const patched = mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));

    expect(JSON.stringify(patched)).toBe('{"__proto__":{"polluted":true}}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('strategic merge patch', () => {
  const app = {
    name: 'app',
    image: 'app:1',
    env: [{ name: 'A', value: '1' }],
    ports: [{ containerPort: 80 }],
  };
  const side = { name: 'side', image: 'side:1' };
  const pod = { containers: [app, side], volumes: [{ name: 'data', emptyDir: {} }] };

  test.each<[string, object, object]>([
    [
      'one image',
      { containers: [{ name: 'app', image: 'app:2' }] },
      { containers: [{ ...app, image: 'app:2' }, side] },
    ],
    [
      'a new container',
      { containers: [{ name: 'new', image: 'n:1' }] },
      { containers: [app, side, { name: 'new', image: 'n:1' }] },
    ],
    ['a container less', { containers: [{ name: 'app', $patch: 'delete' }] }, { containers: [side] }],
    ['a container that is not there less', { containers: [{ name: 'x', $patch: 'delete' }] }, {}],
    [
      'all containers replaced',
      { containers: [{ name: 'x', image: 'x:1' }, { $patch: 'replace' }] },
      { containers: [{ name: 'x', image: 'x:1' }] },
    ],
    [
      'a variable more',
      { containers: [{ name: 'app', env: [{ name: 'B', value: '2' }] }] },
      { containers: [{ ...app, env: [...app.env, { name: 'B', value: '2' }] }, side] },
    ],
    [
      'another port beside the first',
      { containers: [{ name: 'app', ports: [{ containerPort: 81 }] }] },
      { containers: [{ ...app, ports: [{ containerPort: 80 }, { containerPort: 81 }] }, side] },
    ],
    [
      'a list without a key replaces',
      { containers: [{ name: 'side', args: ['a'] }] },
      { containers: [app, { ...side, args: ['a'] }] },
    ],
    [
      'the order kubectl wants',
      { '$setElementOrder/containers': [{ name: 'side' }, { name: 'app' }] },
      { containers: [side, app] },
    ],
    ['null deletes', { volumes: null }, { volumes: undefined }],
    [
      'another variant of a volume',
      { volumes: [{ name: 'data', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] },
      { volumes: [{ name: 'data', hostPath: { path: '/x' } }] },
    ],
  ])('%s', (_name, patch, changed) => {
    expect(strategicMerge(pod, patch)).toEqual({ ...pod, ...changed });
  });

  test('primitive sets grow, and shrink by directive', () => {
    const grown = strategicMerge({ finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] });
    const shrunk = strategicMerge(grown, { '$deleteFromPrimitiveList/finalizers': ['a'] });

    expect(grown).toEqual({ finalizers: ['a', 'b', 'c'] });
    expect(shrunk).toEqual({ finalizers: ['b', 'c'] });
  });

  test('an element without its key is refused', () => {
    expect(() => strategicMerge(pod, { containers: [{ image: 'x:1' }] })).toThrow('merge key: name');
  });

  test('the empty patch, and the object itself, change nothing', () => {
    const containers = fc.uniqueArray(fc.record({ name: fc.string(), image: fc.string() }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(containers, plain, (list, rest) => {
        const object = { rest, containers: list };
        expect(strategicMerge(object, {})).toEqual(object);
        expect(strategicMerge(object, { containers: list })).toEqual(object);
      }),
    );
  });
});

describe('JSON patch', () => {
  const document = { a: { b: [1, 2] }, 'x/y~z': 1 };

  test.each<[string, object, unknown]>([
    ['add a member', { op: 'add', path: '/c', value: 3 }, { ...document, c: 3 }],
    ['add in front', { op: 'add', path: '/a/b/0', value: 0 }, { ...document, a: { b: [0, 1, 2] } }],
    ['add at the end', { op: 'add', path: '/a/b/-', value: 3 }, { ...document, a: { b: [1, 2, 3] } }],
    ['replace', { op: 'replace', path: '/a/b/1', value: 9 }, { ...document, a: { b: [1, 9] } }],
    ['remove', { op: 'remove', path: '/x~1y~0z' }, { a: { b: [1, 2] } }],
    ['move', { op: 'move', from: '/a/b/0', path: '/a/c' }, { ...document, a: { b: [2], c: 1 } }],
    ['copy', { op: 'copy', from: '/a/b', path: '/c' }, { ...document, c: [1, 2] }],
    ['test', { op: 'test', path: '/a', value: { b: [1, 2] } }, document],
  ])('%s', (_name, operation, expected) => {
    expect(jsonPatch(document, [operation])).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['no array', { op: 'add' }],
    ['no object', [1]],
    ['unknown operation', [{ op: 'increment', path: '/a' }]],
    ['no pointer', [{ op: 'add', path: 'a', value: 1 }]],
    ['no value', [{ op: 'add', path: '/a' }]],
    ['nothing to replace', [{ op: 'replace', path: '/nobody', value: 1 }]],
    ['nothing to remove', [{ op: 'remove', path: '/a/b/2' }]],
    ['beyond the end', [{ op: 'add', path: '/a/b/3', value: 1 }]],
    ['no index', [{ op: 'add', path: '/a/b/01', value: 1 }]],
    ['no container', [{ op: 'add', path: '/a/b/0/c', value: 1 }]],
    ['inherited', [{ op: 'remove', path: '/constructor' }]],
    ['the whole document', [{ op: 'replace', path: '', value: 1 }]],
    ['failed test', [{ op: 'test', path: '/a/b/0', value: 2 }]],
  ])('%s is refused', (_name, operations) => {
    expect(() => jsonPatch(document, operations)).toThrow(expect.objectContaining({ name: 'PatchError' }));
  });

  test('what is added and removed again leaves no trace', () => {
    const key = fc.string({ minLength: 1 }).filter((name) => !/[~/]/.test(name));
    fc.assert(
      fc.property(plain, key, fc.jsonValue(), (object, name, value) => {
        fc.pre(!Object.hasOwn(object as object, name));
        const path = `/${name}`;
        const operations = [
          { op: 'add', path, value },
          { op: 'test', path, value },
          { op: 'remove', path },
        ];
        expect(jsonPatch(object, operations)).toEqual(object);
      }),
    );
  });
});
