import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge, type Subject } from '../../../src/core/decide.ts';
import { isValidTag } from '../../../src/core/image-ref.ts';
import { policyModules } from '../../../src/core/policies/index.ts';
import type { PreReleases, Ranking } from '../../../src/core/policy.ts';
import { policyOf } from '../../support/builders.ts';
import { hostileTags } from '../../support/hostile-tags.ts';
import { anyTags, closeTags } from '../../support/tags.ts';

/** Every policy, with the patterns that people write. */
const policies = [
  ...['semver', 'semver:^1.0', 'major', 'minor', 'patch', 'calver', 'numeric', 'alphabetical'],
  ...['numeric:^build-(?<n>\\d+)', 'numeric:(?<n>\\d+)$', 'alphabetical:^[a-z]+-(?<n>.*)$'],
  ...[
    'glob:*',
    'glob:v*',
    'glob:*-[a-m]*',
    'regex:.',
    'regex:^v?\\d',
    'newest',
    'newest:^v',
    'digest',
    'none',
  ],
];
/** They follow what is pushed, and have no order of tags. */
const isOrdered = (policy: string): boolean => !/^(?:newest|digest)/.test(policy);
const ordered = policies.filter(isOrdered);

/** Few different ones, so that they meet: builds, dates, words. */
const plainTags = fc.oneof(
  fc.nat(12).map((n) => `build-${n}`),
  fc.nat(12).map((n) => String(n).padStart(2, '0')),
  fc
    .tuple(
      fc.constantFrom('2024', '2025', '24'),
      fc.constantFrom('.', '-'),
      fc.nat({ max: 3 }),
      fc.nat({ max: 2 }),
    )
    .map(([year, dash, month, day]) => [year, `0${month + 1}`, day + 1].join(dash)),
  fc.constantFrom(
    'latest',
    'main',
    'bionic',
    'focal',
    'a-1',
    'a-rc1',
    'b-1',
    'v1',
    'rc',
    '1-m1',
    '1-M2',
    '1a1',
  ),
);
const shortHostileTags = hostileTags.filter((tag) => tag.length < 1000);
const tags = fc.oneof(closeTags, plainTags, anyTags, fc.constantFrom(...shortHostileTags));
const legalTags = tags.filter(isValidTag);
const modes = fc.constantFrom<PreReleases>('off', 'same', 'all');

function subjectOf(policy: string, tag: string, preReleases: PreReleases): Subject {
  const ref = { name: 'acme/shop', repository: 'docker.io/acme/shop', tag, digest: undefined };
  return { ref, policy: policyOf(policy), preReleases, tags: undefined, held: undefined };
}

function select(
  policy: string,
  running: string,
  pushed: readonly string[],
  mode: PreReleases,
): string | undefined {
  return judge(subjectOf(policy, running, mode), pushed).selected;
}

function rankingOf(policy: string, current: string, mode: PreReleases): Ranking | undefined {
  const ranking = policyOf(policy).rank(current, mode);
  return typeof ranking === 'string' ? undefined : ranking;
}

test('every policy is among those that are tried', () => {
  const names = policyModules.flatMap((module) => module.names);

  expect(names.filter((name) => !policies.some((policy) => policy.split(':')[0] === name))).toEqual([]);
});

describe.each(policies)('%s', (policy) => {
  test.each(['1.0.0', 'build-1', 'latest', '2024.01.01', 'a-1'])(
    'has an answer for every hostile text pushed while %s runs, and takes none that is no tag',
    (running) => {
      const { selected, verdicts } = judge(subjectOf(policy, running, 'all'), hostileTags);

      expect(verdicts).toHaveLength(hostileTags.length);
      expect(selected === undefined || isValidTag(selected)).toBe(true);
      const ranking = rankingOf(policy, running, 'all');
      expect(hostileTags.map((tag) => typeof (ranking?.refuse(tag) ?? ''))).toEqual(
        hostileTags.map(() => 'string'),
      );
    },
  );

  test('has an answer whatever hostile text runs', () => {
    const orders = hostileTags.map((tag) => rankingOf(policy, tag, 'all')?.compare('1.0.0', tag) ?? 0);

    expect(orders.filter((order) => !Number.isFinite(order))).toEqual([]);
  });

  test('gives the same answer every time', () => {
    fc.assert(
      fc.property(legalTags, fc.array(tags), modes, (running, pushed, mode) => {
        const [once, twice] = [1, 2].map(() => judge(subjectOf(policy, running, mode), pushed));

        expect(twice).toEqual(once);
      }),
    );
  });
});

// Of a tag that was pushed without a digest it is not known whether it moved: `digest` asks, and that ends the update.
describe.each(policies.filter((policy) => policy !== 'digest'))('%s', (policy) => {
  test('comes to rest: from what it selected, the same push gives nothing more', () => {
    fc.assert(
      fc.property(legalTags, fc.array(legalTags), modes, (running, pushed, mode) => {
        const selected = select(policy, running, pushed, mode);

        expect(selected === undefined ? undefined : select(policy, selected, pushed, mode)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(ordered)('%s, an order of tags,', (policy) => {
  test('does not depend on the order in which tags are named', () => {
    const shuffled = fc
      .array(tags)
      .chain((pushed) =>
        fc.tuple(fc.constant(pushed), fc.shuffledSubarray(pushed, { minLength: pushed.length })),
      );

    fc.assert(
      fc.property(legalTags, shuffled, modes, (running, [pushed, again], mode) => {
        expect(select(policy, running, again, mode)).toBe(select(policy, running, pushed, mode));
      }),
      { numRuns: 300 },
    );
  });

  test('never goes back: what passes is above the running tag, and the running tag does not pass from there', () => {
    fc.assert(
      fc.property(legalTags, legalTags, modes, (running, pushed, mode) => {
        const passes = select(policy, running, [pushed], mode) !== undefined;

        expect(passes && !((rankingOf(policy, running, mode)?.compare(pushed, running) ?? 0) > 0)).toBe(
          false,
        );
        expect(passes && select(policy, pushed, [running], 'all') !== undefined).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('is total: antisymmetric, and 0 only for the same tag', () => {
    fc.assert(
      fc.property(legalTags, tags, tags, (current, a, b) => {
        const ranking = rankingOf(policy, current, 'all');
        const [forward, backward] = [ranking?.compare(a, b) ?? 0, ranking?.compare(b, a) ?? 0];

        expect(Math.sign(forward) + Math.sign(backward)).toBe(0);
        expect(ranking !== undefined && (forward === 0) !== (a === b)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(legalTags, fc.tuple(tags, tags, tags), (current, three) => {
        const { compare } = rankingOf(policy, current, 'all') ?? { compare: () => 0 };
        const [low, middle, high] = three.sort(compare);

        expect(compare(low, middle)).toBeLessThanOrEqual(0);
        expect(compare(middle, high)).toBeLessThanOrEqual(0);
        expect(compare(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
