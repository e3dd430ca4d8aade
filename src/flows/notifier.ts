import { isWanted, type NoticeFilter } from '../core/notice-filter.ts';
import type { Notice } from '../core/notice.ts';
import type { AnnouncementResult, Clock, Notifier, Sink } from '../core/ports.ts';
import { quietForMs, type QuietHours } from '../core/quiet-hours.ts';
import { tried } from '../core/tried.ts';
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

/** Tells a sink of what is wanted there, in its words, and not in the quiet hours of those who read it. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { name, sink, filter, wording, quiet, clock, teamOf, link } = options;
  const bring = async (notice: Notice, signal: AbortSignal): Promise<AnnouncementResult> => {
    const ms = quiet ? quietForMs(quiet, notice.severity, clock.now()) : 0;
    if (ms > 0) return { kind: 'postponed', ms };
    const text = wording(notice);
    // A template that has nothing to say of it is there to say nothing.
    if (text === '') return { kind: 'sent' };
    return tried(sink.send({ notice, text }, signal), signal);
  };
  return {
    name,
    takes: (event, { workload }) =>
      isWanted(filter, event, { namespace: workload.namespace, team: teamOf(workload) }),
    async tell(update, event, signal) {
      const notice = noticeOf(update, event, { team: teamOf(update.workload), link: link(update) });
      if (!notice) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      return bring(notice, signal);
    },
    wants: ({ kind, workload, team }) => isWanted(filter, kind, { namespace: workload.namespace, team }),
    bring,
  };
}
