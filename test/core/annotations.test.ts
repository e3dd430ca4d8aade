import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinProblems, printable } from '../../src/core/annotation-values.ts';
import { readAnnotations } from '../../src/core/annotations.ts';
import { policyModules } from '../../src/core/policies/index.ts';
import { anyAnnotations } from '../support/annotations.ts';
import { withPrefix } from '../support/targets.ts';

const allowed = policyModules.map(({ usage }) => usage).join(', ');
const containers = [{ name: 'web' }, { name: 'proxy' }];

/** What annotations say, given by names without our prefix, of a workload with the containers `web` and `proxy`. */
function read(annotations: Readonly<Record<string, string>>) {
  return readAnnotations(withPrefix('updatekate.dev/', annotations), containers);
}

describe('readAnnotations', () => {
  test('of nothing says nothing', () => {
    const rules = readAnnotations({ policy: 'semver', 'other.example/policy': 'semver' }, containers);

    expect(rules).toEqual({
      ...{ policy: undefined, preReleases: undefined, tags: undefined, containers: undefined },
      ...{ own: new Map(), hasPolicy: false, problems: [] },
    });
  });

  test('reads every annotation, without the spaces around it', () => {
    const rules = read({
      policy: ' minor ',
      containers: ' web , proxy',
      tags: '^v1',
      prereleases: 'all',
      hold: 'false',
    });

    expect(rules).toMatchObject({
      policy: { text: 'minor' },
      containers: ['web', 'proxy'],
      ...{ preReleases: 'all', hasPolicy: true, problems: [] },
    });
    expect(['v1.0', 'xv1.0'].map((tag) => rules.tags?.matcher(tag).find())).toEqual([true, false]);
  });

  test.each(['off', 'same', 'all'])('takes prereleases %s', (prereleases) => {
    expect(read({ prereleases })).toMatchObject({ preReleases: prereleases, problems: [] });
  });

  test('has no policy without one, whatever else is said', () => {
    expect(read({ prereleases: 'all', 'tags.web': '^v', hold: 'true' }).hasPolicy).toBe(false);
  });

  test('keeps a workload with a policy that cannot be read, and holds it', () => {
    const rules = read({ policy: 'yolo' });

    expect(rules.policy?.rank('1.0.0', 'same')).toBe('no-policy');
    expect(rules).toMatchObject({
      ...{ policy: { text: 'yolo' }, hasPolicy: true },
      problems: [`annotation updatekate.dev/policy: unknown policy "yolo"; allowed: ${allowed}`],
    });
  });

  test('reads no policy of any length', () => {
    const { problems, policy } = read({ policy: `semver:${' '.repeat(200)}^1${' '.repeat(200)}.0` });

    expect(problems).toEqual(['annotation updatekate.dev/policy: longer than 300 characters']);
    expect(policy?.rank('1.0.0', 'same')).toBe('no-policy');
  });

  test.each([
    ['true', ['annotation updatekate.dev/hold is set']],
    ['', ['annotation updatekate.dev/hold is set']],
    ['until friday', ['annotation updatekate.dev/hold is set']],
    ['false', []],
  ])('hold %j: %j', (hold, problems) => {
    expect(read({ hold }).problems).toEqual(problems);
  });

  test('refuses pre-releases when it cannot read which', () => {
    expect(read({ prereleases: 'yes' })).toMatchObject({
      preReleases: 'off',
      problems: ['annotation updatekate.dev/prereleases: "yes" is none of off, same, all'],
    });
  });

  test.each(['(', 'a(?=b)', '\\1'])('holds on the pattern %s', (tags) => {
    const rules = read({ tags });

    expect(rules.tags).toBeUndefined();
    expect(rules.problems).toEqual([
      expect.stringContaining(`annotation updatekate.dev/tags: "${tags}" is not an RE2 pattern (`),
    ]);
  });

  test('holds on a pattern of more than 256 characters', () => {
    expect(read({ tags: 'a'.repeat(256) }).problems).toEqual([]);
    expect(read({ tags: 'a'.repeat(257) }).problems).toEqual([
      `annotation updatekate.dev/tags: "${'a'.repeat(32)}…" is longer than 256 characters`,
    ]);
  });

  test.each([
    ['web, web1', 'web1'],
    ['', ''],
    ['web,', ''],
    ['web proxy', 'web proxy'],
    ['Web', 'Web'],
  ])('containers %j: "%s" is told', (names, missing) => {
    expect(read({ containers: names }).problems).toEqual([
      `annotation updatekate.dev/containers: there is no container "${missing}", only web, proxy`,
    ]);
  });

  test.each(['window', 'min-age', 'verify', 'pin', 'pin.web', 'window.nobody'])(
    'holds on %s, which this version does not have',
    (name) => {
      expect(read({ [name]: '1' }).problems).toEqual([
        `annotation updatekate.dev/${name}: not supported by this version`,
      ]);
    },
  );

  test.each([
    ['prerelease', 'prereleases'],
    ['preReleases.web', 'prereleases'],
    ['Policy', 'policy'],
    ['min_age', 'min-age'],
    ['tag', 'tags'],
    ['holds', 'hold'],
  ])('tells the slip of the pen in %s', (name, meant) => {
    expect(read({ [name]: 'semver' }).problems).toEqual([
      `annotation updatekate.dev/${name}: unknown annotation; updatekate.dev/${meant} is known`,
    ]);
  });

  test.each(['update', 'approvers', 'approval-deadline', 'rollback', 'notify', 'colour', 'colour.web', ''])(
    'has nothing to say of %j',
    (name) => {
      expect(read({ [name]: 'x' })).toMatchObject({ hasPolicy: false, problems: [] });
    },
  );

  test('names everything that is wrong', () => {
    const { problems } = read({ pin: 'digest', hold: 'true', policy: 'x', prereleases: 'x', tags: '(' });

    expect(problems).toHaveLength(5);
  });
});

