import { isEventType, type EventType } from '../core/announcement.ts';
import { isWanted, type NoticeFilter } from '../core/notice-filter.ts';
import { severityOfKind, worstOf, type Notice, type NoticeKind } from '../core/notice.ts';
import type { AnnouncementResult, Clock, Log, Message, Notifier, Sink } from '../core/ports.ts';
import { quietForMs, type QuietHours } from '../core/quiet-hours.ts';
import { tried } from '../core/tried.ts';
import type { Update } from '../core/update.ts';
import type { UpdateLink } from '../core/update-link.ts';
import { noticeOf } from '../core/update-notice.ts';
import type { Wording } from '../core/wording.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { createPace } from './pace.ts';

export interface NotifierOptions {
  /** Its name in the configuration. */
  readonly name: string;
  readonly sink: Sink;
  readonly filter: NoticeFilter;
  readonly wording: Wording;
  readonly quiet: QuietHours | undefined;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** Whose workload it is, where that is known. */
  readonly teamOf: (workload: WorkloadKey) => string | undefined;
  readonly link: UpdateLink;
}

const longestQuietMs = 30 * 60_000;
/** Where a place wants less at a time, and does not say for how long. */
const usualPauseMs = 10_000;
/** What was refused lets all others pass first: it may be about nothing but itself. */
const behindMs = 100;
/** For so long it is no failed try that a place wants less at a time; then it is, and the schedule has an end. */
const patienceMs = 3600_000;
/** It is known of as many messages when they were refused first. */
const mostRefused = 10_000;

/** What it is yet to be told of an update. */
function pendingKinds({ announcements }: Update, receiver: string): readonly EventType[] {
  return announcements
    .filter((one) => one.receiver === receiver && one.state === 'pending')
    .flatMap(({ event }) => (isEventType(event) ? [event] : []));
}

/** Tells a sink of what is wanted there, in its words, and not in the quiet hours of those who read it. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { name, sink, filter, wording, quiet, clock, log, teamOf, link } = options;
  const pace = createPace({ clock, log }, name);
  const refusedAtMs = new Map<string, number>();
  /** A message may be refused for ever while others are taken: it has its own time. */
  const isPatient = ({ id }: Notice): boolean => {
    const nowMs = clock.monotonicMs();
    const firstMs = refusedAtMs.get(id) ?? nowMs;
    refusedAtMs.set(id, firstMs);
    const [oldest = id] = refusedAtMs.keys();
    if (refusedAtMs.size > mostRefused) refusedAtMs.delete(oldest);
    return nowMs - firstMs < patienceMs;
  };
  const send = async (message: Message, signal: AbortSignal): Promise<AnnouncementResult> => {
    signal.throwIfAborted();
    // Who had the turn before may have been refused.
    const waitMs = pace.waitMs();
    if (waitMs > 0) return { kind: 'postponed', ms: waitMs };
    const result = await tried(sink.send(message, signal), signal);
    if (result.kind !== 'failed') {
      pace.took();
      refusedAtMs.delete(message.notice.id);
      return result;
    }
    const askedMs = result.retryAfterMs ?? (result.isTooMuch ? usualPauseMs : undefined);
    if (askedMs === undefined) return result;
    const pausedMs = pace.pause(askedMs, result.message);
    return result.isTooMuch && isPatient(message.notice)
      ? { kind: 'postponed', ms: pausedMs + behindMs }
      : result;
  };
  const bring: Notifier['bring'] = async (notice, signal, worst = notice.severity) => {
    const quietMs = quiet ? quietForMs(quiet, worst, clock.now()) : 0;
    // Clocks may be put forward meanwhile: it looks again now and then.
    const ms = Math.max(Math.min(quietMs, longestQuietMs), pace.waitMs());
    if (ms > 0) return { kind: 'postponed', ms };
    const text = wording(notice);
    // A template that has nothing to say of it is there to say nothing.
    return text === '' ? { kind: 'sent' } : pace.inTurn(() => send({ notice, text }, signal));
  };
  const isTold = (kind: NoticeKind, { namespace }: WorkloadKey, team: string | undefined): boolean =>
    isWanted(filter, kind, { namespace, team }) && (sink.tells?.(kind) ?? true);
  return {
    name,
    takes: (event, { workload }) => isTold(event, workload, teamOf(workload)),
    async tell(update, event, signal) {
      const notice = noticeOf(update, event, { team: teamOf(update.workload), link: link(update) });
      if (!notice) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      return bring(notice, signal, worstOf(pendingKinds(update, name).map(severityOfKind)));
    },
    wants: ({ kind, workload, team }) => isTold(kind, workload, team),
    bring,
    busyMs: pace.waitMs,
  };
}
