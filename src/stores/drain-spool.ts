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
}

const movedAtOnce = 32;
/** Within the time that a pod has to end. */
const [lastTryMs, pauseMs] = [15_000, 500];

/** One attempt for everything that is spooled, oldest first; whether nothing is left. */
export async function drainOnce(options: DrainOptions): Promise<boolean> {
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
export async function drainLast(options: DrainOptions): Promise<void> {
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
