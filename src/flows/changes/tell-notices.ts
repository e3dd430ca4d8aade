import { idsInTurn, waitingFor, worstBehind } from '../../core/notice-box.ts';
import type { AnnouncementResult, Notifier } from '../../core/ports.ts';
import { workloadId } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import type { Next } from '../context.ts';
import type { Ledger } from './ledger.ts';
import { endTry, tryOnce, untilDueMs, type UnwrittenTries } from '../note-try.ts';

/** What comes after a try, and which other notices of the same workload this receiver can be told then. */
export interface Told {
  readonly next: Next;
  readonly following: readonly string[];
}

/** Tells a notifier one notice, if it is due, and writes down how that went. */
export type TellNotice = (
  waiting: { readonly ledger: Ledger; readonly id: string },
  signal: AbortSignal,
) => Promise<Told>;

/** What `notifier` is told is told by this alone: it knows which tries are not written down yet. */
export function createTellNotice(
  context: Pick<ChangeContext, 'clock' | 'log' | 'metrics' | 'random'>,
  notifier: Notifier,
): TellNotice {
  const { name } = notifier;
  const unwritten: UnwrittenTries = new Map();
  return async ({ ledger, id }, signal) => {
    // Thousands may wait for one place: they are looked for when there is something to be done.
    const busyMs = notifier.busyMs?.() ?? 0;
    if (busyMs > 0 && !unwritten.has(id)) return told({ kind: 'after', ms: busyMs });
    const found = waitingFor(ledger.box(), name, id);
    if (!found) {
      endTry(context, unwritten, id);
      return told(idle);
    }
    const { entry, announcement } = found;
    const workload = workloadId(entry.notice.workload);
    const inTurn = (): readonly string[] => idsInTurn(ledger.box(), name, workload);
    // What is before it brings it here; and if that waits for the end of quiet hours, it may do so no longer.
    if (!inTurn().includes(id)) return told(idle, inTurn());
    const waitMs = untilDueMs(announcement, context.clock.now());
    if (waitMs > 0) return told({ kind: 'after', ms: waitMs });
    const worst = worstBehind(ledger.box(), name, entry.notice);
    const bring = (): Promise<AnnouncementResult> => notifier.bring(entry.notice, signal, worst);
    const subject = { notice: id, workload };
    const end = await tryOnce(context, { unwritten, key: id, subject }, announcement, bring);
    if (end.kind === 'postponed') return told({ kind: 'after', ms: end.ms });
    await ledger.tried(id, end.after);
    endTry(context, unwritten, id);
    const following = inTurn().filter((one) => one !== id);
    return told(end.after.state === 'pending' ? { kind: 'now' } : idle, following);
  };
}

const idle: Next = { kind: 'idle' };

function told(next: Next, following: readonly string[] = []): Told {
  return { next, following };
}
