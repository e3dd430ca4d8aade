import { describe, expect, test } from '@jest/globals';
import { chosenImage, decide } from '../../../src/core/decide.ts';
import { digestPolicy } from '../../../src/core/policies/digest.ts';
import { aTarget } from '../../support/targets.ts';
import { outcomeOfImage } from '../../support/verdicts.ts';

const [old, fresh] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

describe('digest', () => {
  test.each<[string, string, string | undefined, string]>([
    ['acme/shop:latest', 'latest', undefined, 'update'],
    ['acme/shop:latest', 'latest', fresh, 'update'],
    ['acme/shop:latest', '1.0.0', fresh, 'other-tag'],
    [`acme/shop:latest@${old}`, 'latest', fresh, 'update'],
    [`acme/shop:latest@${old}`, 'latest', old, 'not-newer'],
    [`acme/shop:latest@${old}`, 'latest', undefined, 'update'],
    [`acme/shop:1.4@${old}`, '1.5', fresh, 'other-tag'],
    ['acme/shop', 'latest', fresh, 'update'],
    ['acme/shop', '1.0', fresh, 'other-tag'],
    [`acme/shop@${old}`, 'latest', fresh, 'current-not-comparable'],
    ['acme/shop:latest', 'latest', `sha512:${'c'.repeat(128)}`, 'update'],
    ['acme/shop:latest', 'latest', 'sha256:abc', 'invalid-tag'],
    ['acme/shop:latest', 'latest', `${fresh}\nx`, 'invalid-tag'],
    ['acme/shop:latest', '-x', fresh, 'invalid-tag'],
  ])('running %s, pushed %s at %s: %s', (image, tag, digest, verdict) => {
    const { verdicts } = outcomeOfImage('digest', image, [{ tag, digest }]);

    expect(verdicts).toEqual({ [tag]: verdict });
  });

  test.each([
    ['acme/shop:1.4', `acme/shop:1.4@${fresh}`],
    [`acme/shop:1.4@${old}`, `acme/shop:1.4@${fresh}`],
  ])('keeps the tag of %s and pins its digest, so that the pod template changes', (image, to) => {
    const choice = decide(aTarget(image, { policy: 'digest' }), [{ tag: '1.4', digest: fresh }]);

    expect(chosenImage(choice)).toBe(to);
  });

  test('leaves the digest to be asked for when the push has none', () => {
    const target = aTarget(`acme/shop:1.4@${old}`, { policy: 'digest' });

    expect(chosenImage(decide(target, ['1.4']))).toBe('acme/shop:1.4');
    expect(chosenImage(decide(target, [{ tag: '1.4', digest: null }]))).toBe('acme/shop:1.4');
  });

  test('goes by what the tag was pushed with last', () => {
    const pushed = [{ tag: '1.4', digest: old }, { tag: '1.4', digest: fresh }, { tag: '1.4' }];

    const there = decide(aTarget('acme/shop:1.4', { policy: 'digest' }), pushed);
    const back = decide(aTarget(`acme/shop:1.4@${fresh}`, { policy: 'digest' }), pushed);

    expect([chosenImage(there), chosenImage(back)]).toEqual([`acme/shop:1.4@${fresh}`, undefined]);
  });

  test('is written without an argument', () => {
    expect(digestPolicy.read('digest', 'x')).toBe('digest takes no argument');
  });
});
