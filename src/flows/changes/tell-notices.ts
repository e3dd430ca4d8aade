import { idsWaiting, isBehind, waitingFor } from '../../core/notice-box.ts';
import type { Notifier } from '../../core/ports.ts';
import { workloadId } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import type { Next } from '../context.ts';
import type { Ledger } from './ledger.ts';
import { logTry, noteTry, untilDueMs } from '../note-try.ts';

/** What comes after a try, and which notice this receiver can be told now that it had to wait for. */
export interface Told {
  readonly next: Next;
  readonly following: string | undefined;
}

const idle: Told = { next: { kind: 'idle' }, following: undefined };

/** Tells a notifier one notice, if it is due, and writes down how that went. */
export async function tellNotice(
  context: ChangeContext,
  notifier: Notifier,
  { ledger, id }: { readonly ledger: Ledger; readonly id: string },
  signal: AbortSignal,
): Promise<Told> {
  const { clock } = context;
  const found = waitingFor(ledger.box(), notifier.name, id);
  if (!found) return idle;
  const { notice } = found.entry;
  // The one before it brings it here.
  if (isBehind(ledger.box(), notifier.name, notice)) return idle;
  const started = clock.now();
  const waitMs = untilDueMs(found.announcement, started);
  if (waitMs > 0) return { next: { kind: 'after', ms: waitMs }, following: undefined };
  const result = await notifier.bring(notice, signal);
  if (result.kind === 'postponed') return { next: { kind: 'after', ms: result.ms }, following: undefined };
  const after = noteTry(context, found.announcement, result, started.getTime());
  await ledger.tried(id, after);
  const workload = workloadId(notice.workload);
  logTry(context, { notice: id, workload }, after, result);
  if (after.state === 'pending') return { next: { kind: 'now' }, following: undefined };
  const [following] = idsWaiting(ledger.box(), notifier.name, workload);
  return { next: { kind: 'idle' }, following };
}
