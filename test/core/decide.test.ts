import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chosenImage, decide } from '../../src/core/decide.ts';
import { compareVersions, parseVersion } from '../../src/core/version.ts';
import { anyTags, closeTags } from '../support/tags.ts';
import { aTarget } from '../support/targets.ts';

const policies = fc.constantFrom('semver', 'minor', 'patch', 'semver:^1.0', 'none', 'not a policy');
const preReleases = fc.constantFrom('off', 'same', 'all', 'nonsense');
const filters = fc.constantFrom<[string, string][]>([], [], [['tags', '^v?1']], [['hold', 'true']]);
const targets = fc
  .tuple(closeTags, policies, preReleases, filters)
  .map(([tag, policy, prereleases, more]) =>
    aTarget(`quay.io/acme/shop:${tag}`, { policy, prereleases, ...Object.fromEntries(more) }),
  );
const candidates = fc.array(fc.oneof(closeTags, anyTags), { maxLength: 8 });

/** Tag → reason, and the selection, of a decision. */
function outcome(image: string, annotations: Readonly<Record<string, string>>, tags: readonly string[]) {
  const { selected, considered } = decide(aTarget(image, annotations), tags);
  return { selected, reasons: considered.map(({ reason }) => reason) };
}

describe('decide', () => {
  test('explains every tag, and chooses the highest', () => {
    const target = aTarget('quay.io/acme/shop:1.0.0');

    const choice = decide(target, ['1.0.1', 'latest', '1.2.0', '1.2.0']);

    const common = { target: 'default/default/Deployment/shop/app', from: 'quay.io/acme/shop:1.0.0' };
    expect(choice).toEqual({
      target,
      selected: '1.2.0',
      considered: [
        { ...common, to: 'quay.io/acme/shop:1.0.1', verdict: 'skip', reason: 'not-newer' },
        { ...common, to: 'quay.io/acme/shop:latest', verdict: 'skip', reason: 'not-a-version' },
        { ...common, to: 'quay.io/acme/shop:1.2.0', verdict: 'update' },
      ],
    });
  });

  test('chooses nothing from nothing', () => {
    const choice = decide(aTarget('quay.io/acme/shop:1.0.0'), []);

    expect(choice).toMatchObject({ selected: undefined, considered: [] });
  });

  test('takes tags with digests, a push for instance, as it takes tags', () => {
    const target = aTarget('quay.io/acme/shop:1.0.0');
    const push = { repository: 'quay.io/acme/shop', tag: '1.1.0', digest: `sha256:${'a'.repeat(64)}` };

    expect(decide(target, [push, { tag: '0.9.0', digest: null }])).toEqual(
      decide(target, ['1.1.0', '0.9.0']),
    );
    expect(decide(target, [push, push])).toEqual(decide(target, ['1.1.0']));
  });

  test('names the image that it chose, and none when it chose none', () => {
    const target = aTarget('quay.io/acme/shop:1.0.0');

    expect(chosenImage(decide(target, ['latest', '1.1.0']))).toBe('quay.io/acme/shop:1.1.0');
    expect(chosenImage(decide(target, ['latest']))).toBeUndefined();
  });

  const signature = `sha256-${'a'.repeat(64)}.sig`;
  test.each([
    ['an illegal tag before all else', { hold: 'true' }, '../1.1.0', 'invalid-tag'],
    ['a signature', { hold: 'true' }, signature, 'not-an-image-tag'],
    ['a hold before the filter', { hold: 'true', tags: '^2' }, '1.1.0', 'held'],
    ['the filter before the policy', { tags: '^2', policy: 'none' }, '1.1.0', 'filtered'],
    ['the policy', { policy: 'none' }, '1.1.0', 'no-policy'],
    ['the order', { tags: '^0' }, '0.9.0', 'not-newer'],
  ])('asks in order: %s', (_what, annotations, tag, reason) => {
    const { selected, reasons } = outcome('quay.io/acme/shop:1.0.0', annotations, [tag]);

    expect({ selected, reasons }).toEqual({ selected: undefined, reasons: [reason] });
  });

  test('filters anywhere in the tag', () => {
    const { selected } = outcome('quay.io/acme/shop:1.0.0', { tags: '\\.5$' }, ['1.9.0', '1.1.5', '1.2.50']);

    expect(selected).toBe('1.1.5');
  });

  test.each([
    ['quay.io/acme/shop', 'the running image has no tag'],
    ['quay.io/acme/shop:latest', 'the running tag "latest" is no version that "semver" can compare'],
    [`quay.io/acme/shop:1.0.0@sha256:${'a'.repeat(64)}`, 'the running image is pinned by digest'],
    [`quay.io/acme/shop@sha256:${'a'.repeat(64)}`, 'the running image is pinned by digest'],
  ])('leaves %s alone and says why', (image, message) => {
    const choice = decide(aTarget(image), ['2.0.0']);

    expect(choice.selected).toBeUndefined();
    expect(choice.considered).toMatchObject([
      { to: 'quay.io/acme/shop:2.0.0', verdict: 'skip', reason: 'current-not-comparable', message },
    ]);
  });

  test('says why a target is held', () => {
    const choice = decide(aTarget('quay.io/acme/shop:1.0.0', { hold: 'true' }), ['2.0.0']);

    expect(choice.considered).toMatchObject([
      { reason: 'held', message: 'annotation updatekate.dev/hold is set' },
    ]);
  });

  test('keeps the spelling of the image', () => {
    const choice = decide(aTarget('QUAY.io/acme/shop:1.0.0'), ['1.1.0']);

    expect(choice.considered).toMatchObject([{ to: 'QUAY.io/acme/shop:1.1.0' }]);
  });
});

