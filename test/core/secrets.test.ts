import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sameSecret } from '../../src/core/secrets.ts';

test.each([
  ['correct-horse-battery', 'correct-horse-battery', true],
  ['correct-horse-battery', 'correct-horse-batterz', false],
  ['correct-horse-battery', 'correct-horse-batter', false],
  ['', '', true],
  ['', 'x', false],
  ['é', 'e\u0301', false],
])('%j and %j: the same is %p', (a, b, same) => {
  expect(sameSecret(a, b)).toBe(same);
});

test('agrees with equality for any two texts', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect([sameSecret(a, b), sameSecret(a, a)]).toEqual([a === b, true]);
    }),
  );
});
