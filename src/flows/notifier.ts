import { isEventType, type EventType } from '../core/announcement.ts';
import { isWanted, type NoticeFilter } from '../core/notice-filter.ts';
import { severityOfKind, worstOf } from '../core/notice.ts';
import { longestRetryAfterMs } from '../core/outbox.ts';
import type { Clock, Log, Notifier, Sink } from '../core/ports.ts';
import { quietForMs, type QuietHours } from '../core/quiet-hours.ts';
import { tried } from '../core/tried.ts';
import type { Update } from '../core/update.ts';
import type { UpdateLink } from '../core/update-link.ts';
import { noticeOf } from '../core/update-notice.ts';
import type { Wording } from '../core/wording.ts';
import type { WorkloadKey } from '../core/workload.ts';

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
/** Nobody misses what is told so much later. */
const shortPauseMs = 60_000;

/** What it is yet to be told of an update. */
function pendingKinds({ announcements }: Update, receiver: string): readonly EventType[] {
  return announcements
    .filter((one) => one.receiver === receiver && one.state === 'pending')
    .flatMap(({ event }) => (isEventType(event) ? [event] : []));
}

/** Tells a sink of what is wanted there, in its words, and not in the quiet hours of those who read it. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { name, sink, filter, wording, quiet, clock, log, teamOf, link } = options;
  let freeAtMs = -Infinity;
  let saidUntilMs = -Infinity;
  /** Whoever asks to be left alone means everything, not only what it has refused. */
  const leaveAlone = (askedMs: number, why: string): void => {
    const waitMs = Math.min(askedMs, longestRetryAfterMs);
    const nowMs = clock.monotonicMs();
    freeAtMs = nowMs + waitMs;
    // Several under way at once are all refused: the first says it for the others, too.
    if (freeAtMs - Math.max(nowMs, saidUntilMs) <= shortPauseMs) return;
    saidUntilMs = freeAtMs;
    const until = new Date(clock.now().getTime() + waitMs).toISOString();
    log.warn(
      { receiver: name, waitMs, until, why },
      'asked to be left alone: nothing is told there until then',
    );
  };
  const bring: Notifier['bring'] = async (notice, signal, worst = notice.severity) => {
    const quietMs = quiet ? quietForMs(quiet, worst, clock.now()) : 0;
    // Clocks may be put forward meanwhile: it looks again now and then.
    const ms = Math.max(Math.min(quietMs, longestQuietMs), freeAtMs - clock.monotonicMs());
    if (ms > 0) return { kind: 'postponed', ms };
    const text = wording(notice);
    // A template that has nothing to say of it is there to say nothing.
    if (text === '') return { kind: 'sent' };
    const result = await tried(sink.send({ notice, text }, signal), signal);
    if (result.kind === 'failed' && result.retryAfterMs !== undefined)
      leaveAlone(result.retryAfterMs, result.message);
    return result;
  };
  return {
    name,
    takes: (event, { workload }) =>
      isWanted(filter, event, { namespace: workload.namespace, team: teamOf(workload) }),
    async tell(update, event, signal) {
      const notice = noticeOf(update, event, { team: teamOf(update.workload), link: link(update) });
      if (!notice) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      return bring(notice, signal, worstOf(pendingKinds(update, name).map(severityOfKind)));
    },
    wants: ({ kind, workload, team }) => isWanted(filter, kind, { namespace: workload.namespace, team }),
    bring,
  };
}