describe('decide, for any target and any texts as tags,', () => {
  test('is total: each distinct tag gets one verdict, and only the selected one is an update', () => {
    fc.assert(
      fc.property(targets, candidates, (target, tags) => {
        const { selected, considered } = decide(target, tags);

        const updates = considered.filter(({ verdict }) => verdict === 'update');
        expect(considered).toHaveLength(new Set(tags).size);
        expect(updates.map(({ to }) => to)).toEqual(
          selected === undefined ? [] : [`quay.io/acme/shop:${selected}`],
        );
        expect(
          considered.every(({ verdict, reason }) => (verdict === 'skip') === (reason !== undefined)),
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('never goes back: what it selects is above what runs', () => {
    fc.assert(
      fc.property(targets, candidates, (target, tags) => {
        const { selected } = decide(target, tags);

        const [next, current] = [selected ?? '', target.ref.tag ?? ''].map(parseVersion);
        expect(selected === undefined || (next && current && compareVersions(next, current))).not.toBe(0);
        expect(selected === undefined || (next && current && compareVersions(next, current) > 0)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('gives the same answer every time, in any order, however often a tag is named', () => {
    const shuffled = candidates.chain((tags) =>
      fc.tuple(
        fc.constant(tags),
        fc.shuffledSubarray([...tags, ...tags, ...tags], {
          minLength: 3 * tags.length,
          maxLength: 3 * tags.length,
        }),
      ),
    );

    fc.assert(
      fc.property(targets, shuffled, (target, [tags, again]) => {
        const [once, twice] = [decide(target, tags), decide(target, again)];

        expect(twice.selected).toBe(once.selected);
        expect(new Set(twice.considered)).toEqual(new Set(once.considered));
      }),
      { numRuns: 1000 },
    );
  });

  test('comes to rest: from what it selected, the same tags give nothing more', () => {
    fc.assert(
      fc.property(closeTags, fc.array(closeTags), (current, tags) => {
        const { selected } = decide(aTarget(`quay.io/acme/shop:${current}`), tags);

        const next = decide(aTarget(`quay.io/acme/shop:${selected ?? current}`), tags);

        expect(next.selected).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });
});
