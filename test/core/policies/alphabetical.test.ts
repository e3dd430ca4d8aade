import { describe, expect, test } from '@jest/globals';
import { outcomeOf, type VerdictRow } from '../../support/verdicts.ts';

describe('alphabetical', () => {
  test.each<VerdictRow>([
    ['bionic', 'focal', 'update'],
    ['bionic', 'artful', 'not-newer'],
    ['bionic', 'bionic', 'not-newer'],
    ['focal', 'Zesty', 'not-newer'],
    ['Zesty', 'focal', 'update'],
    ['9', '10', 'not-newer'],
    ['_a', 'a', 'update'],
    ['1.0', '1.0-rc1', 'update'],
  ])('running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('alphabetical', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test.each<VerdictRow>([
    ['RELEASE.2022-12-12Z', 'RELEASE.2023-02-10Z', 'update'],
    ['RELEASE.2022-12-12Z', 'RELEASE.2022-09-17Z', 'not-newer'],
    ['RELEASE.2022-12-12Z', 'edge', 'filtered'],
    ['RELEASE.2022-12-12Z', 'RELEASE.Z', 'not-a-version'],
    ['edge', 'RELEASE.2023-02-10Z', 'current-not-comparable'],
  ])('with a group n: running %s, pushed %s: %s', (running, pushed, verdict) => {
    const { verdicts } = outcomeOf('alphabetical:^RELEASE\\.(?P<n>.*)Z$', running, [pushed]);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test('of equal texts, takes the last in byte order', () => {
    const tags = ['a-2', 'c-2', 'b-2'];

    expect(outcomeOf('alphabetical:-(?<n>.)$', 'x-1', tags).selected).toBe('c-2');
  });
});
