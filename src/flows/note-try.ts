import { afterTry } from '../core/outbox.ts';
import type { AnnouncementResult } from '../core/ports.ts';
import type { Announcement } from '../core/update.ts';
import type { FlowContext } from './context.ts';

/** How a try ended. */
type Tried = Exclude<AnnouncementResult, { readonly kind: 'postponed' }>;

/** A try of an entry of an outbox, and what becomes of the entry. */
export interface TryEnd {
  readonly kind: 'ended';
  /** What it was about, for the log. */
  readonly subject: Readonly<Record<string, unknown>>;
  readonly entry: Announcement;
  readonly after: Announcement;
  readonly result: Tried;
}

/** Tries that are not written down yet, by what they told of. */
export type UnwrittenTries = Map<string, TryEnd>;

/** What is told of: by its key, and in the log. */
interface Trying extends Pick<TryEnd, 'subject'> {
  readonly unwritten: UnwrittenTries;
  readonly key: string;
}

/**
 * Makes a try, unless it was made already and only could not be written down: nobody is told again because of that. Whoever
 * writes it down ends it with `endTry`.
 */
export async function tryOnce(
  context: Pick<FlowContext, 'clock' | 'metrics' | 'random' | 'log'>,
  { unwritten, key, subject }: Trying,
  entry: Announcement,
  bring: () => Promise<AnnouncementResult>,
): Promise<TryEnd | Extract<AnnouncementResult, { readonly kind: 'postponed' }>> {
  const made = unwritten.get(key);
  if (made && isSame(made.entry, entry)) return made;
  endTry(context, unwritten, key);
  const started = context.clock.now();
  const result = await bring();
  if (result.kind === 'postponed') return result;
  const after = noteTry(context, entry, result, started.getTime());
  const end: TryEnd = { kind: 'ended', subject, entry, after, result };
  unwritten.set(key, end);
  return end;
}

/** Not when it was made due again meanwhile: then it is to be told again. */
function isSame(one: Announcement, other: Announcement): boolean {
  return one.event === other.event && one.attempts === other.attempts && one.dueAt === other.dueAt;
}

/** What becomes of an entry after a try, said in the metrics. */
function noteTry(
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

/** There is nothing to write down of it any more: it was written, or the entry is another one or gone. It was made, and is said. */
export function endTry({ log }: Pick<FlowContext, 'log'>, unwritten: UnwrittenTries, key: string): void {
  const made = unwritten.get(key);
  if (made) logTry(log, made);
  unwritten.delete(key);
}

/** One line for whoever asks at night whether it was told. */
function logTry(log: FlowContext['log'], { subject, after, result }: TryEnd): void {
  const { receiver, event, state, attempts, dueAt } = after;
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
