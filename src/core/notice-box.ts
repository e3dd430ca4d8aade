import { worstOf, type Notice, type Severity } from './notice.ts';
import { workloadId } from './workload.ts';
import { emptyBook, type SeenBook } from './seen-book.ts';
import type { Announcement } from './update.ts';

/** A notice, and how far everyone has been told of it. */
export interface NoticeEntry {
  readonly notice: Notice;
  readonly announcements: readonly Announcement[];
}

/**
 * What is to be told of one namespace, and was a while ago: the outbox of changes. It is written before what was seen is, and
 * says what that will be: a crash in between neither loses a notice nor tells it twice.
 */
export interface NoticeBox {
  /** Oldest first. */
  readonly entries: readonly NoticeEntry[];
  /** What was seen and may not have been written down as such yet. */
  readonly unsettled: SeenBook;
}

/** The box of a namespace of which there is nothing to tell. */
export const emptyBox: NoticeBox = { entries: [], unsettled: emptyBook };

/** The same of one workload within this time is told once. */
export const collapseMs = 10 * 60_000;
/** As much may wait to be told: of more, the oldest is dropped. */
export const mostWaiting = 1000;
/** Longer than the tries go on: whom it waits for is not there any more. */
const longestWaitMs = 5 * 24 * 3600_000;

/**
 * The box with one more notice for those receivers; without it when it says again what was last said of the workload.
 *
 * @returns the same box when there is nothing to add.
 */
export function withNotice(box: NoticeBox, notice: Notice, receivers: readonly string[]): NoticeBox {
  if (receivers.length === 0 || isRepetition(box, notice)) return box;
  const announcements = receivers.map((receiver): Announcement => ({
    ...{ receiver, event: notice.kind, state: 'pending', attempts: 0, dueAt: notice.at },
  }));
  return { ...box, entries: [...box.entries, { notice, announcements }] };
}

function isRepetition({ entries }: NoticeBox, notice: Notice): boolean {
  const id = workloadId(notice.workload);
  const last = entries.findLast((entry) => workloadId(entry.notice.workload) === id)?.notice;
  // A clock that was set back must not make them silent for as long.
  if (!last || Math.abs(Date.parse(notice.at) - Date.parse(last.at)) > collapseMs) return false;
  return sayingOf(last) === sayingOf(notice);
}

function sayingOf({ kind, images, scale, by, reason }: Notice): string {
  return JSON.stringify([kind, images, scale ?? null, by, reason ?? null]);
}

/** A notice that a receiver is still to be told. */
interface Waiting {
  readonly entry: NoticeEntry;
  readonly announcement: Announcement;
}

/** What this receiver is to be told, oldest first, as people read it; of one workload, or of all. */
function waitingOf({ entries }: NoticeBox, receiver: string, workload?: string): readonly Waiting[] {
  return entries.flatMap((entry) => {
    if (workload !== undefined && workloadId(entry.notice.workload) !== workload) return [];
    const announcement = entry.announcements.find(
      (one) => one.receiver === receiver && one.state === 'pending',
    );
    return announcement ? [{ entry, announcement }] : [];
  });
}

/** The notice that this receiver is to be told, if it still is. */
export function waitingFor(box: NoticeBox, receiver: string, id: string): Waiting | undefined {
  return waitingOf(box, receiver).find(({ entry }) => entry.notice.id === id);
}

/** The notices that it is to be told, oldest first; of one workload, or of all. */
export function idsWaiting(box: NoticeBox, receiver: string, workload?: string): readonly string[] {
  return waitingOf(box, receiver, workload).map(({ entry }) => entry.notice.id);
}

/** After so many tries in vain it holds up nobody any more: a place may refuse one message, and take the next. */
const mostHoldingUp = 3;

/**
 * The notices of a workload whose turn it is at this receiver. People read in the order in which things happen: it is the
 * first, and the ones after what has been tried in vain for long.
 */
export function idsInTurn(box: NoticeBox, receiver: string, workload: string): readonly string[] {
  const waiting = waitingOf(box, receiver, workload);
  const holder = waiting.findIndex(({ announcement }) => announcement.attempts < mostHoldingUp);
  const ids = waiting.map(({ entry }) => entry.notice.id);
  return holder === -1 ? ids : ids.slice(0, holder + 1);
}

/** How bad the worst is that waits for a notice to be told, itself included; `undefined` when it is not to be told. */
export function worstBehind(
  box: NoticeBox,
  receiver: string,
  { id, workload }: Notice,
): Severity | undefined {
  const waiting = waitingOf(box, receiver, workloadId(workload));
  const at = waiting.findIndex(({ entry }) => entry.notice.id === id);
  return at === -1 ? undefined : worstOf(waiting.slice(at).map(({ entry }) => entry.notice.severity));
}

/** The box after a try. */
export function withTry(box: NoticeBox, id: string, after: Announcement): NoticeBox {
  const told = (announcements: readonly Announcement[]): readonly Announcement[] =>
    announcements.map((one) => (one.receiver === after.receiver ? after : one));
  return {
    ...box,
    entries: box.entries.map((entry) =>
      entry.notice.id === id ? { ...entry, announcements: told(entry.announcements) } : entry,
    ),
  };
}

/** The box without what nobody needs any more; `dropped` would still have to be told, and will not be. */
export function trimmed(
  box: NoticeBox,
  now: Date,
): { readonly box: NoticeBox; readonly dropped: readonly Notice[] } {
  const kept = box.entries.filter((entry) => {
    const ageMs = now.getTime() - Date.parse(entry.notice.at);
    return ageMs <= (isWaiting(entry) ? longestWaitMs : collapseMs);
  });
  const entries = kept.length <= mostWaiting ? kept : kept.filter(isWaiting).slice(-mostWaiting);
  if (entries.length === box.entries.length) return { box, dropped: [] };
  const dropped = box.entries.filter((entry) => isWaiting(entry) && !entries.includes(entry));
  return { box: { ...box, entries }, dropped: dropped.map(({ notice }) => notice) };
}

function isWaiting({ announcements }: NoticeEntry): boolean {
  return announcements.some(({ state }) => state === 'pending');
}
