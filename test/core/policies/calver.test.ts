import { describe, expect, test } from '@jest/globals';
import { calverPolicy } from '../../../src/core/policies/calver.ts';
import { outcomeOf, type VerdictRow } from '../../support/verdicts.ts';

describe('calver', () => {
  test.each<VerdictRow>([
    ['2024.05.1', '2024.10.0', 'update'],
    ['2024.9.30', '2024.10.0', 'update'],
    ['2024.09.30', '2024.9.31', 'update'],
    ['2024.10.0', '2024.9.30', 'not-newer'],
    ['2024.05.1', '2024.5.1', 'not-newer'],
    ['2024-01-31', '2024-02-01', 'update'],
    ['2024-01-31', '2024-1-31', 'not-newer'],
    ['2024-01-31', '2024-01-31-2', 'update'],
    ['2024-01-31-9', '2024-01-31-10', 'update'],
    ['2024-01-31', '2024-02', 'other-shape'],
    ['2024-01-31', '2024.02.01', 'other-shape'],
    ['2024.05.1', '2024.06', 'other-shape'],
    ['24.04', '24.10', 'update'],
    ['24.04', '2024.10', 'other-shape'],
    ['2024.04', '24.10', 'other-shape'],
    ['9.10', '10.04', 'update'],
    ['24.04', '24.04.1', 'other-shape'],
    ['2024', '2025', 'update'],
    ['20240131', '20240201', 'update'],
    ['20240131', '202402', 'other-shape'],
    ['20240131', '20240131-2', 'update'],
    ['20240131', '20240131.2', 'other-shape'],
    ['20240131', '20249901', 'not-a-version'],
    ['20240131', '1726784081', 'not-a-version'],
    ['2024.05.1', '9999.1.1', 'not-a-version'],
    ['2024.05.1', '999.0.0', 'not-a-version'],
    ['2024.05.1', 'latest', 'not-a-version'],
    ['2024.05.1', '12', 'not-a-version'],
    ['2024-05-01', '2024-12345', 'other-shape'],
    ['v2024.05.1', '2024.06.1', 'update'],
    ['v2024-05-01', 'v2024-06-01', 'update'],
    ['2024.05.1-alpine', '2024.06.1', 'other-flavour'],
    ['2024-05-01-alpine', '2024-06-01-alpine', 'update'],
    ['2024.05.1', '2024.06.1-rc1', 'pre-release'],
    ['2024.05.1', '2024.06.1-rc1', 'update', 'all'],
    ['2024.05.1-rc1', '2024.05.1', 'update'],
    ['2024.05.1-rc1', '2024.06.1-beta1', 'other-channel'],
    ['latest', '2024.05.1', 'current-not-comparable'],
    ['12', '2024.05.1', 'current-not-comparable'],
  ])('running %s, pushed %s: %s', (...[running, pushed, verdict, preReleases]: VerdictRow) => {
    const { verdicts } = outcomeOf('calver', running, [pushed], preReleases);

    expect(verdicts).toEqual({ [pushed]: verdict });
  });

  test('takes the running spelling of two equal dates', () => {
    const tags = ['2024.6.1', 'v2024.06.1', '2024.06.1'];

    expect(outcomeOf('calver', '2024.05.1', tags).selected).toBe('2024.6.1');
    expect(outcomeOf('calver', 'v2024.05.1', tags).selected).toBe('v2024.06.1');
  });

  test('is written without an argument', () => {
    expect(calverPolicy.read('calver', 'YYYY')).toBe('calver takes no argument');
  });
});
