import { describe, expect, test } from '@jest/globals';
import { compareNatural, naturalKey } from '../../../../src/core/policies/shared/natural-order.ts';

const order = (a: string, b: string): number => Math.sign(compareNatural(naturalKey(a), naturalKey(b)));

describe('compareNatural', () => {
  test.each([
    ['release-9', 'release-10'],
    ['release-2-rc1', 'release-2'],
    ['release-2', 'release-2-hotfix'],
    ['1.2.0-rc.1', '1.2.0'],
    ['1.2.0-rc.9', '1.2.0-rc.10'],
    ['1.2.0-beta.2', '1.2.0-rc.1'],
    ['1.2.0-SNAPSHOT', '1.2.0'],
    ['6.0.0-M1', '6.0.0-M2'],
    ['6.0.0-M9', '6.0.0'],
    ['3.7.0b1', '3.7.0'],
    ['1.2-alpine', '1.2.1-alpine'],
    ['v1.9', '1.10'],
    ['latest', '1.0.0'],
    ['a', 'b'],
    ['20260101000000000001', '20260101000000000002'],
  ])('%s is below %s', (low, high) => {
    expect([order(low, high), order(high, low)]).toEqual([-1, 1]);
  });

  test.each([
    ['v1.0', '1.0'],
    ['01', '1'],
    ['1.0-rc.1', '1.0-RC1'],
    ['x-rc-1', 'x-rc1'],
  ])('%s means the same as %s', (a, b) => {
    expect(order(a, b)).toBe(0);
  });
});

describe('naturalKey', () => {
  test.each([
    ['1.2.0-RC.1', 'rc'],
    ['dev-12', 'dev'],
    ['1.0-m3', 'm'],
    ['1.0a2', 'a'],
    ['1.2.0', undefined],
    ['1.2.0-nextcloud', undefined],
    ['main-a1b2c3d', undefined],
    ['main-1b2c3d4', undefined],
    ['build-b12', undefined],
    ['', undefined],
  ])('%s is of channel %s', (tag, channel) => {
    expect(naturalKey(tag).channel).toBe(channel);
  });
});
