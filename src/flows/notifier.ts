import { isEventType, type EventType } from '../core/announcement.ts';
import { isWanted, type NoticeFilter } from '../core/notice-filter.ts';
import { severityOfKind, worstOf } from '../core/notice.ts';
import { longestRetryAfterMs } from '../core/outbox.ts';
import type { Clock, Notifier, Sink } from '../core/ports.ts';
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
  /** Whose workload it is, where that is known. */
  readonly teamOf: (workload: WorkloadKey) => string | undefined;
  readonly link: UpdateLink;
}

const longestQuietMs = 30 * 60_000;

/** What it is yet to be told of an update. */
function pendingKinds({ announcements }: Update, receiver: string): readonly EventType[] {
  return announcements
    .filter((one) => one.receiver === receiver && one.state === 'pending')
    .flatMap(({ event }) => (isEventType(event) ? [event] : []));
}

/** Tells a sink of what is wanted there, in its words, and not in the quiet hours of those who read it. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { name, sink, filter, wording, quiet, clock, teamOf, link } = options;
  let freeAtMs = -Infinity;
  const bring: Notifier['bring'] = async (notice, signal, worst = notice.severity) => {
    const quietMs = quiet ? quietForMs(quiet, worst, clock.now()) : 0;
    // Clocks may be put forward meanwhile: it looks again now and then.
    const ms = Math.max(Math.min(quietMs, longestQuietMs), freeAtMs - clock.monotonicMs());
    if (ms > 0) return { kind: 'postponed', ms };
    const text = wording(notice);
    // A template that has nothing to say of it is there to say nothing.
    if (text === '') return { kind: 'sent' };
    const result = await tried(sink.send({ notice, text }, signal), signal);
    // Whoever asks to be left alone means everything, not only what it has refused.
    if (result.kind === 'failed' && result.retryAfterMs !== undefined)
      freeAtMs = clock.monotonicMs() + Math.min(result.retryAfterMs, longestRetryAfterMs);
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
