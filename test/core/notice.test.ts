import { describe, expect, test } from '@jest/globals';
import { changeKinds } from '../../src/core/change-kinds.ts';
import {
  isAtLeast,
  kindsOfWord,
  noticeKinds,
  noticeWords,
  severities,
  severityOfKind,
  wordOf,
} from '../../src/core/notice.ts';
import { isWanted } from '../../src/core/notice-filter.ts';

describe('the word of a kind', () => {
  test('is the kind without what it is about; of one word there may be two', () => {
    expect(wordOf('update.awaiting-approval')).toBe('awaiting-approval');
    expect(kindsOfWord('failed')).toEqual(['update.failed', 'workload.failed']);
    expect(kindsOfWord('scaled')).toEqual(['workload.scaled']);
    expect(kindsOfWord('workload.scaled')).toEqual([]);
  });

  test('is listed once, and every kind has one', () => {
    expect(new Set(noticeWords).size).toBe(noticeWords.length);
    expect(noticeWords.flatMap(kindsOfWord).toSorted()).toEqual(noticeKinds.toSorted());
  });
});

describe('severities', () => {
  test('are in order, and each at least itself', () => {
    const table = severities.map((one) => severities.map((least) => isAtLeast(one, least)));

    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
  });

  test('of what ended well and of what did not', () => {
    expect(severityOfKind('update.succeeded')).toBe('info');
    expect(severityOfKind('update.failed')).toBe('error');
  });

  test('wake people for what fails, and warn of what is gone', () => {
    const bad = changeKinds.filter((kind) => severityOfKind(kind) !== 'info');

    expect(bad.map((kind) => `${kind}: ${severityOfKind(kind)}`)).toEqual([
      'workload.deleted: warning',
      'workload.failed: error',
    ]);
  });
});

describe('a filter', () => {
  const events = ['update.succeeded', 'update.failed'] as const;
  const of = { namespace: 'till', team: 'checkout' };

  test.each([
    [{ events }, 'update.succeeded', of, true],
    [{ events }, 'update.approved', of, false],
    [{ events, namespaces: ['till'] }, 'update.succeeded', of, true],
    [{ events, namespaces: ['shop'] }, 'update.succeeded', of, false],
    [{ events, teams: ['checkout', 'search'] }, 'update.succeeded', of, true],
    [{ events, teams: ['search'] }, 'update.succeeded', of, false],
    [{ events, teams: ['search'] }, 'update.succeeded', { ...of, team: undefined }, false],
    [{ events, severity: 'error' }, 'update.failed', of, true],
    [{ events, severity: 'warning' }, 'update.succeeded', of, false],
  ] as const)('%j takes %s of %j: %s', (filter, kind, about, wanted) => {
    expect(isWanted(filter, kind, about)).toBe(wanted);
  });
});
