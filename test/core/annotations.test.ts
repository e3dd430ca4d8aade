import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotationPrefix, readAnnotations } from '../../src/core/annotations.ts';
import { policyModules } from '../../src/core/policies/index.ts';

const names = [
  ...['policy', 'containers', 'tags', 'prereleases', 'hold'],
  ...['approvals', 'window', 'min-age', 'verify', 'pin'],
];
const allowed = policyModules.map(({ usage }) => usage).join(', ');

/** What annotations say, given by names without our prefix. */
function read(annotations: Readonly<Record<string, string>>) {
  const entries = Object.entries(annotations).map(([name, value]) => [`${annotationPrefix}${name}`, value]);
  return readAnnotations(Object.fromEntries(entries) as Record<string, string>);
}

describe('readAnnotations', () => {
  test('of nothing says nothing', () => {
    const rules = readAnnotations({ policy: 'semver', 'other.example/policy': 'semver' });

    expect(rules).toEqual({
      ...{ policy: undefined, preReleases: 'same', tags: undefined, containers: undefined, held: undefined },
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
      preReleases: 'all',
      held: undefined,
    });
    expect(['v1.0', 'xv1.0'].map((tag) => rules.tags?.matcher(tag).find())).toEqual([true, false]);
  });

  test.each(['off', 'same', 'all'])('takes prereleases %s', (prereleases) => {
    const rules = read({ prereleases });

    expect(rules).toMatchObject({ preReleases: prereleases, held: undefined });
  });

  test('keeps a workload with a policy that cannot be read, and holds it', () => {
    const rules = read({ policy: 'yolo' });

    expect(rules.policy?.rank('1.0.0', 'same')).toBe('no-policy');
    expect(rules).toMatchObject({
      policy: { text: 'yolo' },
      held: `annotation updatekate.dev/policy: unknown policy "yolo"; allowed: ${allowed}`,
    });
  });

  test.each([
    ['true', 'annotation updatekate.dev/hold is set'],
    ['', 'annotation updatekate.dev/hold is set'],
    ['until friday', 'annotation updatekate.dev/hold is set'],
    ['false', undefined],
  ])('hold %j holds: %s', (hold, held) => {
    expect(read({ hold }).held).toBe(held);
  });

  test('refuses pre-releases when it cannot read which', () => {
    const rules = read({ prereleases: 'yes' });

    expect(rules).toMatchObject({
      preReleases: 'off',
      held: 'annotation updatekate.dev/prereleases: "yes" is none of off, same, all',
    });
  });

  test.each(['(', 'a(?=b)', '\\1'])('holds on the pattern %s', (tags) => {
    const rules = read({ tags });

    expect(rules.tags).toBeUndefined();
    expect(rules.held).toContain(`annotation updatekate.dev/tags: "${tags}" is not an RE2 pattern (`);
  });

  test.each(['approvals', 'window', 'min-age', 'verify', 'pin'])(
    'holds on %s, which this version does not have',
    (name) => {
      expect(read({ [name]: '1' }).held).toBe(
        `annotation updatekate.dev/${name}: not supported by this version`,
      );
    },
  );

  test('names everything that is wrong', () => {
    const { held } = read({ pin: 'digest', hold: 'true', policy: 'x', prereleases: 'x', tags: '(' });

    expect(held?.split('; annotation ')).toHaveLength(5);
  });

  test('is total: whatever people write is understood or a hold', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('semver', 'all', 'false', '^v'));
    const given = fc.dictionary(fc.constantFrom(...names), texts);

    fc.assert(
      fc.property(given, (annotations) => {
        const rules = read(annotations);

        expect(rules.policy === undefined).toBe(annotations.policy === undefined);
        expect(rules.held === undefined || rules.held.startsWith('annotation ')).toBe(true);
      }),
    );
  });
});
