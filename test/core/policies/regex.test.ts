import { describe, expect, test } from '@jest/globals';
import { regexPolicy } from '../../../src/core/policies/regex.ts';
import { outcomeOf, type VerdictRow } from '../../support/verdicts.ts';

describe('regex', () => {
  test.each<VerdictRow>([
    ['v1.2.3-prod', 'v1.2.4-prod', 'update'],
    ['v1.2.9-prod', 'v1.2.10-prod', 'update'],
    ['v1.2.3-prod', 'v1.2.2-prod', 'not-newer'],
    ['v1.2.3-prod', 'v9.9.9-dev', 'filtered'],
    ['v1.2.3-dev', 'v1.2.4-prod', 'current-not-comparable'],
  ])('running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('regex:^v\\d+\\.\\d+\\.\\d+-prod$', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test('matches anywhere, as the annotation for tags does', () => {
    expect(outcomeOf('regex:\\.5', '1.5', ['2.5.1']).selected).toBe('2.5.1');
  });

  test('sees pre-releases as the annotation says', () => {
    const modes = (['off', 'same', 'all'] as const).map((mode) =>
      outcomeOf('regex:.', '1.0', ['1.1-rc1'], mode),
    );

    expect(modes.map(({ verdicts }) => verdicts['1.1-rc1'])).toEqual([
      'pre-release',
      'pre-release',
      'update',
    ]);
  });

  test.each([
    [undefined, 'a pattern is missing'],
    ['', 'the pattern is empty'],
    ['a'.repeat(257), /^"a{32}…" is longer than 256 characters$/],
    ['(?=x)', /^"\(\?=x\)" is not an RE2 pattern \(/],
  ])('says what is wrong with %j', (argument, why) => {
    expect(regexPolicy.read('regex', argument)).toEqual(
      typeof why === 'string' ? why : expect.stringMatching(why),
    );
  });
});
