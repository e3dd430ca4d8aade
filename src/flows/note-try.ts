import { afterTry } from '../core/outbox.ts';
import type { AnnouncementResult } from '../core/ports.ts';
import type { Announcement } from '../core/update.ts';
import type { FlowContext } from './context.ts';

/** How a try ended. */
export type Tried = Exclude<AnnouncementResult, { readonly kind: 'postponed' }>;

/**
 * What becomes of an entry of an outbox after a try; said in the metrics, and in the log when it is written.
 *
 * @param startedMs when the try began.
 */
export function noteTry(
  { clock, metrics, random }: Pick<FlowContext, 'clock' | 'metrics' | 'random'>,
  entry: Announcement,
  result: Tried,
  startedMs: number,
): Announcement {
  const now = clock.now();
  const next = afterTry(entry, result, now, random());
  metrics.announcement(
    result.kind === 'failed' ? next.state : result.kind,
    (now.getTime() - startedMs) / 1000,
  );
  return next;
}

/** One line for whoever asks at night whether it was told. `subject`: what it was about. */
export function logTry(
  { log }: Pick<FlowContext, 'log'>,
  subject: Readonly<Record<string, unknown>>,
  { receiver, event, state, attempts, dueAt }: Announcement,
  result: Tried,
): void {
  const why = result.message === undefined ? {} : { message: result.message };
  const again = state === 'pending' ? { dueAt } : {};
  const fields = { ...subject, receiver, event, state, attempts, ...why, ...again };
  if (state === 'sent') log[result.message === undefined ? 'info' : 'warn'](fields, 'announcement sent');
  else log[state === 'abandoned' ? 'error' : 'warn'](fields, 'announcement not taken');
}

/** How long an entry has to wait yet, in ms. What has not been tried is due at once, whatever clock wrote it down. */
export function untilDueMs({ attempts, dueAt }: Announcement, now: Date): number {
  return attempts === 0 ? 0 : Math.max(0, Date.parse(dueAt) - now.getTime());
}
