import { retryDelayMs } from '../core/backoff.ts';
import { AppError } from '../core/errors.ts';
import type { Clock, Metrics, Store } from '../core/ports.ts';
import type { Update } from '../core/update.ts';
import { sleep } from '../core/wait.ts';
import { drainLast, drainOnce, type DrainOptions } from './drain-spool.ts';

/** `main` is where updates live; `spool` takes new ones while it does not answer: on this machine's disk. */
export interface SpooledStoreOptions extends DrainOptions {
  readonly metrics: Pick<Metrics, 'spooled'>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** A store that can always be written to. */
export interface SpooledStore extends Store {
  /** Moves what was spooled to the main store, now and whenever there is something; a last time when `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** Senders give up after as little as half a second: this long the main store may take. */
const mainLimitMs = 300;
/** And so long more when there is nowhere else to write to. */
const lastLimitMs = 2000;
/** After a failure the main store is left alone for this long: nobody waits for the same silence twice. */
const brokenMs = 500;
const [firstWaitMs, longestWaitMs] = [200, 5000];

type Created = Awaited<ReturnType<Store['create']>>;

/**
 * Puts a spool in front of a store that may be away. Both know updates by the same names, so that a write that was
 * given up and arrived all the same, or is repeated, collapses into one record.
 */
export function createSpooledStore(options: SpooledStoreOptions): SpooledStore {
  const { main, spool, clock, log } = options;
  let brokenUntilMs = 0;
  let wake = Promise.withResolvers<undefined>();

  /** When the spool cannot take them either, a late answer of the main store is better than none. */
  const toSpool = async (
    updates: readonly Update[],
    error: unknown,
    begun: () => Promise<Created>,
  ): Promise<Created> => {
    let created: Created;
    try {
      created = await spool.create(updates);
    } catch (cause) {
      log.error({ updates: updates.map(({ name }) => name), error: cause }, 'nothing can be spooled');
      return await inTime(clock, begun(), lastLimitMs).catch(() => Promise.reject(cause as Error));
    }
    options.metrics.spooled(updates.length);
    log.warn({ updates: updates.map(({ name }) => name), error }, 'the store is away: spooled');
    wake.resolve(undefined);
    return created;
  };
  return {
    ...main,
    async create(updates) {
      if (updates.length === 0) return [];
      if (clock.monotonicMs() < brokenUntilMs) return toSpool(updates, undefined, () => main.create(updates));
      const begun = main.create(updates);
      try {
        return await inTime(clock, begun, mainLimitMs);
      } catch (error) {
        brokenUntilMs = clock.monotonicMs() + brokenMs;
        return toSpool(updates, error, () => begun);
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
        if (empty) await Promise.race([wake.promise, stopped]);
        else await sleep(clock, waitMs, signal).catch(() => undefined);
      }
      await drainLast(options);
    },
    async close() {
      await main.close();
      await spool.close();
    },
  };
}

/** @throws AppError `timeout` when the store takes longer than a sender can wait; what it does then counts all the same. */
async function inTime<T>(clock: Clock, work: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () =>
    late.reject(new AppError('timeout', `the store did not answer within ${limitMs} ms`)),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}
