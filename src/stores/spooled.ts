import { retryDelayMs } from '../core/backoff.ts';
import { AppError, isRetryable } from '../core/errors.ts';
import type { Clock, Log, Store, Stored } from '../core/ports.ts';
import type { Update } from '../core/update.ts';
import { sleep } from '../core/wait.ts';

export interface SpooledStoreOptions {
  /** Where updates live. */
  readonly main: Store;
  /** Takes new ones while the main store does not answer: on this machine's disk. */
  readonly spool: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Told of every update that has come from the spool to the main store. */
  drained(name: string): void;
}

/** A store that can always be written to. */
export interface SpooledStore extends Store {
  /** Moves what was spooled to the main store, now and whenever there is something, until `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** Senders give up after as little as half a second: this long the main store may take. */
const mainLimitMs = 300;
/** After a failure the main store is left alone for this long: nobody waits for the same silence twice. */
const brokenMs = 500;
const [firstWaitMs, longestWaitMs] = [200, 30_000];

type Created = Awaited<ReturnType<Store['create']>>;

/**
 * Puts a spool in front of a store that may be away. Both know updates by the same names, so that a write that was
 * given up and arrived all the same, or is repeated, collapses into one record.
 */
export function createSpooledStore(options: SpooledStoreOptions): SpooledStore {
  const { main, spool, clock, log } = options;
  let brokenUntilMs = 0;
  let wake = Promise.withResolvers<undefined>();

  const toSpool = async (updates: readonly Update[], error: unknown): Promise<Created> => {
    const created = await spool.create(updates);
    log.warn({ updates: updates.map(({ name }) => name), error }, 'the store is away: spooled');
    wake.resolve(undefined);
    return created;
  };
  return {
    ...main,
    async create(updates) {
      if (updates.length === 0) return [];
      if (clock.monotonicMs() < brokenUntilMs) return toSpool(updates, undefined);
      try {
        return await inTime(clock, main.create(updates));
      } catch (error) {
        brokenUntilMs = clock.monotonicMs() + brokenMs;
        return toSpool(updates, error);
      }
    },
    async run(signal) {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      let failures = 0;
      while (!signal.aborted) {
        wake = Promise.withResolvers();
        const empty = await drainOnce(options);
        failures = empty ? 0 : failures + 1;
        const waitMs = retryDelayMs(failures, firstWaitMs, longestWaitMs, options.random());
        await (empty
          ? Promise.race([wake.promise, stopped])
          : sleep(clock, waitMs, signal).catch(() => undefined));
      }
    },
    async close() {
      await main.close();
      await spool.close();
    },
  };
}

/** One attempt for everything that is spooled, oldest first; whether nothing is left. */
async function drainOnce(options: SpooledStoreOptions): Promise<boolean> {
  const { spool, log } = options;
  try {
    const waiting = await spool.open();
    const moved: string[] = [];
    for (const stored of waiting) if (await move(options, stored)) moved.push(stored.update.name);
    if (moved.length > 0) log.info({ updates: moved, left: waiting.length - moved.length }, 'spool drained');
    return moved.length === waiting.length;
  } catch (error) {
    log.warn({ error }, 'the spool waits for the store');
    return false;
  }
}

/**
 * Whether it is in the main store now. One that is refused does not hold up the others.
 *
 * @throws when the store does not answer: the others need not be tried.
 */
async function move(
  { main, spool, log, drained }: SpooledStoreOptions,
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

/** @throws AppError `timeout` when the store takes longer than a sender can wait; what it does then counts all the same. */
async function inTime<T>(clock: Clock, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(mainLimitMs, () =>
    late.reject(new AppError('timeout', `the store did not answer within ${mainLimitMs} ms`)),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}
