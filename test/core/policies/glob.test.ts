import { describe, expect, test } from '@jest/globals';
import { globPolicy } from '../../../src/core/policies/glob.ts';
import { outcomeOf, type VerdictRow } from '../../support/verdicts.ts';

describe('glob', () => {
  test.each<VerdictRow>([
    ['release-9', 'release-10', 'update'],
    ['release-10', 'release-9', 'not-newer'],
    ['release-9', 'hotfix-10', 'filtered'],
    ['release-9', 'release-10-rc1', 'pre-release'],
    ['release-9', 'release-10-rc1', 'update', 'all'],
    ['release-9-rc1', 'release-9-rc2', 'update'],
    ['release-9-rc1', 'release-9-rc2', 'pre-release', 'off'],
    ['release-9-rc1', 'release-9', 'update'],
    ['release-9-rc1', 'release-10-beta1', 'other-channel'],
    ['hotfix-1', 'release-10', 'current-not-comparable'],
  ])('release-*: running %s, pushed %s: %s', (...[running, pushed, verdict, preReleases]: VerdictRow) => {
    const { verdicts } = outcomeOf('glob:release-*', running, [pushed], preReleases);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test.each<VerdictRow>([
    ['1.0.0', 'latest', 'not-newer'],
    ['v1.1.0', '1.0.0', 'not-newer'],
    ['1.1.0', 'v1.0.0', 'not-newer'],
    ['1.1.0', 'v1.1.0', 'not-newer'],
    ['1.1.0', 'v1.2.0', 'update'],
  ])('*: running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('glob:*', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test('of tags that mean the same, takes the running spelling', () => {
    const tags = ['v2.0', '2.0'];

    expect(outcomeOf('glob:*', 'v1.0', tags).selected).toBe('v2.0');
    expect(outcomeOf('glob:*', '1.0', tags).selected).toBe('2.0');
  });

  test.each([
    [undefined, 'a pattern is missing'],
    ['', 'the pattern is empty'],
    ['a b', '"a b" has " ", which can stand in no tag'],
  ])('says what is wrong with %j', (argument, why) => {
    expect(globPolicy.read('glob', argument)).toBe(why);
  });
});
