import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { semverPolicy } from '../../../src/core/policies/semver.ts';
import type { Policy, PreReleases, Ranking } from '../../../src/core/policy.ts';
import { compareVersions, parseVersion } from '../../../src/core/version.ts';
import { policyOf } from '../../support/builders.ts';
import { anyTags, closeTags } from '../../support/tags.ts';

const policies = fc
  .constantFrom('semver', 'major', 'minor', 'patch', 'semver:^1.0', 'semver:>=0.1')
  .map(policyOf);
const preReleaseModes = fc.constantFrom<PreReleases>('off', 'same', 'all');

/** The policy seen from a tag that it can compare. */
function rankingOf(policy: Policy, current: string, preReleases: PreReleases = 'same'): Ranking {
  const ranking = policy.rank(current, preReleases);
  if (typeof ranking === 'string') throw new Error(ranking);
  return ranking;
}

/** What `tags` come to: the highest that is not refused. */
function pick(ranking: Ranking, tags: readonly string[]): string | undefined {
  return tags.filter((tag) => ranking.refuse(tag) === undefined).sort(ranking.compare)[tags.length - 1];
}

describe('read', () => {
  test.each([
    ['semver', undefined, 'semver'],
    ['semver', '^1.2', 'semver:^1.2'],
    ['semver', '', 'semver:'],
    ['major', undefined, 'major'],
    ['minor', undefined, 'minor'],
    ['patch', undefined, 'patch'],
  ])('%s with %s is written %s', (name, argument, text) => {
    const policy = semverPolicy.read(name, argument);

    expect(policy).toMatchObject({ text });
  });

  test.each([
    ['major', '1', 'major takes no argument'],
    ['patch', '', 'patch takes no argument'],
    ['semver', 'one.two', '"one.two" is not a version range (https://github.com/npm/node-semver#ranges)'],
  ])('%s with %j is refused', (name, argument, why) => {
    const policy = semverPolicy.read(name, argument);

    expect(policy).toBe(why);
  });
});

