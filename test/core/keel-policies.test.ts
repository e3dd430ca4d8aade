import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../src/core/decide.ts';
import { readKeelPolicy, type KeelOptions } from '../../src/core/keel-policies.ts';
import type { Policy, Ranking } from '../../src/core/policy.ts';
import { anyTags, closeTags } from '../support/tags.ts';
import { aKeelTarget } from '../support/targets.ts';

const defaults: KeelOptions = { matchTag: false, matchPreRelease: true };
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

function policyOf(text: string, options: Partial<KeelOptions> = {}): Policy {
  const policy = readKeelPolicy(text, { ...defaults, ...options });
  if (typeof policy === 'string') throw new Error(policy);
  return policy;
}

function rankingOf(policy: Policy, current: string, running?: string): Ranking {
  const ranking = policy.rank(current, 'same', running);
  if (typeof ranking === 'string') throw new Error(ranking);
  return ranking;
}

describe('why a tag is refused', () => {
  test.each([
    ['minor', '1.2.3', '1.2.3', 'not-newer'],
    ['minor', '1.2.3', '1.1.9', 'not-newer'],
    ['minor', '1.2.3', '2.0.0', 'out-of-range'],
    ['patch', '1.2.3', '1.3.0', 'out-of-range'],
    ['minor', '1.2.3', '1.3.0-rc.1', 'pre-release'],
    ['minor', '1.2.3-rc.1', '1.2.3-rc.2', 'other-channel'],
    ['minor', '1.2.3-rc.1', '1.2.3', 'other-channel'],
    ['minor', '1.2.3', 'main', 'not-a-version'],
    ['minor', '1.2.3', '1', 'not-a-version'],
    ['minor', '1.2.3', '1.2.3.4', 'not-a-version'],
    ['minor', 'latest', 'latest', 'not-a-version'],
    ['minor', 'latest', '1.2.3-rc.1', 'pre-release'],
    ['force', '1.2.3', '1.2.2', 'not-newer'],
    ['force', '1.2.3', 'v1.2.3', 'not-newer'],
    ['force', '1.2.3.4', '1.2.3.3', 'not-newer'],
    ['glob:build-*', 'build-9', 'dev-10', 'filtered'],
    ['glob:build-*', 'build-9', 'build-8', 'not-newer'],
    ['regexp:^b', 'b-9', 'c-10', 'filtered'],
    ['regexp:^b', 'b-9', 'b-9', 'not-newer'],
    ['regexp:^b', 'b-9', 'b-8', 'not-newer'],
    ['regexp:^b-(?P<compare>\\d+)', 'b-9-x', 'b-9-y', 'not-newer'],
  ])('%s, running %s: %s is %s', (text, current, tag, reason) => {
    expect(rankingOf(policyOf(text), current).refuse(tag)).toBe(reason);
  });

  test.each(['all', 'major', 'minor', 'patch'])('%s cannot compare a running word', (text) => {
    expect(policyOf(text).rank('main', 'same')).toBe('current-not-comparable');
    expect(policyOf(text).rank('1.2.3.4', 'same')).toBe('current-not-comparable');
  });

  test.each(['never', ''])('%j picks nothing', (text) => {
    expect(policyOf(text).rank('1.2.3', 'same')).toBe('no-policy');
  });
});

describe('what is taken', () => {
  test.each([
    ['all', {}, '1.2.2', '1.2.3-rc.1'],
    ['all', {}, 'latest', '1.2.3-rc.1'],
    ['minor', { matchPreRelease: false }, '1.2.3-rc.1', '1.2.3'],
    ['minor', { matchPreRelease: false }, '1.2.3-rc9', '1.2.3-rc10'],
    ['minor', {}, '1.2.3-alpine', '1.10.0-alpine'],
    ['minor', {}, 'latest', '4.0.0'],
    ['force', {}, '1.2.3', 'main'],
    ['force', {}, '1.2.3.4', '1.2.3.5'],
    ['force', { matchTag: true }, 'latest', 'latest'],
    ['glob:build-*', {}, 'build-9', 'build-10'],
    ['glob:*-prod', {}, '1-prod', '2-prod'],
    ['glob:v*.*-x', {}, 'v1.0-x', 'v1.1-x'],
    ['regexp:-prod$', {}, 'anything', '1-prod'],
    ['regexp:^b-(?P<compare>\\d+)', {}, 'b-9-zzz', 'b-10-aaa'],
    ['regexp:^b(-(?P<compare>\\d+))?$', {}, 'b', 'b-1'],
    ['regexp:^main-', {}, 'main-2a3560e', 'main-1b8c03d'],
  ])('%s %j, running %s: %s', (text, options, current, tag) => {
    expect(rankingOf(policyOf(text, options), current).refuse(tag)).toBeUndefined();
  });

  test.each([
    ['glob:*', '', true],
    ['glob:*', 'x', true],
    ['glob:', '', true],
    ['glob:', 'x', false],
    ['glob:a*a', 'a', false],
    ['glob:a*a', 'aa', true],
    ['glob:a*b*c', 'axbxc', true],
    ['glob:a*b*c', 'acxb', false],
    ['glob:a*b*c', 'axc', false],
    ['glob:a*b*b', 'ab', false],
    ['glob:a.c', 'abc', false],
    ['glob:a?', 'ab', false],
  ])('%s and "%s": %s', (text, tag, matches) => {
    const refused = rankingOf(policyOf(text), '').refuse(tag);

    expect(refused !== 'filtered').toBe(matches);
  });
});

