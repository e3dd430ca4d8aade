import { changeNotice } from '../../core/change-notice.ts';
import type { Change } from '../../core/change.ts';
import type { Notice } from '../../core/notice.ts';
import { bookName, emptyBook, withSeen } from '../../core/seen-book.ts';
import type { Seen } from '../../core/seen.ts';
import { workloadId, type WorkloadKey } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import type { Next } from '../context.ts';
import type { Ledger } from './ledger.ts';
import { createLookAtWorkload } from './look-at-workload.ts';

/** Looks at a workload, and has told of what others did to it. */
export type NotifyChanges = (key: WorkloadKey, ledger: Ledger, signal: AbortSignal) => Promise<Next>;

/** What it needs besides the context. */
export interface NotifyChangesOptions {
  /** Told of one of a kind that has never been looked at in its namespace: that is to be done first. */
  unseen(key: WorkloadKey): void;
  /** Told of a notice that has been written down. */
  noted(notice: Notice): void;
}

/**
 * Level-triggered as all else: events say only where to look, so that the next look finds what was missed. What a look
 * comes to is written down together with what is to be told of it, and nothing is kept in between.
 */
export function createNotifyChanges(context: ChangeContext, options: NotifyChangesOptions): NotifyChanges {
  const look = createLookAtWorkload(context);
  return async (key, ledger, signal) => {
    // Its list is under way, and comes by here when it is there.
    if (!context.watched.knows(key)) return { kind: 'idle' };
    if (!ledger.book().kinds.includes(key.kind)) {
      options.unseen(key);
      return { kind: 'idle' };
    }
    const name = bookName(key);
    const before = ledger.book().seen.get(name);
    const { judgement, againMs } = await look(key, before, signal);
    if (judgement.kind === 'settled') {
      const { seen, change } = judgement;
      const notice = change && noticeOf(context, key, seen, change);
      await write(context, ledger, [name, seen], notice);
      if (notice) options.noted(notice);
    }
    return againMs === undefined ? { kind: 'idle' } : { kind: 'after', ms: againMs };
  };
}

function noticeOf({ clock, link }: ChangeContext, workload: WorkloadKey, seen: Seen, change: Change): Notice {
  return changeNotice(change, { workload, team: seen.team, link }, clock.now());
}

async function write(
  { notifiers, log, metrics }: ChangeContext,
  ledger: Ledger,
  entry: readonly [string, Seen],
  notice: Notice | undefined,
): Promise<void> {
  const seen = withSeen(emptyBook, [entry]);
  if (!notice) return ledger.settle(seen);
  const receivers = notifiers.filter((one) => one.wants(notice)).map(({ name }) => name);
  await ledger.settle(seen, { notice, receivers });
  const { id, kind, workload, images, scale, by, reason, message } = notice;
  metrics.change(notice.kind as Change['kind']);
  const moved = images.map(({ container, from, to }) =>
    from === to ? `${container}: ${to}` : `${container}: ${from} → ${to}`,
  );
  const level = notice.severity === 'info' ? 'info' : 'warn';
  log[level](
    {
      notice: id,
      workload: workloadId(workload),
      change: kind,
      images: moved,
      scale,
      by,
      reason,
      message,
      receivers,
    },
    'workload changed',
  );
}
