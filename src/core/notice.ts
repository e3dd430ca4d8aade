import { eventTypes, type EventType } from './announcement.ts';
import { approversOf } from './approval.ts';
import type { Update } from './update.ts';
import type { WorkloadKey } from './workload.ts';

/** Kinds of things that people are told of. */
export type NoticeKind = EventType;

/** How bad it is, least first. */
export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

/** Something that happened to a workload: what every message is made of. Nothing of it is secret. */
export interface Notice {
  /** Constant over every try: where the other side knows ids, it knows by it what it has. */
  readonly id: string;
  /** The same for everything about one rollout. */
  readonly thread: string;
  readonly kind: NoticeKind;
  readonly severity: Severity;
  /** RFC 3339: when it happened. */
  readonly at: string;
  readonly workload: WorkloadKey;
  /** Whose workload it is, by its label. */
  readonly team: string | undefined;
  /** Old and new image of every container that was changed. */
  readonly images: readonly { readonly container: string; readonly from: string; readonly to: string }[];
  /** Who let it happen, where people did. */
  readonly by: readonly string[];
  /** Why, where that is not obvious: a code, and words for a person. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Where more can be read. */
  readonly link: string | undefined;
}

/** What a notice says that is not in the record. */
export type NoticeExtras = Pick<Notice, 'team' | 'link'>;

const severityOf: Readonly<Record<NoticeKind, Severity>> = {
  'update.awaiting-approval': 'info',
  'update.approved': 'info',
  'update.rejected': 'warning',
  'update.expired': 'warning',
  'update.superseded': 'info',
  'update.succeeded': 'info',
  'update.failed': 'error',
};

/** Whether `severity` is at least as bad as `least`. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

/** How bad it is. */
export function severityOfKind(kind: NoticeKind): Severity {
  return severityOf[kind];
}

/** What people are told of an event of an update; `undefined` when it has not come to that. */
export function noticeOf(update: Update, kind: NoticeKind, extras: NoticeExtras): Notice | undefined {
  const entry = update.history.findLast(({ phase }) => phase === eventTypes[kind]);
  if (!entry) return undefined;
  const { name, workload, moves, approval } = update;
  // It may have moved on since: what the record says now is of another phase then.
  const message = entry.phase === update.phase ? update.message : undefined;
  // Of what goes as it should there is nothing to explain.
  const reason = severityOf[kind] === 'info' ? undefined : entry.reason;
  return {
    id: `${name}-${kind.slice('update.'.length)}`,
    ...{ thread: name, kind, severity: severityOf[kind], at: entry.at, workload },
    images: moves.map(({ container, from, to }) => ({ container, from, to })),
    by: approversOf(approval?.given ?? []).map((person) => person.email ?? person.name),
    ...{ reason, message, ...extras },
  };
}
