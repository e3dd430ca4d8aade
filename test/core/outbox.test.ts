import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  afterTry,
  longestRetryAfterMs,
  pendingFor,
  replayed,
  waitingForOthers,
  waitsMs,
  withAnnouncements,
  withEntry,
} from '../../src/core/outbox.ts';
import type { AnnouncementResult } from '../../src/core/ports.ts';
import { askedFor } from '../../src/core/approval.ts';
import { enter, longestProblem, type Announcement } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';

const now = new Date('2026-01-01T00:00:00Z');
const failed = enter(anUpdate(), 'Failed', now, { reason: 'refused' });
const refused: AnnouncementResult = { kind: 'failed', message: 'answered 500', retryAfterMs: undefined };
const entry: Announcement = {
  ...{ receiver: 'webhook', event: 'update.failed', state: 'pending', attempts: 0 },
  dueAt: now.toISOString(),
};

function waitedMs({ dueAt }: Announcement): number {
  return Date.parse(dueAt) - now.getTime();
}

describe('an end', () => {
  test('is to be told to everyone, at once', () => {
    const { announcements } = withAnnouncements(failed, ['webhook', 'slack'], now);

    expect(announcements).toEqual([entry, { ...entry, receiver: 'slack' }]);
  });

  test('that pipelines do not act on is told to nobody, and nobody is told of an end when nobody listens', () => {
    const superseded = enter(anUpdate(), 'Superseded', now);

    expect(withAnnouncements(superseded, ['webhook'], now)).toEqual(superseded);
    expect(withAnnouncements(failed, [], now).announcements).toEqual([]);
  });
});

describe('what people are asked about', () => {
  const rules = { votes: 1, approvers: ['rbac'], deadlineMs: 3_600_000, requesterMayApprove: false };
  const plain = enter(anUpdate(), 'AwaitingApproval', now);
  const waiting = { ...plain, approval: askedFor(plain, rules, now) };
  const asked: Announcement = { ...entry, event: 'update.awaiting-approval' };

  test('is told when they are asked, and when it is over, each once and in this order', () => {
    const first = withAnnouncements(waiting, ['webhook'], now);
    const last = withAnnouncements(enter(first, 'Superseded', now), ['webhook'], now);

    expect(first.announcements).toEqual([asked]);
    expect(last.announcements).toEqual([asked, { ...entry, event: 'update.superseded' }]);
    expect(pendingFor(last, 'webhook')).toEqual(asked);
    expect(pendingFor(withEntry(last, { ...asked, state: 'sent' }), 'webhook')?.event).toBe(
      'update.superseded',
    );
  });

  test('is told to nobody where nobody was asked', () => {
    expect(withAnnouncements(plain, ['webhook'], now)).toEqual(plain);
    expect(withAnnouncements(enter(plain, 'Delivering', now), ['webhook'], now).announcements).toEqual([]);
  });
});

describe('tries', () => {
  test('follow the schedule of Standard Webhooks, then end', () => {
    const waits: number[] = [];
    let one = entry;
    while (one.state === 'pending') {
      one = afterTry(one, refused, now, 0);
      if (one.state === 'pending') waits.push(waitedMs(one) / 1000);
    }

    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(one).toMatchObject({ state: 'abandoned', attempts: waitsMs.length });
  });

  test('are spread by up to a tenth, and never sooner than the receiver asked for, but a day later at most', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: waitsMs.length - 2 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.nat({ max: 1e9 }), { nil: undefined }),
        (attempts, random, retryAfterMs) => {
          const waitMs = waitedMs(
            afterTry({ ...entry, attempts }, { ...refused, retryAfterMs }, now, random),
          );

          const plainMs = waitsMs[attempts + 1] ?? NaN;
          const askedMs = Math.min(retryAfterMs ?? 0, longestRetryAfterMs);
          expect(waitMs).toBeGreaterThanOrEqual(Math.max(plainMs, askedMs));
          expect(waitMs).toBeLessThanOrEqual(Math.max(plainMs * 1.1, askedMs));
        },
      ),
    );
  });

  test.each([1e300, Infinity, 1e15])('are put off by no more than a day, also by %p ms', (retryAfterMs) => {
    expect(waitedMs(afterTry(entry, { ...refused, retryAfterMs }, now, 0))).toBe(24 * 3_600_000);
  });

  test('end when the receiver took it, or said it is gone', () => {
    expect(afterTry(entry, { kind: 'sent' }, now, 0)).toEqual({ ...entry, state: 'sent', attempts: 1 });
    expect(afterTry(entry, { kind: 'abandoned', message: 'gone' }, now, 0)).toMatchObject({
      state: 'abandoned',
    });
  });
});

test('what went wrong at the last try is in the record, on one line and no longer than that takes', () => {
  const failedOnce = afterTry(entry, { ...refused, message: 'slack: token\nrevoked' }, now, 0);
  const warned = afterTry(failedOnce, { kind: 'sent', message: 'x'.repeat(5000) }, now, 0);

  expect(failedOnce).toMatchObject({ state: 'pending', message: 'slack: token revoked' });
  expect(warned).toMatchObject({ state: 'sent', attempts: 2 });
  expect(warned.message).toHaveLength(longestProblem);
  expect(afterTry(failedOnce, { kind: 'sent' }, now, 0)).not.toHaveProperty('message');
});

test('an entry is found by its receiver and replaced by receiver and event', () => {
  const slack = { ...entry, receiver: 'slack' };
  const earlier: Announcement = { ...entry, event: 'update.recorded', state: 'sent' };
  const update = { ...failed, announcements: [earlier, entry, slack] };
  const sent: Announcement = { ...entry, state: 'sent' };

  const next = withEntry(update, sent);

  expect(pendingFor(update, 'webhook')).toBe(entry);
  expect(next.announcements).toEqual([earlier, sent, slack]);
  expect(pendingFor(next, 'webhook')).toBeUndefined();
});

test('a replay makes everything due again, of all receivers or of one', () => {
  const later = new Date('2026-02-01T00:00:00Z');
  const sent: Announcement = { ...entry, state: 'sent', attempts: 3 };
  const given: Announcement = { ...entry, receiver: 'slack', state: 'abandoned', attempts: 10 };
  const update = { ...failed, announcements: [sent, given] };
  const due = { ...entry, dueAt: later.toISOString() };

  expect(replayed(update, later, ['webhook', 'slack']).announcements).toEqual([
    due,
    { ...due, receiver: 'slack' },
  ]);
  expect(replayed(update, later, ['webhook', 'slack'], 'update.expired').announcements).toEqual([
    sent,
    given,
  ]);
  expect(replayed(update, later, ['slack']).announcements).toEqual([sent, { ...due, receiver: 'slack' }]);
});

test('what waits for others than those who are known is counted by receiver', () => {
  const more = [
    { ...entry, receiver: 'gone' },
    { ...entry, receiver: 'gone', event: 'update.succeeded' },
    { ...entry, receiver: 'gone', state: 'sent' },
    { ...entry, receiver: 'old', state: 'abandoned' },
    { ...entry, receiver: 'slack' },
  ] as const;

  expect([...waitingForOthers([entry, ...more], ['webhook'])]).toEqual([
    ['gone', 2],
    ['slack', 1],
  ]);
  expect([...waitingForOthers([entry], ['webhook'])]).toEqual([]);
});
