import { retryDelayMs } from '../core/backoff.ts';
import { isRetryable } from '../core/errors.ts';
import type { Clock, Log, Store, Stored } from '../core/ports.ts';
import { sleep } from '../core/wait.ts';

export interface DrainOptions {
  /** Where updates belong. */
  readonly main: Store;
  /** Where they wait. */
  readonly spool: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of every update that has come to the main store. */
  drained(name: string): void;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Moves what is spooled to where it belongs. */
export interface Drain {
  /** There is something to move. */
  wake(): void;
  /** Moves what there is, now and at every `wake`; a last time when `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
}

const movedAtOnce = 32;
/** Within the time that a pod has to end. */
const [lastTryMs, pauseMs] = [15_000, 500];
const [firstWaitMs, longestWaitMs] = [200, 5000];

/** Tries again, less and less often, until nothing is left. */
export function createDrain(options: DrainOptions): Drain {
  let woken = Promise.withResolvers<undefined>();
  return {
    wake: () => woken.resolve(undefined),
    async run(signal) {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      let failures = 0;
      while (!signal.aborted) {
        woken = Promise.withResolvers();
        const empty = await drainOnce(options);
        failures = empty ? 0 : failures + 1;
        const waitMs = retryDelayMs(failures, firstWaitMs, longestWaitMs, options.random());
        if (empty) await Promise.race([woken.promise, stopped]);
        else await sleep(options.clock, waitMs, signal).catch(() => undefined);
      }
      await drainLast(options);
    },
  };
}

/** One attempt for everything that is spooled, oldest first; whether nothing is left. */
async function drainOnce(options: DrainOptions): Promise<boolean> {
  const { spool, log } = options;
  try {
    const waiting = await spool.open();
    const moved: string[] = [];
    for (let begin = 0; begin < waiting.length; begin += movedAtOnce) {
      const batch = waiting.slice(begin, begin + movedAtOnce);
      const results = await Promise.allSettled(batch.map((stored) => move(options, stored)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      results.forEach((result, at) => {
        if (result.status === 'fulfilled' && result.value) moved.push(batch[at]?.update.name ?? '');
      });
    }
    if (moved.length > 0) log.info({ updates: moved, left: waiting.length - moved.length }, 'spool drained');
    return moved.length === waiting.length;
  } catch (error) {
    log.warn({ error }, 'the spool waits for the store');
    return false;
  }
}

/** What is in the spool of a pod goes with it: before the end the main store gets some more time to take it. */
async function drainLast(options: DrainOptions): Promise<void> {
  const { clock, log, spool } = options;
  const end = clock.monotonicMs() + lastTryMs;
  while (!(await drainOnce(options)) && clock.monotonicMs() < end)
    await sleep(clock, pauseMs, new AbortController().signal);
  const left = await spool.open();
  const updates = left.map(({ update }) => update.name);
  if (updates.length > 0) log.error({ updates }, 'updates are left in the spool: keep its disk');
}

/**
 * Whether it is in the main store now. One that is refused does not hold up the others.
 *
 * @throws when the store does not answer: the others need not be tried.
 */
async function move(
  { main, spool, log, drained }: DrainOptions,
  { update, revision }: Stored,
): Promise<boolean> {
  const written = await main.create([update]).catch((error: unknown) => {
    if (isRetryable(error)) throw error;
    log.error({ update: update.name, error }, 'the store refuses what was spooled');
    return undefined;
  });
  if (!written) return false;
  await spool.remove(update.name, revision);
  drained(update.name);
  return true;
}
