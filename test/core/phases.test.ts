import { describe, expect, test } from '@jest/globals';
import { isEnd, isInFlight, transitions, type Phase } from '../../src/core/phases.ts';

const phases = Object.keys(transitions) as Phase[];
const ends: readonly Phase[] = ['Succeeded', 'Rejected', 'Expired', 'Superseded', 'Failed', 'RolledBack'];

describe('the table of transitions', () => {
  test.each<[Phase, readonly Phase[]]>([
    ['Pending', ['AwaitingApproval', 'Scheduled', 'Delivering', 'Superseded', 'Failed']],
    ['AwaitingApproval', ['Scheduled', 'Delivering', 'Rejected', 'Expired', 'Superseded', 'Failed']],
    ['Scheduled', ['Delivering', 'Expired', 'Superseded', 'Failed']],
    ['Delivering', ['RollingOut', 'Superseded', 'Failed']],
    ['RollingOut', ['Verifying', 'Succeeded', 'Superseded', 'Failed']],
    ['Verifying', ['Succeeded', 'Superseded', 'Failed']],
  ])('from %s to %j', (from, to) => {
    expect(transitions[from]).toEqual(to);
  });

  test('has no way out of an end but from Failed to RolledBack', () => {
    const ways = ends.flatMap((from) => transitions[from].map((to) => `${from} -> ${to}`));

    expect(ways).toEqual(['Failed -> RolledBack']);
  });

  test('has no way back: no phase can be entered twice', () => {
    const reachable = (from: Phase): readonly Phase[] =>
      transitions[from].flatMap((to) => [to, ...reachable(to)]);

    expect(phases.filter((phase) => reachable(phase).includes(phase))).toEqual([]);
  });

  test('can end an update that is not finished, from every phase', () => {
    const stuck = phases.filter((phase) => !isEnd(phase) && !transitions[phase].includes('Failed'));

    expect(stuck).toEqual([]);
  });

  test('leads from Pending to every phase', () => {
    const reached = new Set<Phase>(['Pending']);
    for (const phase of reached) for (const next of transitions[phase]) reached.add(next);

    expect([...reached].sort()).toEqual(phases.toSorted());
  });
});

describe('isEnd', () => {
  test('is true for the ends alone', () => {
    expect(phases.filter(isEnd)).toEqual(ends);
  });
});

describe('isInFlight', () => {
  test('is true from the delivery to the verdict', () => {
    expect(phases.filter(isInFlight)).toEqual(['Delivering', 'RollingOut', 'Verifying']);
  });
});
