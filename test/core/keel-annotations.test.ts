import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isKeelKey, readKeelAnnotations, type KeelRules } from '../../src/core/keel-annotations.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Container } from '../../src/core/workload.ts';
import { anyAnnotations } from '../support/annotations.ts';
import { withPrefix } from '../support/targets.ts';

type Texts = Readonly<Record<string, string>>;

const app: Container = { name: 'app', image: 'acme/shop:1.0.0', init: false };
const allowed = 'all, major, minor, patch, force, glob:<pattern>, regexp:<pattern>, never';

function read(annotations: Texts, labels?: Texts): KeelRules {
  const rules = readKeelAnnotations(
    withPrefix('keel.sh/', annotations),
    labels && withPrefix('keel.sh/', labels),
  );
  if (!rules) throw new Error('there is no policy');
  return rules;
}

function policyOf(annotations: Texts, labels?: Texts): Policy | undefined {
  return read(annotations, labels).policyFor(app);
}

test.each([
  ['keel.sh/policy', true],
  ['keel.sh/anything', true],
  ['keel.observer/policy', true],
  ['keel.observer/digest', false],
  ['keel.sh', false],
  ['example.com/keel.sh/policy', false],
])('isKeelKey %s: %s', (key, isKeel) => {
  expect(isKeelKey(key)).toBe(isKeel);
});

describe('the policy', () => {
  test.each<[string, Texts, Texts]>([
    ['nothing', {}, {}],
    ['everything else', { 'keel.sh/approvals': '1', 'keel.sh/matchTag': 'true' }, { app: 'shop' }],
    ['another case', { 'keel.sh/Policy': 'all' }, {}],
  ])('is not in %s', (_what, annotations, labels) => {
    expect(readKeelAnnotations(annotations, labels)).toBeUndefined();
  });

  test.each<[string, Texts, Texts | undefined, string]>([
    ['the annotation', { 'keel.sh/policy': ' minor ' }, undefined, 'keel: minor'],
    ['the label', {}, { 'keel.sh/policy': 'patch' }, 'keel: patch'],
    [
      'the annotation before the label',
      { 'keel.sh/policy': 'all' },
      { 'keel.sh/policy': 'patch' },
      'keel: all',
    ],
    ['the old name', { 'keel.observer/policy': 'major' }, {}, 'keel: major'],
    ['the old name as a label', {}, { 'keel.observer/policy': 'major' }, 'keel: major'],
    ['the new name before it', { 'keel.observer/policy': 'major', 'keel.sh/policy': 'all' }, {}, 'keel: all'],
    [
      'an old annotation before a label',
      { 'keel.observer/policy': 'all' },
      { 'keel.sh/policy': 'patch' },
      'keel: all',
    ],
    ['an empty annotation before a label', { 'keel.sh/policy': '' }, { 'keel.sh/policy': 'patch' }, 'keel: '],
  ])('is read from %s', (_what, annotations, labels, text) => {
    expect(readKeelAnnotations(annotations, labels)?.policyFor(app)?.text).toBe(text);
  });

  test.each([
    'yolo',
    'Minor',
    'glob',
    'glob:a:b',
    'regexp:(',
    `glob:${'a'.repeat(257)}`,
    `regexp:${'a'.repeat(257)}`,
  ])('that cannot be read holds: %s', (policy) => {
    const { policyFor, problems } = read({ policy });

    expect(policyFor(app)?.rank('1.0.0', 'same')).toBe('no-policy');
    expect(problems).toEqual([expect.stringMatching(/^annotation keel\.sh\/policy: /)]);
  });

  test.each([
    [{ policy: 'yolo' }, {}, `annotation keel.sh/policy: unknown policy "yolo"; allowed: ${allowed}`],
    [{}, { policy: 'yolo' }, `label keel.sh/policy: unknown policy "yolo"; allowed: ${allowed}`],
    [{ policy: 'glob:a:b' }, {}, 'annotation keel.sh/policy: glob pattern "a:b": no tag has a colon'],
  ])('that is wrong is told: %j %j', (annotations, labels, problem) => {
    expect(read(annotations, labels).problems).toEqual([problem]);
  });
});

