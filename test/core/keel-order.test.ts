import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareAsideFromCommits, compareDigits, compareNatural } from '../../src/core/keel-order.ts';
import { anyTags } from '../support/tags.ts';

const sign = (order: number): number => Math.sign(order) + 0;

describe('compareNatural', () => {
  test.each([
    ['build-9', 'build-10', -1],
    ['build-10', 'build-9', 1],
    ['build-9', 'build-9', 0],
    ['build', 'build-1', -1],
    ['build-1', 'build', 1],
    ['1', '', 1],
    ['', 'a', -1],
    ['1.0.0', 'build-1', -1],
    ['build-1a', 'build-1b', -1],
    ['build-007', 'build-7', -1],
    ['build-007', 'build-8', -1],
    ['9007199254740993', '9007199254740992', 1],
    ['a-1', 'a1', -1],
  ])('%j and %j: %d', (a, b, order) => {
    expect(sign(compareNatural(a, b))).toBe(order);
  });

  test('is a total order, 0 only for equal texts', () => {
    fc.assert(
      fc.property(anyTags, anyTags, anyTags, (a, b, c) => {
        const sorted = [a, b, c].sort(compareNatural);

        expect(sign(compareNatural(a, b))).toBe(-sign(compareNatural(b, a)) + 0);
        expect(compareNatural(a, b) === 0).toBe(a === b);
        expect(sign(compareNatural(sorted[0] ?? '', sorted[2] ?? ''))).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('compareAsideFromCommits', () => {
  test.each([
    ['main-2a3560e', 'main-1b8c03d', 0],
    ['main-2a3560e', 'main-1234567', 0],
    ['main-2a3560e', 'main-abcdefa', 0],
    ['main-2a3560e', 'dev-1b8c03d', 1],
    ['build-2a3560ef-100', 'build-1a3560ef-99', 1],
    ['main-2a3560e', 'main-12345678', -1],
    ['v1.9', 'v1.10', -1],
    ['main-defaced', 'main-effaced', -1],
    ['main-1234567', 'main-1234568', -1],
    ['main-2a3560', 'main-1b8c03', 1],
  ])('%j and %j: %d', (a, b, order) => {
    expect(sign(compareAsideFromCommits(a, b))).toBe(order);
    expect(sign(compareAsideFromCommits(b, a))).toBe(-order + 0);
  });
});

test.each([
  ['2', '10', -1],
  ['010', '10', 0],
  ['000', '0', 0],
  ['11', '10', 1],
])('compareDigits of %s and %s: %d', (a, b, order) => {
  expect(sign(compareDigits(a, b))).toBe(order);
});
