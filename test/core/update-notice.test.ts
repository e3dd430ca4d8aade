import { describe, expect, test } from '@jest/globals';
import { noticeOf } from '../../src/core/update-notice.ts';
import { enter } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';
import { anAskedUpdate, askedAt, aVote, voted } from '../support/slack-parts.ts';

const extras = { team: 'checkout', link: 'https://more.example/' };
const later = new Date('2026-01-01T00:10:00Z');

describe('a notice of an update', () => {
  test('says of an update’s event what people want to know', () => {
    const delivering = enter(voted(anAskedUpdate()), 'Delivering', askedAt);
    const failed = enter(delivering, 'Failed', later, { reason: 'timeout', message: 'no pod is ready' });

    expect(noticeOf(failed, 'update.failed', extras)).toEqual({
      ...{ id: `${failed.name}-failed`, thread: failed.name, kind: 'update.failed', severity: 'error' },
      at: later.toISOString(),
      workload: failed.workload,
      images: [{ container: 'app', from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' }],
      by: ['ada@acme.example'],
      ...{ reason: 'timeout', message: 'no pod is ready', ...extras },
    });
  });

  test('names whoever has no address by the name he is called by', () => {
    const by = { id: 'token:ci', name: 'ci' };
    const approved = enter(voted(anAskedUpdate(), aVote({ by })), 'Delivering', askedAt);

    expect(noticeOf(approved, 'update.approved', extras)?.by).toEqual(['ci']);
  });

  test('of something earlier has no message of what came since', () => {
    const approved = enter(voted(anAskedUpdate()), 'Delivering', askedAt);
    const failed = enter(approved, 'Failed', later, { reason: 'timeout', message: 'no pod is ready' });

    expect(noticeOf(failed, 'update.approved', extras)).toMatchObject({
      ...{ at: askedAt.toISOString(), message: undefined, reason: undefined, thread: failed.name },
    });
  });

  test('has no reason of what goes as it should', () => {
    const asked = enter(anUpdate(), 'AwaitingApproval', askedAt, { reason: 'approval', message: '0 of 1' });

    expect(
      noticeOf({ ...asked, approval: anAskedUpdate().approval }, 'update.awaiting-approval', extras),
    ).toMatchObject({ reason: undefined, message: '0 of 1' });
  });

  test('of what has not happened is none', () => {
    expect(noticeOf(anUpdate(), 'update.succeeded', extras)).toBeUndefined();
  });

  test('names nobody where nobody was asked', () => {
    const failed = enter(anUpdate(), 'Failed', later, { reason: 'refused' });

    expect(noticeOf(failed, 'update.failed', extras)).toMatchObject({ by: [], reason: 'refused' });
  });
});
