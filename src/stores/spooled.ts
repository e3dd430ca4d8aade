import { AppError } from '../core/errors.ts';
import type { Clock, Metrics, Store } from '../core/ports.ts';
import type { Update } from '../core/update.ts';
import { createDrain, type DrainOptions } from './drain-spool.ts';

/** `main` is where updates live; `spool` takes new ones while it does not answer: on this machine's disk. */
export interface SpooledStoreOptions extends DrainOptions {
  readonly metrics: Pick<Metrics, 'spooled'>;
  /** Whether the main store is known to have a record of this name. */
  knows(name: string): boolean;
}

/** A store that can always be written to. */
export interface SpooledStore extends Store {
  /** Moves what was spooled to the main store, now and whenever there is something; a last time when `signal` fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the main store has not taken by then is written to the spool besides: whichever has it first answers. */
const patienceMs = 2;
/** A main store that takes longer is away: senders give up after as little as half a second. */
const mainLimitMs = 300;
/** And so long more when there is nowhere else to write to. */
const lastLimitMs = 2000;
/** What is in both stores leaves the spool within this time. */
const forgetMs = 100;
/** After a failure the main store is left alone for this long: nobody waits for the same silence twice. */
const brokenMs = 500;

type Created = Awaited<ReturnType<Store['create']>>;

/** What has come of a write so far. */
type Outcome = { readonly kind: 'written'; readonly created: Created } | Unwritten;
type Unwritten =
  | { readonly kind: 'late'; readonly error?: undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A write to the main store that has not come to anything yet. */
interface Attempt {
  readonly write: Promise<Created>;
  readonly outcome: Unwritten;
}

/**
 * Puts a spool in front of a store that may be slow or away. Both know updates by the same names, so that a write that
 * is in both, was given up and arrived all the same, or is repeated, collapses into one record.
 */
export function createSpooledStore(options: SpooledStoreOptions): SpooledStore {
  const { main, spool, clock, log, knows } = options;
  const drain = createDrain(options);
  const forget = createForget(options);
  let brokenUntilMs = 0;

  const noteBroken = (): void => {
    brokenUntilMs = clock.monotonicMs() + brokenMs;
  };
  /** They have to be moved, now that nobody is about to write them to the main store any more. */
  const leaveToDrain = (updates: readonly Update[], error: unknown): void => {
    options.metrics.spooled(updates.length);
    log.warn({ updates: namesOf(updates), error }, 'the store is away: spooled');
    drain.wake();
  };
  /** Sees to updates that are spooled while the main store is still at them. Never rejects. */
  const follow = async (updates: readonly Update[], spooled: Created, begun: Promise<Created>) => {
    const outcome = await outcomeBy(clock, begun, mainLimitMs - patienceMs);
    if (outcome.kind === 'written') {
      forget(spooled);
      return;
    }
    noteBroken();
    const tookTooLong = new AppError('timeout', `the store did not answer within ${mainLimitMs} ms`);
    leaveToDrain(updates, outcome.error ?? tookTooLong);
  };
  const spoolInstead = async (updates: readonly Update[], attempt: Attempt | undefined): Promise<Created> => {
    let spooled: Created;
    try {
      spooled = await spool.create(updates);
    } catch (cause) {
      log.error({ updates: namesOf(updates), error: cause }, 'nothing can be spooled');
      return await lastChance(clock, attempt?.write ?? main.create(updates), cause);
    }
    if (attempt?.outcome.kind === 'late') void follow(updates, spooled, attempt.write);
    else leaveToDrain(updates, attempt?.outcome.error);
    return spooled;
  };
  return {
    ...main,
    async create(updates) {
      if (updates.length === 0) return [];
      if (clock.monotonicMs() < brokenUntilMs) return await spoolInstead(updates, undefined);
      const write = main.create(updates);
      // What is recorded cannot get lost. Of what has ended, the spool would say that it is new.
      const isRecorded = updates.every(({ name }) => knows(name));
      const waitMs = isRecorded ? mainLimitMs : patienceMs;
      const outcome = await outcomeBy(clock, write, waitMs);
      if (outcome.kind === 'written') return outcome.created;
      if (outcome.kind === 'failed' || isRecorded) noteBroken();
      return await spoolInstead(updates, { write, outcome });
    },
    run: drain.run,
    async close() {
      await main.close();
      await spool.close();
    },
  };
}

function namesOf(updates: readonly Update[]): readonly string[] {
  return updates.map(({ name }) => name);
}

/**
 * Forgets, some at a time, what the main store has: it need not be here, and there is no hurry. What stays all the
 * same is found by the next drain.
 */
function createForget({ spool, clock, log, drained }: DrainOptions): (spooled: Created) => void {
  let waiting: readonly Created[number][] = [];
  const remove = ({ update, revision }: Created[number]): Promise<void> =>
    spool
      .remove(update.name, revision)
      .catch((error: unknown) => log.debug({ update: update.name, error }, 'still spooled'));
  const flush = (): void => {
    const now = waiting;
    waiting = [];
    void Promise.all(now.map(remove));
  };
  return (spooled) => {
    if (waiting.length === 0) clock.after(forgetMs, flush);
    waiting = [...waiting, ...spooled];
    for (const { update } of spooled) drained(update.name);
  };
}

/** When the spool cannot take them either, a late answer of the main store is better than none. */
async function lastChance(clock: Clock, begun: Promise<Created>, cause: unknown): Promise<Created> {
  const outcome = await outcomeBy(clock, begun, lastLimitMs);
  if (outcome.kind !== 'written') throw cause;
  return outcome.created;
}

/** Never rejects; a write that is late counts all the same when it comes. */
async function outcomeBy(clock: Clock, write: Promise<Created>, limitMs: number): Promise<Outcome> {
  const late = Promise.withResolvers<Outcome>();
  const cancel = clock.after(limitMs, () => late.resolve({ kind: 'late' }));
  const done = write.then(
    (created): Outcome => ({ kind: 'written', created }),
    (error: unknown): Outcome => ({ kind: 'failed', error }),
  );
  const outcome = await Promise.race([done, late.promise]);
  cancel();
  return outcome;
}