describe('force and digests', () => {
  const policy = policyOf('force');

  test('pins, so that the same tag again is a change', () => {
    expect(policy.pins).toBe(true);
    expect(policyOf('minor').pins).toBeUndefined();
  });

  test.each([
    ['the running digest', 'latest', digest('a'), 'not-newer'],
    ['another digest', 'latest', digest('b'), undefined],
    ['no digest', 'latest', undefined, undefined],
    ['another tag with the same digest', 'main', digest('a'), undefined],
    ['what is no digest', 'latest', 'sha256:xyz', 'invalid-tag'],
    ['another tag with what is no digest', 'main', '../etc', 'invalid-tag'],
  ])('%s', (_what, tag, pushed, reason) => {
    expect(rankingOf(policy, 'latest', digest('a')).refuse(tag, pushed)).toBe(reason);
  });

  test('follow a pinned image, and one without a tag', () => {
    const pinned = aKeelTarget(`acme/shop:latest@${digest('a')}`, { policy: 'force', matchTag: 'true' });
    const bare = aKeelTarget('acme/shop', { policy: 'force', matchTag: 'true' });

    const [again, same, first] = [
      decide(pinned, [{ tag: 'latest', digest: digest('b') }]),
      decide(pinned, [{ tag: 'latest', digest: digest('a') }]),
      decide(bare, [{ tag: 'latest', digest: digest('a') }]),
    ];

    expect(again.considered).toMatchObject([{ verdict: 'update', to: `acme/shop:latest@${digest('b')}` }]);
    expect(same.considered).toMatchObject([{ verdict: 'skip', reason: 'not-newer' }]);
    expect(first.considered).toMatchObject([{ verdict: 'update', from: 'acme/shop' }]);
  });
});

describe('of several tags', () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ['all', '1.0.0', ['1.2.0', 'latest', '1.10.0', 'v1.10.0', '1.9.0'], 'v1.10.0'],
    ['force', 'latest', ['zoo', 'latest', 'main'], 'latest'],
    ['force', 'latest', ['latest', '1.2.0', '1.10.0'], '1.10.0'],
    ['force', 'dev', ['main', 'build-9', 'build-10'], 'main'],
    ['glob:b-*', 'b-1', ['b-9', 'b-10', 'c-11'], 'b-10'],
    ['regexp:^b-(?P<compare>\\d+)', 'b-1', ['b-9-z', 'b-10-a', 'b-10-b'], 'b-10-b'],
    ['regexp:^main-', 'main-0000aaa', ['main-2a3560e', 'main-1b8c03d'], 'main-1b8c03d'],
    ['regexp:^main-', 'main-1b8c03d', ['main-2a3560e', 'main-1b8c03d'], undefined],
    ['regexp:^main-', 'main-2a3560e', ['main-2a3560e', 'main-1b8c03d'], 'main-1b8c03d'],
  ])('%s, running %s, of %j: %s', (policy, current, tags, selected) => {
    expect(decide(aKeelTarget(`acme/shop:${current}`, { policy }), tags).selected).toBe(selected);
  });
});

test('words for logs have no control characters', () => {
  expect(policyOf('glob:a\u0000*').text).toBe('keel: glob:a\\u{0}*');
});

describe('for any policy and any tags', () => {
  const texts = fc.oneof(
    fc.constantFrom(
      'all',
      'major',
      'minor',
      'patch',
      'force',
      'never',
      'glob:1.*',
      'glob:*',
      'regexp:^v?1',
      'regexp:',
    ),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((pattern) => `glob:${pattern}`),
    fc.string().map((pattern) => `regexp:${pattern}`),
  );
  const options = fc.record({ matchTag: fc.boolean(), matchPreRelease: fc.boolean() });
  const tags = fc.oneof(closeTags, anyTags);

  test('there is an answer, and the order of tags is one', () => {
    fc.assert(
      fc.property(texts, options, tags, fc.tuple(tags, tags), (text, flags, current, [a, b]) => {
        const policy = readKeelPolicy(text, flags);
        const ranking = typeof policy === 'string' ? policy : policy.rank(current, 'same');
        if (typeof ranking === 'string') return;

        expect(Math.sign(ranking.compare(a, b)) + Math.sign(ranking.compare(b, a))).toBe(0);
        expect(ranking.compare(a, a)).toBe(0);
        expect(ranking.refuse(a)).toBe(ranking.refuse(a));
      }),
    );
  });

  test('a move is never undone by the same policy: of two versions the lower is not taken', () => {
    const ordered = texts.filter((text) => !text.startsWith('regexp:') && !text.startsWith('glob:'));

    fc.assert(
      fc.property(ordered, options, closeTags, closeTags, (text, flags, a, b) => {
        const policy = readKeelPolicy(text, flags);
        const takes = (from: string, to: string): boolean => {
          const ranking = typeof policy === 'string' ? policy : policy.rank(from, 'same');
          return typeof ranking === 'object' && ranking.refuse(to) === undefined;
        };
        const isVersion = [a, b].every((tag) => /^v?\d+(\.\d+)+(-[0-9A-Za-z.-]+)?$/.test(tag));

        expect(a !== b && isVersion && takes(a, b) && takes(b, a)).toBe(false);
      }),
    );
  });
});
