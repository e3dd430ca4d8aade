import { longestRetryAfterMs } from '../core/outbox.ts';
import type { Clock, Log } from '../core/ports.ts';
import { createTurns } from '../core/turns.ts';

/** How fast a place takes what there is to tell. */
export interface Pace {
  /** For how long it is left alone yet, in ms; 0 = it may be told. */
  waitMs(): number;
  /** Does it at once; for a while after a pause, one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /**
   * It asks to be left alone: that means everything, not only what it has refused.
   *
   * @param why in its words.
   * @returns for how long it is.
   */
  pause(askedMs: number, why: string): number;
  /** It took something. */
  took(): void;
}

/** What is sent at once is refused at once: so long after a pause, one by one is enough. */
const carefulMs = 10 * 60_000;
/** Who asks for no time at all means some, and more each time that it was not enough. */
const [shortestPauseMs, longestGuessMs] = [100, 10_000];
/** Nobody misses what is told so much later. */
const shortPauseMs = 60_000;

/** The pace of `receiver`. */
export function createPace(
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, 'warn'> },
  receiver: string,
): Pace {
  const turns = createTurns(1);
  let freeAtMs = -Infinity;
  let carefulUntilMs = -Infinity;
  let saidUntilMs = -Infinity;
  let pauses = 0;
  const say = (waitMs: number, why: string): void => {
    saidUntilMs = freeAtMs;
    const until = new Date(clock.now().getTime() + waitMs).toISOString();
    log.warn(
      { receiver, waitMs, until, why },
      'asked to be left alone: nothing is told there until then, and one by one for a while',
    );
  };
  return {
    waitMs: () => Math.max(0, freeAtMs - clock.monotonicMs()),
    inTurn: (work) => (clock.monotonicMs() < carefulUntilMs ? turns(work) : work()),
    pause(askedMs, why) {
      const nowMs = clock.monotonicMs();
      // What was under way at once is one.
      if (nowMs >= freeAtMs) pauses++;
      const leastMs = Math.min(shortestPauseMs * 2 ** Math.min(pauses - 1, 10), longestGuessMs);
      const waitMs = Math.min(Math.max(askedMs, leastMs), longestRetryAfterMs);
      const isFirst = nowMs >= carefulUntilMs;
      // What was refused first may be heard of last.
      freeAtMs = Math.max(freeAtMs, nowMs + waitMs);
      carefulUntilMs = freeAtMs + carefulMs;
      // Several under way at once are all refused: the first says it for the others, too.
      if (isFirst || freeAtMs - Math.max(nowMs, saidUntilMs) > shortPauseMs) say(freeAtMs - nowMs, why);
      return freeAtMs - nowMs;
    },
    took() {
      pauses = 0;
    },
  };
}
