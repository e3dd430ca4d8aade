import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../src/core/decide.ts';
import { explain, readCandidate, type Supposed } from '../../src/core/explain.ts';
import { hostileTags } from '../support/hostile-tags.ts';
import { anyTags, closeTags } from '../support/tags.ts';
import { aTarget } from '../support/targets.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function supposedOf(image: string, annotations: Readonly<Record<string, string>> = {}): Supposed {
  const { ref, policy, preReleases, tags } = aTarget(image, annotations);
  return { ref, policy, preReleases, tags };
}

describe('explain', () => {
  test('says of every tag what becomes of it', () => {
    const supposed = supposedOf('acme/shop:1.0.0', { tags: '^[^9]' });

    expect(explain(supposed, ['1.1.0', '9.0.0', 'latest'].map(readCandidate))).toEqual({
      selected: '1.1.0',
      considered: [
        { tag: '1.1.0', verdict: 'update', reason: null },
        { tag: '9.0.0', verdict: 'skip', reason: 'filtered' },
        { tag: 'latest', verdict: 'skip', reason: 'not-a-version' },
      ],
    });
  });

  test('has more words where the running image is to blame', () => {
    expect(explain(supposedOf('acme/shop'), [{ tag: '1.1.0' }])).toEqual({
      selected: null,
      considered: [
        {
          ...{ tag: '1.1.0', verdict: 'skip', reason: 'current-not-comparable' },
          message: 'the running image has no tag',
        },
      ],
    });
  });

  test('says what the service would decide, whatever is pushed', () => {
    const pushed = fc.array(fc.oneof(closeTags, anyTags, fc.constantFrom(...hostileTags)), { maxLength: 6 });
    const policies = fc.constantFrom('semver', 'glob:*', 'newest', 'numeric');

    fc.assert(
      fc.property(policies, closeTags, pushed, (policy, running, tags) => {
        const target = aTarget(`acme/shop:${running}`, { policy });
        const { selected, considered } = decide(target, tags);

        const explained = explain(
          target,
          tags.map((tag) => ({ tag })),
        );

        expect(explained.selected).toBe(selected ?? null);
        expect(explained.considered.map(({ reason }) => reason)).toEqual(
          considered.map(({ reason }) => reason ?? null),
        );
      }),
    );
  });
});

describe('readCandidate', () => {
  test.each([
    ['1.0.0', { tag: '1.0.0' }],
    ['', { tag: '' }],
    [`latest@${digest}`, { tag: 'latest', digest }],
    [`@${digest}`, { tag: '', digest }],
    ['latest@sha256:abc', { tag: 'latest@sha256:abc' }],
    ['a@b', { tag: 'a@b' }],
  ])('%j gives %j', (text, candidate) => {
    expect(readCandidate(text)).toEqual(candidate);
  });
});
