import { retryDelayMs } from '../core/backoff.ts';
import { AppError, hasCode, isRetryable } from '../core/errors.ts';
import type { FlowContext, Next } from './context.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

const [firstRetryMs, longestRetryMs] = [500, 30_000];
/** Others may have written so many times in a row while a step was under way: it is taken again at once. */
const mostConflicts = 3;
/** Where many write, it steps back for a moment: whoever was faster is done soon. */
const firstConflictMs = 20;
/** By then it has waited as long as a failure would have: that is a fault. */
const mostQuietConflicts = 8;

/** `soon`: it is due now, and only lets others pass. */
type Then = Next | { readonly kind: 'soon'; readonly ms: number };

/**
 * A queue that takes one step with a key and comes back as the step says. Whatever a step dies of, it is tried again, ever
 * more slowly, and others go on meanwhile.
 *
 * @param what the keys are, for the log.
 */
export function createStepQueue(
  { clock, log, metrics, random }: Pick<FlowContext, 'clock' | 'log' | 'metrics' | 'random'>,
  concurrency: number,
  what: string,
  step: (key: string, signal: AbortSignal) => Promise<Next>,
): WorkQueue {
  const failures = new Map<string, number>();
  const conflicts = new Map<string, number>();
  /** Those whose trouble has been said. */
  const retrying = new Set<string>();
  const mended = (key: string): void => {
    [failures, conflicts].forEach((counts) => counts.delete(key));
    if (retrying.delete(key)) metrics.retrying(what, -1);
  };
  const attempt = async (key: string, signal: AbortSignal): Promise<Then> => {
    try {
      const next = await step(key, signal);
      mended(key);
      return next;
    } catch (error) {
      // Who leads no more is about to be stopped; the next leader takes up what is open.
      if (signal.aborted || hasCode(error, 'not-leader')) {
        mended(key);
        return { kind: 'idle' };
      }
      return hasCode(error, 'conflict') ? overtaken(key, error) : failed(key, error);
    }
  };
  const overtaken = (key: string, error: AppError): Then => {
    const tries = countUp(conflicts, key);
    if (tries <= mostConflicts) return { kind: 'now' };
    const ms = delayMs(error, retryDelayMs(tries - mostConflicts, firstConflictMs, longestRetryMs, random()));
    if (tries <= mostQuietConflicts) return { kind: 'soon', ms };
    say('warn', key, { tries, waitMs: ms, error });
    return { kind: 'after', ms };
  };
  const failed = (key: string, error: unknown): Next => {
    const tries = countUp(failures, key);
    const ms = delayMs(error, retryDelayMs(tries, firstRetryMs, longestRetryMs, random()));
    say(isRetryable(error) ? 'warn' : 'error', key, { tries, waitMs: ms, error });
    return { kind: 'after', ms };
  };
  const say = (level: 'warn' | 'error', key: string, fields: Readonly<Record<string, unknown>>): void => {
    if (!retrying.has(key)) metrics.retrying(what, 1);
    retrying.add(key);
    log[level]({ [what]: key, ...fields }, 'step failed, retrying');
  };
  const queue: WorkQueue = createWorkQueue(clock, concurrency, async (key, signal) => {
    const next = await attempt(key, signal);
    if (next.kind === 'now') queue.add(key);
    if (next.kind === 'soon') queue.addSoon(key, next.ms);
    if (next.kind === 'after') queue.addAfter(key, next.ms);
  });
  return {
    ...queue,
    async stop() {
      await queue.stop();
      [...retrying].forEach(mended);
    },
  };
}

function countUp(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

/** No sooner than the other side asks for. */
function delayMs(error: unknown, ms: number): number {
  return Math.max(ms, error instanceof AppError ? (error.retryAfterMs ?? 0) : 0);
}