describe('the flags', () => {
  test.each<[Texts, string]>([
    [{ policy: 'force' }, 'keel: force'],
    [{ policy: 'force', matchTag: 'true' }, 'keel: force, matchTag: true'],
    [{ policy: 'force', matchTag: 'false' }, 'keel: force'],
    [{ policy: 'force', 'match-tag': 'true' }, 'keel: force, matchTag: true'],
    [{ policy: 'force', 'match-tag': 'true', matchTag: 'false' }, 'keel: force'],
    [{ policy: 'minor', matchTag: 'true' }, 'keel: minor'],
    [{ policy: 'minor', matchPreRelease: 'false' }, 'keel: minor, matchPreRelease: false'],
    [{ policy: 'minor', matchPreRelease: 'true' }, 'keel: minor'],
    [{ policy: 'all', matchPreRelease: 'false' }, 'keel: all'],
  ])('%j', (annotations, text) => {
    expect(policyOf(annotations)?.text).toBe(text);
    expect(policyOf({}, annotations)?.text).toBe(text);
  });

  test('are read where the policy stands, and nowhere else', () => {
    expect(policyOf({ policy: 'force' }, { matchTag: 'true' })?.text).toBe('keel: force');
    expect(policyOf({ matchTag: 'true' }, { policy: 'force' })?.text).toBe('keel: force');
    expect(policyOf({ policy: 'minor' }, { policy: 'patch', matchPreRelease: 'false' })?.text).toBe(
      'keel: minor',
    );
  });

  test.each(['True', '1', 'no', ''])('hold when they are %j', (flag) => {
    expect(read({ policy: 'force', matchTag: flag }).problems).toEqual([
      `annotation keel.sh/matchTag: "${flag}" is neither true nor false`,
    ]);
    expect(read({}, { policy: 'major', matchPreRelease: flag }).problems).toEqual([
      `label keel.sh/matchPreRelease: "${flag}" is neither true nor false`,
    ]);
  });
});

describe('the containers', () => {
  const containers: readonly Container[] = [
    { ...app, name: 'migrate', init: true },
    app,
    { ...app, name: 'app-proxy' },
    { ...app, name: 'web' },
  ];
  const chosen = (annotations: Texts, labels?: Texts): readonly string[] => {
    const { policyFor } = read({ policy: 'all', ...annotations }, labels);
    return containers.filter((container) => policyFor(container) !== undefined).map(({ name }) => name);
  };

  test.each<[string, Texts, Texts, readonly string[]]>([
    ['all but init containers', {}, {}, ['app', 'app-proxy', 'web']],
    ['init containers too', { initContainers: 'true' }, {}, ['migrate', 'app', 'app-proxy', 'web']],
    ['init containers by label', {}, { initcontainers: 'true' }, ['migrate', 'app', 'app-proxy', 'web']],
    ['no init containers', { initContainers: 'yes' }, {}, ['app', 'app-proxy', 'web']],
    ['names that match somewhere', { monitorContainers: 'app' }, {}, ['app', 'app-proxy']],
    ['one name', { monitorContainers: '^app$' }, {}, ['app']],
    ['names in any case of the key', { monitorcontainers: '^app$' }, {}, ['app']],
    ['names by label', {}, { monitorContainers: 'web' }, ['web']],
    [
      'names by annotation before a label',
      { monitorContainers: 'app$' },
      { monitorContainers: 'web' },
      ['app'],
    ],
    ['init containers that match', { initContainers: 'true', monitorContainers: 'm' }, {}, ['migrate']],
    ['nobody', { monitorContainers: 'zzz' }, {}, []],
  ])('%s: %j %j', (_what, annotations, labels, names) => {
    expect(chosen(annotations, labels)).toEqual(names);
  });

  test('are all held by a pattern that cannot be read', () => {
    expect(chosen({ monitorContainers: '(' })).toEqual(['app', 'app-proxy', 'web']);
    expect(read({ policy: 'all', monitorContainers: '(' }).problems).toEqual([
      expect.stringContaining('annotation keel.sh/monitorContainers: "(" is not an RE2 pattern ('),
    ]);
    expect(read({ policy: 'all' }, { monitorContainers: 'a'.repeat(257) }).problems).toEqual([
      `label keel.sh/monitorContainers: "${'a'.repeat(32)}…" is longer than 256 characters`,
    ]);
  });
});

// Approvals change no target: keel-approvals.test.ts has what they ask for.
test.each([
  ...['trigger', 'pollSchedule', 'notify', 'releaseNotes', 'imagePullSecret', 'imageVolumes', 'digest'],
  ...['approvals', 'approvalDeadline'],
])('%s changes nothing', (name) => {
  const { problems, policyFor } = read({ policy: 'minor', [name]: 'poll' });

  expect(problems).toEqual([]);
  expect(policyFor(app)?.text).toBe('keel: minor');
});

test('is total: whatever stands there is understood or told in printable words', () => {
  fc.assert(
    fc.property(anyAnnotations, anyAnnotations, (annotations, labels) => {
      const rules = readKeelAnnotations({ 'keel.sh/policy': 'all', ...annotations }, labels);
      const policy = rules?.policyFor(app);
      const ranking = policy?.rank('1.0.0', 'same');

      expect(rules).toBeDefined();
      expect(policy?.text ?? '').toMatch(/^[^\p{C}]*$/u);
      expect(['string', 'object', 'undefined']).toContain(typeof ranking);
      for (const problem of rules?.problems ?? [])
        expect(problem).toMatch(/^(annotation|label) keel\.[^\p{C}]+$/u);
    }),
  );
});
