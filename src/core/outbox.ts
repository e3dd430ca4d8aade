import { eventOf, type EventType } from './announcement.ts';
import type { AnnouncementResult } from './ports.ts';
import { oneLine } from './one-line.ts';
import { longestProblem, type Announcement, type Update } from './update.ts';

/**
 * Waits before the tries: the example schedule of Standard Webhooks, three days and some hours in all.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const waitsMs: readonly number[] = [
  ...[0, 5, 5 * 60, 30 * 60],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 3600),
].map((seconds) => seconds * 1000);

/** However long somebody asks to be left alone: the longest wait of the schedule. */
export const longestRetryAfterMs = 24 * 3600_000;

/** Waits are spread by this part, so that what failed together does not come back together. */
const jitter = 0.1;

/** The update with an entry for everyone who is to be told of the phase it is in. */
export function withAnnouncements(update: Update, receivers: readonly string[], now: Date): Update {
  const event = eventOf(update);
  if (event === undefined) return update;
  const dueAt = now.toISOString();
  const added = receivers.map((receiver): Announcement => ({
    receiver,
    event,
    state: 'pending',
    attempts: 0,
    dueAt,
  }));
  return { ...update, announcements: [...update.announcements, ...added] };
}

/** What this receiver is still to be told first. */
export function pendingFor({ announcements }: Update, receiver: string): Announcement | undefined {
  return announcements.find((one) => one.receiver === receiver && one.state === 'pending');
}

/** How many of these wait for receivers that are none of `known`, by the name of the receiver. */
export function waitingForOthers(
  announcements: readonly Announcement[],
  known: readonly string[],
): ReadonlyMap<string, number> {
  const waiting = announcements.filter(
    ({ receiver, state }) => state === 'pending' && !known.includes(receiver),
  );
  const groups = Map.groupBy(waiting, ({ receiver }) => receiver);
  return new Map([...groups].map(([receiver, those]) => [receiver, those.length]));
}

/**
 * The entry after one more try: sent, abandoned, or due again as the schedule or the receiver says.
 *
 * @param random 0 ≤ x < 1.
 */
export function afterTry(
  entry: Announcement,
  result: Exclude<AnnouncementResult, { readonly kind: 'postponed' }>,
  now: Date,
  random: number,
): Announcement {
  const attempts = entry.attempts + 1;
  const waitMs = waitsMs[attempts];
  const { receiver, event, dueAt } = entry;
  const problem = result.message === undefined ? {} : { message: oneLine(result.message, longestProblem) };
  const tried = { receiver, event, attempts, dueAt, ...problem };
  if (result.kind !== 'failed') return { ...tried, state: result.kind };
  if (waitMs === undefined) return { ...tried, state: 'abandoned' };
  const spreadMs = waitMs * (1 + jitter * random);
  const dueMs = now.getTime() + Math.max(spreadMs, Math.min(result.retryAfterMs ?? 0, longestRetryAfterMs));
  return { ...tried, state: 'pending', dueAt: new Date(dueMs).toISOString() };
}

/** The update with this entry in place of the one it came from. */
export function withEntry(update: Update, entry: Announcement): Update {
  const announcements = update.announcements.map((one) =>
    one.receiver === entry.receiver && one.event === entry.event ? entry : one,
  );
  return { ...update, announcements };
}

/** The update with what it ever had to say to these receivers due again: everything, or one event. */
export function replayed(update: Update, now: Date, receivers: readonly string[], event?: EventType): Update {
  const dueAt = now.toISOString();
  const announcements = update.announcements.map((one): Announcement =>
    receivers.includes(one.receiver) && (event ?? one.event) === one.event
      ? { ...one, state: 'pending', attempts: 0, dueAt }
      : one,
  );
  return { ...update, announcements };
}
