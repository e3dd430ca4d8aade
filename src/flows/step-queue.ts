import { retryDelayMs } from '../core/backoff.ts';
import { AppError, hasCode, isRetryable } from '../core/errors.ts';
import type { FlowContext, Next } from './context.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

const [firstRetryMs, longestRetryMs] = [500, 30_000];
/** Others may have written so many times in a row while a step was under way; after that it is a fault. */
const mostConflicts = 3;

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
  const mended = (key: string): void => {
    if (failures.delete(key)) metrics.retrying(what, -1);
  };
  const attempt = async (key: string, signal: AbortSignal): Promise<Next> => {
    try {
      const next = await step(key, signal);
      mended(key);
      conflicts.delete(key);
      return next;
    } catch (error) {
      // Who leads no more is about to be stopped; the next leader takes up what is open.
      if (signal.aborted || hasCode(error, 'not-leader')) {
        mended(key);
        return { kind: 'idle' };
      }
      return isOvertaken(key, error) ? { kind: 'now' } : later(key, error);
    }
  };
  const isOvertaken = (key: string, error: unknown): boolean => {
    if (!hasCode(error, 'conflict')) return false;
    const times = (conflicts.get(key) ?? 0) + 1;
    conflicts.set(key, times);
    return times <= mostConflicts;
  };
  const later = (key: string, error: unknown): Next => {
    const tries = (failures.get(key) ?? 0) + 1;
    if (tries === 1) metrics.retrying(what, 1);
    failures.set(key, tries);
    const askedMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
    const ms = Math.max(askedMs, retryDelayMs(tries, firstRetryMs, longestRetryMs, random()));
    const level = isRetryable(error) ? 'warn' : 'error';
    log[level]({ [what]: key, tries, waitMs: ms, error }, 'step failed, retrying');
    return { kind: 'after', ms };
  };
  const queue: WorkQueue = createWorkQueue(clock, concurrency, async (key, signal) => {
    const next = await attempt(key, signal);
    if (next.kind === 'now') queue.add(key);
    if (next.kind === 'after') queue.addAfter(key, next.ms);
  });
  return {
    ...queue,
    async stop() {
      await queue.stop();
      [...failures.keys()].forEach(mended);
    },
  };
}
