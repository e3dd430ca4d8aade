import { eventTypes, type EventType } from './announcement.ts';
import { approversOf } from './approval.ts';
import { severityOfKind, wordOf, type Notice } from './notice.ts';
import type { Update } from './update.ts';

/** What a notice says that is not in the record. */
export type NoticeExtras = Pick<Notice, 'team' | 'link'>;

/** What people are told of an event of an update; `undefined` when it has not come to that. */
export function noticeOf(update: Update, kind: EventType, extras: NoticeExtras): Notice | undefined {
  const entry = update.history.findLast(({ phase }) => phase === eventTypes[kind]);
  if (!entry) return undefined;
  const { name, workload, moves, approval } = update;
  const severity = severityOfKind(kind);
  // It may have moved on since: what the record says now is of another phase then.
  const message = entry.phase === update.phase ? update.message : undefined;
  // Of what goes as it should there is nothing to explain.
  const reason = severity === 'info' ? undefined : entry.reason;
  return {
    id: `${name}-${wordOf(kind)}`,
    ...{ thread: name, kind, severity, at: entry.at, workload },
    images: moves.map(({ container, from, to }) => ({ container, from, to })),
    by: approversOf(approval?.given ?? []).map((person) => person.email ?? person.name),
    ...{ reason, message, ...extras },
  };
}
