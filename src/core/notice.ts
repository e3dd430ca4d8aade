import type { EventType } from './announcement.ts';
import type { ChangeKind } from './change-kinds.ts';
import type { WorkloadKey } from './workload.ts';

/** Kinds of things that people are told of: what becomes of our updates, and what others do to workloads. */
export type NoticeKind = EventType | ChangeKind;

/** How bad it is, least first. */
export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

/** Something that happened to a workload: what every message is made of. Nothing of it is secret. */
export interface Notice {
  /**
   * Constant over every try: where the other side knows ids, it knows by it what it has. A name that Kubernetes takes.
   */
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
  /** Every container that was changed, with both its images; of what changes no image, all of them. */
  readonly images: readonly NoticeImage[];
  /** How many pods were wanted, and are, where that is what changed. */
  readonly scale?: { readonly from: number; readonly to: number };
  /** Of an update, who let it happen, where people did; of a change, the field manager that made it. */
  readonly by: readonly string[];
  /** Why, where that is not obvious: a code, and words for a person. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** Where more can be read. */
  readonly link: string | undefined;
}

/** A container's image before and after; both are the same where it did not change, `from` is empty where there was none. */
export interface NoticeImage {
  readonly container: string;
  readonly from: string;
  readonly to: string;
}

const severityOf: Readonly<Record<NoticeKind, Severity>> = {
  'update.awaiting-approval': 'info',
  'update.approved': 'info',
  'update.rejected': 'warning',
  'update.expired': 'warning',
  'update.superseded': 'info',
  'update.succeeded': 'info',
  'update.failed': 'error',
  'workload.created': 'info',
  'workload.image-changed': 'info',
  'workload.config-changed': 'info',
  'workload.restarted': 'info',
  'workload.scaled': 'info',
  'workload.autoscaled': 'info',
  'workload.deleted': 'warning',
  'workload.failed': 'error',
  'workload.recovered': 'info',
};

/** Every kind there is. */
export const noticeKinds = Object.keys(severityOf) as readonly NoticeKind[];

/** The word by which people choose a kind: `failed` is `update.failed` and `workload.failed`. */
export function wordOf(kind: NoticeKind): string {
  return kind.slice(kind.indexOf('.') + 1);
}

/** Every such word once. */
export const noticeWords: readonly string[] = [...new Set(noticeKinds.map(wordOf))];

/** The kinds that a word stands for. */
export function kindsOfWord(word: string): readonly NoticeKind[] {
  return noticeKinds.filter((kind) => wordOf(kind) === word);
}

/** Whether `severity` is at least as bad as `least`. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

/** The worst of them; `undefined` when there is none. */
export function worstOf(all: readonly Severity[]): Severity | undefined {
  return severities.findLast((one) => all.includes(one));
}

/** How bad it is. */
export function severityOfKind(kind: NoticeKind): Severity {
  return severityOf[kind];
}
