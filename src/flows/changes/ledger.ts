import { hasCode } from '../../core/errors.ts';
import { emptyBox, trimmed, withNotice, withTry, type NoticeBox } from '../../core/notice-box.ts';
import { readNoticeFile, writeNoticeFile } from '../../core/notice-file.ts';
import type { Notice } from '../../core/notice.ts';
import type { Documents, StoredDocument } from '../../core/documents.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { emptyBook, merged, type SeenBook } from '../../core/seen-book.ts';
import { readSeenFile, seenFile } from '../../core/seen-file.ts';
import type { Announcement } from '../../core/update.ts';
import { workloadId } from '../../core/workload.ts';
import { createBatched } from './batched.ts';

/** Where and how the ledger of a namespace is kept. */
export interface LedgerOptions {
  /** Keeps what is to be told. */
  readonly outbox: Documents;
  /** Keeps what was seen; may be somewhere else. */
  readonly cache: Documents;
  readonly files: { readonly notices: string; readonly seen: string };
  readonly teamLabel: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Told when all that waits is to be looked at again: somebody else had written it. */
  reloaded(): void;
  /** Told of the workloads of which something was dropped: what stood behind it may be told now. */
  dropped(box: NoticeBox, workloads: ReadonlySet<string>): void;
}

/** What is known of one namespace: what was seen, and what is to be told. One process at a time writes it, the leader. */
export interface Ledger {
  book(): SeenBook;
  box(): NoticeBox;
  /**
   * Puts down what was seen together with what is told of it, or neither.
   *
   * @throws AppError `conflict` when somebody else wrote; then it has been read again.
   */
  settle(
    seen: SeenBook,
    told?: { readonly notice: Notice; readonly receivers: readonly string[] },
  ): Promise<void>;
  /** Puts down how a try ended. @throws as `settle` does. */
  tried(id: string, after: Announcement): Promise<void>;
  /** Brings the cache up to date; whether that is all there is to do. */
  flush(): Promise<boolean>;
}

/**
 * Reads what there is. What cannot be read as what it should be counts as absent, and is said in the log.
 *
 * @throws AppError when it cannot be known what there is.
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { outbox, files, signal } = options;
  const state = await load(options);
  const write = async (change: (before: NoticeBox) => NoticeBox): Promise<void> => {
    const { box, dropped } = trimmed(change(state.box), options.clock.now());
    if (box === state.box) return;
    try {
      const text = writeNoticeFile(box, options.teamLabel);
      state.boxRevision = await outbox.write(files.notices, text, state.boxRevision, signal);
    } catch (error) {
      if (hasCode(error, 'conflict')) {
        const read = await load(options);
        const isOther = read.boxRevision !== state.boxRevision;
        Object.assign(state, read);
        if (isOther) options.reloaded();
      }
      throw error;
    }
    state.box = box;
    state.book = merged(state.book, box.unsettled);
    dropped.forEach((notice) => logDropped(options.log, notice));
    if (dropped.length > 0)
      options.dropped(box, new Set(dropped.map(({ workload }) => workloadId(workload))));
  };
  const commit = createBatched(write);
  // What is too old is dropped also where nothing else is ever written.
  if (trimmed(state.box, options.clock.now()).dropped.length > 0) await commit((box) => box);
  return {
    book: () => state.book,
    box: () => state.box,
    settle: (seen, told) =>
      commit((box) => {
        const next = { ...box, unsettled: merged(box.unsettled, seen) };
        return told ? withNotice(next, told.notice, told.receivers) : next;
      }),
    tried: (id, after) => commit((box) => withTry(box, id, after)),
    async flush() {
      const { unsettled } = state.box;
      if (unsettled.seen.size === 0 && unsettled.kinds.length === 0) return true;
      await writeBook(options, state);
      // What came meanwhile is written next time; what was written need not stand in the outbox any more.
      if (state.box.unsettled !== unsettled) return false;
      state.box = { ...state.box, unsettled: emptyBook };
      return true;
    },
  };
}

interface State {
  box: NoticeBox;
  boxRevision: string | undefined;
  book: SeenBook;
  bookRevision: string | undefined;
}

async function load(options: LedgerOptions): Promise<State> {
  const { outbox, cache, files, signal } = options;
  const [notices, seen] = await Promise.all([
    outbox.read(files.notices, signal),
    cache.read(files.seen, signal),
  ]);
  const box = boxIn(options, notices);
  return {
    ...{ box, boxRevision: notices?.revision },
    ...{ book: merged(bookIn(options, seen), box.unsettled), bookRevision: seen?.revision },
  };
}

/** @throws AppError `conflict` when somebody else wrote it: what they saw is taken over where we saw nothing. */
async function writeBook(options: LedgerOptions, state: State): Promise<void> {
  const { cache, files, log, signal } = options;
  try {
    const text = JSON.stringify(seenFile(state.book, options.teamLabel));
    state.bookRevision = await cache.write(files.seen, text, state.bookRevision, signal);
  } catch (error) {
    if (!hasCode(error, 'conflict')) throw error;
    const theirs = await cache.read(files.seen, signal);
    state.book = merged(bookIn(options, theirs), state.book);
    state.bookRevision = theirs?.revision;
    log.warn({ file: files.seen }, 'somebody else has written what was seen: is another notifier running?');
    throw error;
  }
}

function boxIn({ log, files, teamLabel }: LedgerOptions, document: StoredDocument | undefined): NoticeBox {
  if (!document) return emptyBox;
  const read = readNoticeFile(document.text, teamLabel);
  if (typeof read === 'string') {
    log.error({ file: files.notices, problem: read }, 'what is to be told cannot be read, and is begun anew');
    return emptyBox;
  }
  if (read.unreadable > 0)
    log.error(
      { file: files.notices, notices: read.unreadable },
      'another version wrote notices that this one cannot read: they are not told',
    );
  return read.box;
}

function bookIn({ log, files, teamLabel }: LedgerOptions, document: StoredDocument | undefined): SeenBook {
  if (!document) return emptyBook;
  const read = readSeenFile(document.text, teamLabel);
  if (typeof read !== 'string') return read;
  log.warn(
    { file: files.seen, problem: read },
    'what was seen cannot be read: what there is now counts as seen',
  );
  return emptyBook;
}

function logDropped(log: Log, { id, kind, workload }: Notice): void {
  log.error({ notice: id, kind, workload: workloadId(workload) }, 'a notice is dropped: nobody took it');
}
