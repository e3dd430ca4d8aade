import { retryDelayMs } from '../core/backoff.ts';
import type { AnnouncementResult, Stored } from '../core/ports.ts';
import type { AnnouncementState } from '../core/update.ts';
import type { FlowContext, Next } from './context.ts';

/** Waits between rounds of tries grow from five seconds to an hour; a receiver down for a day is given up. */
const [firstWaitMs, longestWaitMs, maxRounds] = [5_000, 3_600_000, 34];

/** Tells the receiver of an update's end, and writes down how that went. */
export async function announce(
  context: FlowContext,
  { update, revision }: Stored,
  signal: AbortSignal,
): Promise<Next> {
  const { store, receiver, clock, log, metrics, random } = context;
  if (!receiver || update.announcement.state !== 'pending') return { kind: 'idle' };
  const started = clock.now().getTime();
  const result = await receiver.tell(update, signal);
  const seconds = (clock.now().getTime() - started) / 1000;
  const attempts = update.announcement.attempts + 1;
  const state = stateAfter(result, attempts);
  metrics.announcement(state, seconds);
  await store.replace({ ...update, announcement: { state, attempts } }, revision);
  const fields = { update: update.name, state, attempts, ...(result.kind === 'sent' ? {} : result) };
  if (state === 'sent') log.info(fields, 'outgoing webhook sent');
  else log[state === 'abandoned' ? 'error' : 'warn'](fields, 'outgoing webhook not taken');
  if (state !== 'pending') return { kind: 'idle' };
  const askedMs = result.kind === 'failed' ? (result.retryAfterMs ?? 0) : 0;
  return {
    kind: 'after',
    ms: Math.max(askedMs, retryDelayMs(attempts, firstWaitMs, longestWaitMs, random())),
  };
}

function stateAfter(result: AnnouncementResult, attempts: number): AnnouncementState {
  if (result.kind !== 'failed') return result.kind;
  return attempts < maxRounds ? 'pending' : 'abandoned';
}
