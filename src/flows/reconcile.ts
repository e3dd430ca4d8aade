import { retryDelayMs } from '../core/backoff.ts';
import { AppError, hasCode, isRetryable } from '../core/errors.ts';
import type { Stored } from '../core/ports.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { createAdvance } from './advance.ts';
import { announce } from './announce.ts';
import type { FlowContext, Next } from './context.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

/** Moves updates through their phases. Level-triggered: it knows names, and reads everything else again. */
export interface Reconciler {
  /** Looks at this update now. */
  wake(name: string): void;
  /** Looks at the update that is under way in this workload, if there is one. */
  workloadChanged(key: WorkloadKey): void;
  /** Takes up everything that is not finished. */
  resume(): Promise<void>;
  /** Ends the steps that are due now, for at most `graceMs`, then stops. */
  drain(graceMs: number): Promise<void>;
  /** Breaks off the steps under way and stops; resolves when they have ended. */
  stop(): Promise<void>;
}

const [firstRetryMs, longestRetryMs] = [500, 30_000];
const stepConcurrency = 16;
/** Every receiver has a queue of its own, so that a slow one delays neither deliveries nor other receivers. */
const announcementConcurrency = 8;

/** Creates the reconciler; nothing runs before the first `wake` or `resume`. */
export function createReconciler(context: FlowContext): Reconciler {
  const { store, clock, log } = context;
  const advance = createAdvance(
    context,
    (name) => steps.add(name),
    (name) => outboxes.forEach((outbox) => outbox.add(name)),
  );
  const steps = createStepQueue(context, stepConcurrency, (stored, signal) => advance.step(stored, signal));
  const outboxes = context.receivers.map((receiver) =>
    createStepQueue(context, announcementConcurrency, (stored, signal) =>
      announce(context, receiver, stored, signal),
    ),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([steps, ...outboxes].map((queue) => queue.stop()));
  };
  return {
    stop,
    wake: (name) => steps.add(name),
    workloadChanged(key) {
      const name = advance.followed(key);
      if (name !== undefined) steps.add(name);
    },
    async resume() {
      const open = await store.open();
      open.forEach(({ update }) => steps.add(update.name));
      log[open.length > 0 ? 'info' : 'debug']({ updates: open.length }, 'unfinished updates taken up');
    },
    async drain(graceMs) {
      const limit = Promise.withResolvers<undefined>();
      const cancel = clock.after(graceMs, () => limit.resolve(undefined));
      const done = steps.idle().then(() => Promise.all(outboxes.map((outbox) => outbox.idle())));
      await Promise.race([done, limit.promise]);
      cancel();
      await stop();
    },
  };
}

/** A queue of update names that reads the record, does `work`, and comes back as the step says. */
function createStepQueue(
  { store, clock, log, random }: FlowContext,
  concurrency: number,
  work: (stored: Stored, signal: AbortSignal) => Promise<Next>,
): WorkQueue {
  const failures = new Map<string, number>();
  const attempt = async (name: string, signal: AbortSignal): Promise<Next> => {
    try {
      const stored = await store.get(name);
      const next: Next = stored ? await work(stored, signal) : { kind: 'idle' };
      failures.delete(name);
      return next;
    } catch (error) {
      // Who leads no more is about to be stopped; the next leader takes up what is open.
      if (signal.aborted || hasCode(error, 'not-leader')) return { kind: 'idle' };
      return hasCode(error, 'conflict') ? { kind: 'now' } : later(name, error);
    }
  };
  /** Whatever a step died of, it is tried again, ever more slowly, and others go on meanwhile. */
  const later = (name: string, error: unknown): Next => {
    const tries = (failures.get(name) ?? 0) + 1;
    failures.set(name, tries);
    const askedMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
    const ms = Math.max(askedMs, retryDelayMs(tries, firstRetryMs, longestRetryMs, random()));
    log[isRetryable(error) ? 'warn' : 'error'](
      { update: name, tries, waitMs: ms, error },
      'step failed, retrying',
    );
    return { kind: 'after', ms };
  };
  const queue: WorkQueue = createWorkQueue(clock, concurrency, async (name, signal) => {
    const next = await attempt(name, signal);
    if (next.kind === 'now') queue.add(name);
    if (next.kind === 'after') queue.addAfter(name, next.ms);
  });
  return queue;
}