describe('refuse', () => {
  test.each<[string, string, string, PreReleases, string | undefined]>([
    ['semver', '1.0.0', '1.0.1', 'same', undefined],
    ['semver', '1.0.0', '2.0.0', 'same', undefined],
    ['semver', '1.0.0', 'v1.0.1', 'same', undefined],
    ['semver', '1.0.0', '1.0.0', 'same', 'not-newer'],
    ['semver', '1.0.0', 'v1.0.0', 'same', 'not-newer'],
    ['semver', 'v1.0.0', '0.0.1', 'same', 'not-newer'],
    ['semver', '1.0.0', 'latest', 'same', 'not-a-version'],
    ['semver', '1.26', '1.27.3', 'same', 'other-shape'],
    ['semver', '1', '20240101', 'same', 'other-shape'],
    ['semver', '1.0.0', '1.1.0-alpine', 'same', 'other-flavour'],
    ['semver', '1.0.0-alpine', '1.1.0', 'same', 'other-flavour'],
    ['semver', '1.0.0-alpine', '1.1.0-alpine', 'same', undefined],
    ['semver', '1.0.0-debian-12-r9', '1.0.0-debian-12-r10', 'same', undefined],
    ['semver', '1.0.0', '1.1.0-rc.1', 'same', 'pre-release'],
    ['semver', '1.0.0', '1.1.0-rc.1', 'off', 'pre-release'],
    ['semver', '1.0.0', '1.1.0-rc.1', 'all', undefined],
    ['semver', '1.0.0-rc.1', '1.0.0-rc.2', 'same', undefined],
    ['semver', '1.0.0-rc.1', '1.0.0', 'same', undefined],
    ['semver', '1.0.0-rc.1', '1.0.0-rc.2', 'off', 'pre-release'],
    ['semver', '1.0.0-rc.1', '1.1.0-beta.1', 'same', 'other-channel'],
    ['semver', '1.0.0-rc.1', '1.1.0-beta.1', 'all', undefined],
    ['semver', '1.0.0-rc.1', '1.0.0-beta.1', 'all', 'not-newer'],
    ['semver:^1.2', '1.2.0', '1.9.0', 'same', undefined],
    ['semver:^1.2', '1.2.0', '2.0.0', 'same', 'out-of-range'],
    ['semver:^1.2', '1.2', '1.3', 'same', undefined],
    ['semver:^1.2', '1.2.0.1', '1.3.0.4', 'same', undefined],
    ['semver:~1.2.0', '1.2.0', '1.3.0-rc.1', 'all', 'out-of-range'],
    ['semver:^1.2', '1.2.0', '1.3.0-rc.1', 'all', undefined],
    ['major', '1.0.0', '2.0.0', 'same', undefined],
    ['minor', '1.0.0', '1.9.0', 'same', undefined],
    ['minor', '1.0.0', '2.0.0', 'same', 'out-of-range'],
    ['patch', '1.0.0', '1.0.9', 'same', undefined],
    ['patch', '1.0.0', '1.1.0', 'same', 'out-of-range'],
    ['patch', '1.0.0', '2.0.1', 'same', 'out-of-range'],
  ])('%s at %s, tag %s, pre-releases %s: %s', (policy, current, tag, preReleases, reason) => {
    const ranking = rankingOf(policyOf(policy), current, preReleases);

    expect(ranking.refuse(tag)).toBe(reason);
  });

  test.each(['latest', 'main', '0e2a89b', ''])('says that nothing compares with %j', (current) => {
    const ranking = policyOf('semver').rank(current, 'same');

    expect(ranking).toBe('current-not-comparable');
  });

  test('never lets a tag pass that is not above the running one', () => {
    fc.assert(
      fc.property(policies, closeTags, anyTags, preReleaseModes, (policy, current, tag, preReleases) => {
        const ranking = policy.rank(current, preReleases);
        const [candidate, running] = [parseVersion(tag), parseVersion(current)];

        const passes = typeof ranking !== 'string' && ranking.refuse(tag) === undefined;

        expect(passes && !(candidate && running && compareVersions(candidate, running) > 0)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('compare', () => {
  test.each([
    ['1.0.0', ['1.1.0', 'v1.1.0'], '1.1.0'],
    ['v1.0.0', ['1.1.0', 'v1.1.0'], 'v1.1.0'],
    ['V1.0.0', ['1.1.0', 'v1.1.0'], 'v1.1.0'],
    ['1.0.0', ['1.1.0', '01.1.0'], '1.1.0'],
    ['1.0.0', ['1.10.0', '1.9.0'], '1.10.0'],
  ])('seen from %s, the highest of %j is %s', (current, tags, highest) => {
    const ranking = rankingOf(policyOf('semver'), current);

    expect([pick(ranking, tags), pick(ranking, tags.toReversed())]).toEqual([highest, highest]);
  });

  test('puts what is no version below every version', () => {
    const { compare } = rankingOf(policyOf('semver'), '1.0.0');

    expect(['b', '1.0.0', 'a', '0.9.0'].sort(compare)).toEqual(['a', 'b', '0.9.0', '1.0.0']);
  });

  test('is antisymmetric, and 0 only for the same tag, whatever the tags are', () => {
    fc.assert(
      fc.property(closeTags, anyTags, anyTags, (current, a, b) => {
        const { compare } = rankingOf(policyOf('semver'), current, 'all');

        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        expect(compare(a, b) === 0).toBe(a === b);
      }),
      { numRuns: 1000 },
    );
  });

  test('is transitive, whatever the tags are', () => {
    fc.assert(
      fc.property(closeTags, fc.tuple(anyTags, anyTags, anyTags), (current, tags) => {
        const { compare } = rankingOf(policyOf('semver'), current, 'all');

        const [low, middle, high] = tags.sort(compare);

        expect(compare(low, middle)).toBeLessThanOrEqual(0);
        expect(compare(middle, high)).toBeLessThanOrEqual(0);
        expect(compare(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });
});
