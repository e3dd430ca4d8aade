import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDurationMs } from '../../src/core/duration.ts';
import { hostileTags } from '../support/hostile-tags.ts';

describe('parseDurationMs', () => {
  test.each([
    ['1ms', 1],
    ['90s', 90_000],
    ['15m', 900_000],
    ['4h', 14_400_000],
    ['2d', 172_800_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['1m1ms', 60_001],
    ['1h1h', 7_200_000],
  ])('reads %s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each([
    ...['', '0s', '0d0h', '15', 'd', '1.5h', '-1s', '+1s', '1D', '1 d', '1d ', '1w', '1h30', '1e3s'],
    ...['1234567s', '١h', '1h\n', '1mss'],
    ...hostileTags,
  ])('reads nothing from %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  test('adds up what is written', () => {
    const units = fc.constantFrom<[string, number]>(
      ['ms', 1],
      ['s', 1e3],
      ['m', 6e4],
      ['h', 36e5],
      ['d', 864e5],
    );
    const parts = fc.array(fc.tuple(fc.nat(999_999), units), { minLength: 1, maxLength: 6 });

    fc.assert(
      fc.property(parts, (written) => {
        const sum = written.reduce((ms, [n, [, unitMs]]) => ms + n * unitMs, 0);

        expect(parseDurationMs(written.map(([n, [unit]]) => `${n}${unit}`).join(''))).toBe(
          sum === 0 ? undefined : sum,
        );
      }),
    );
  });
});
