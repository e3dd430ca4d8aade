import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { numericPolicy } from '../../../src/core/policies/numeric.ts';
import { outcomeOf, type VerdictRow } from '../../support/verdicts.ts';

describe('numeric', () => {
  test.each<VerdictRow>([
    ['9', '10', 'update'],
    ['10', '9', 'not-newer'],
    ['10', '010', 'not-newer'],
    ['0009', '10', 'update'],
    ['1606234201', '1606364286', 'update'],
    ['20260101000000000001', '20260101000000000002', 'update'],
    ['9007199254740992', '9007199254740993', 'update'],
    ['9007199254740993', '9007199254740992', 'not-newer'],
    ['1', '9'.repeat(128), 'update'],
    ['1', '1e3', 'not-a-version'],
    ['1', '1.5', 'not-a-version'],
    ['1', 'v2', 'not-a-version'],
    ['1', '0x10', 'not-a-version'],
    ['1', 'latest', 'not-a-version'],
    ['latest', '2', 'current-not-comparable'],
  ])('running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('numeric', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test.each<VerdictRow>([
    ['build-9', 'build-10', 'update'],
    ['build-9', 'build-8', 'not-newer'],
    ['build-9', 'build-09', 'not-newer'],
    ['build-9', 'other-99', 'filtered'],
    ['build-9', 'build-', 'not-a-version'],
    ['other-9', 'build-10', 'current-not-comparable'],
    ['build-', 'build-10', 'current-not-comparable'],
  ])('with a group n: running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('numeric:^build-(?<n>\\d*)', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test('reads a group that took no part as no number', () => {
    const { verdicts } = outcomeOf('numeric:^b(?P<n>\\d+)?', 'b1', ['b', 'b2']);

    expect(verdicts).toEqual({ b: 'not-a-version', b2: 'update' });
  });

  test('takes a pattern without groups as a filter of whole tags', () => {
    const { verdicts } = outcomeOf('numeric:^\\d{4}$', '1504', ['1606', '99999']);

    expect(verdicts).toEqual({ 1606: 'update', 99999: 'filtered' });
  });

  test('of equal numbers, takes the last in byte order', () => {
    expect(outcomeOf('numeric', '1', ['2', '02', '002']).selected).toBe('2');
  });

  test('orders like BigInt', () => {
    const numbers = fc.bigInt({ min: 0n, max: 10n ** 60n }).map(String);

    fc.assert(
      fc.property(numbers, numbers, (running, pushed) => {
        const { selected } = outcomeOf('numeric', running, [pushed]);

        expect(selected !== undefined).toBe(BigInt(pushed) > BigInt(running));
      }),
    );
  });

  test.each([
    ['', 'the pattern is empty'],
    ['(', '"(" is not an RE2 pattern (RE2JSSyntaxException: error parsing regexp: missing closing ): `(`)'],
    ['(?<ts>\\d+)', '"(?<ts>\\d+)" has no group (?<n>…), what is compared, but ts'],
  ])('says what is wrong with %j', (argument, why) => {
    expect(numericPolicy.read('numeric', argument)).toBe(why);
  });
});
