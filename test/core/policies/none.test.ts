import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nonePolicy } from '../../../src/core/policies/none.ts';
import { policyOf } from '../../support/builders.ts';
import { anyTags } from '../../support/tags.ts';

test('ranks nothing, whatever runs', () => {
  const policy = policyOf('none');

  fc.assert(
    fc.property(anyTags, (current) => {
      expect(policy.rank(current, 'all')).toBe('no-policy');
    }),
  );
});

test('is written without an argument', () => {
  expect(nonePolicy.read('none', undefined)).toMatchObject({ text: 'none' });
  expect(nonePolicy.read('none', 'x')).toBe('none takes no argument');
});