describe('annotations of one container', () => {
  test('are its own', () => {
    const { own, policy, hasPolicy, problems } = read({
      ...{ 'policy.web': ' patch ', 'tags.web': '^v', 'prereleases.web': 'off', 'policy.proxy': 'none' },
    });

    expect({ policy, hasPolicy, problems }).toEqual({ policy: undefined, hasPolicy: true, problems: [] });
    expect([...own.keys()]).toEqual(['web', 'proxy']);
    expect(own.get('web')).toMatchObject({ policy: { text: 'patch' }, preReleases: 'off' });
    expect(own.get('web')?.tags?.pattern()).toBe('^v');
    expect(own.get('proxy')).toMatchObject({
      ...{ policy: { text: 'none' }, preReleases: undefined, tags: undefined },
    });
  });

  test.each([
    ['policy.webb', 'webb'],
    ['tags.webb', 'webb'],
    ['prereleases.webb', 'webb'],
    ['policy.web.1', 'web.1'],
    ['policy.', ''],
    ['policy.__proto__', '__proto__'],
  ])('%s: there is no such container', (name, missing) => {
    expect(read({ [name]: 'all' }).problems).toContain(
      `annotation updatekate.dev/${name}: there is no container "${missing}", only web, proxy`,
    );
  });

  test.each(['hold', 'containers', 'notify', 'rollback'])('cannot be %s', (name) => {
    expect(read({ [`${name}.web`]: 'true' }).problems).toEqual([
      `annotation updatekate.dev/${name}.web: only policy, tags, prereleases can be of one container`,
    ]);
  });

  test('say which of them is wrong', () => {
    const { problems } = read({ 'policy.web': 'yolo', 'tags.web': '(', 'prereleases.proxy': 'maybe' });

    expect(problems).toEqual([
      `annotation updatekate.dev/policy.web: unknown policy "yolo"; allowed: ${allowed}`,
      expect.stringContaining('annotation updatekate.dev/tags.web: "(" is not an RE2 pattern ('),
      'annotation updatekate.dev/prereleases.proxy: "maybe" is none of off, same, all',
    ]);
  });
});

describe('readAnnotations, whatever people write,', () => {
  test('understands it or says in printable words what is wrong', () => {
    fc.assert(
      fc.property(anyAnnotations, (annotations) => {
        const { problems, hasPolicy } = readAnnotations(annotations, containers);

        const keys = Object.keys(annotations).filter((key) => /^updatekate\.dev\/policy(\.|$)/.test(key));
        expect(hasPolicy).toBe(keys.length > 0);
        for (const problem of problems) expect(problem).toMatch(/^annotation updatekate\.dev\/[^\p{C}]*$/u);
        expect(Math.max(0, ...problems.map(({ length }) => length))).toBeLessThan(10_000);
      }),
    );
  });

  test('looks at the names of the annotations once, and at no value, when none is ours', () => {
    const looks: string[] = [];
    const theirs = new Proxy({ 'kubectl.kubernetes.io/last-applied-configuration': '{}' } as const, {
      ownKeys(object) {
        looks.push('ownKeys');
        return Reflect.ownKeys(object);
      },
      get(object, key) {
        looks.push(`get ${String(key)}`);
        return Reflect.get(object, key) as unknown;
      },
    });

    readAnnotations(theirs, containers);

    expect(looks).toEqual(['ownKeys']);
  });
});

describe('printable', () => {
  test.each([
    ['a\u0000b\n', 'a\\u{0}b\\u{a}'],
    ['\u202Egnp', '\\u{202e}gnp'],
    ['\u2028', '\\u{2028}'],
    ['\uD800', '\\u{d800}'],
    ['ß 🚀 "\\d"', 'ß 🚀 "\\d"'],
  ])('%j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('cuts what is very long', () => {
    expect(printable('a'.repeat(1001))).toBe(`${'a'.repeat(1000)}…`);
  });
});

describe('joinProblems', () => {
  const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `p${i + 1}`);

  test.each([
    [0, undefined],
    [1, 'p1'],
    [2, 'p1; p2'],
    [10, 'p1; p2; p3; p4; p5; p6; p7; p8; p9; p10'],
    [12, 'p1; p2; p3; p4; p5; p6; p7; p8; p9; p10; and 2 more'],
  ])('of %d', (count, line) => {
    expect(joinProblems(many(count))).toBe(line);
  });
});

test.each([
  ...['policy', 'policy.<container>', 'tags', 'tags.<container>', 'prereleases', 'prereleases.<container>'],
  ...['containers', 'hold', 'update', 'approvals'],
])('docs/annotations.md has updatekate.dev/%s', (name) => {
  const docs = readFileSync(new URL('../../docs/annotations.md', import.meta.url), 'utf8');

  expect(docs).toContain(`\`updatekate.dev/${name}\``);
});

test('docs/annotations.md has the names that do nothing yet, and those that hold', () => {
  const docs = readFileSync(new URL('../../docs/annotations.md', import.meta.url), 'utf8');
  const names = [
    'approvers',
    'approval-deadline',
    'rollback',
    'notify',
    'window',
    'min-age',
    'verify',
    'pin',
  ];

  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});
