import { retryDelayMs } from '../core/backoff.ts';
import { AppError, hasCode } from '../core/errors.ts';

/** How one list, if there was one, and the watch after it ended. */
export interface RoundEnd {
  /** To go on from; `undefined` = nothing is known yet. */
  readonly version: string | undefined;
  /** What broke it, if anything did. */
  readonly error: unknown;
  /** Whether the watch was answered, and how long it was open then. */
  readonly opened: boolean;
  readonly openMs: number;
  /** Whether it brought anything new. */
  readonly brought: boolean;
  /** Whether it ended with an error that it brought, or with what cannot be read. */
  readonly garbled: boolean;
}

/** What comes after a round that is to be taken up. */
export interface Verdict {
  /** Whether it was no fault but the end of its time: then it is taken up at once. */
  readonly well: boolean;
  /** Whether the version is of no use any more. */
  readonly relist: boolean;
  /** So many in a row. */
  readonly tries: number;
  readonly waitMs: number;
}

/** Judges round after round of one watch. */
export interface Rounds {
  after(end: RoundEnd): Verdict;
  /** Whether a watch may be believed once it is open. After one that opened and broke it has to bring something, or to last. */
  trusted(): boolean;
}

/** A watch that ends sooner than this and has brought nothing does not work, whatever the server says. */
export const shortestWatchMs = 1000;
/** A server that is back is to be noticed within two seconds; a list is much work for it, and asked for less and less. */
const [firstRetryMs, longestRetryMs, longestRelistMs] = [200, 2000, 30_000];
/** After so many watches that opened and broke it may be the version that is wrong, and a list finds what they did not bring. */
const relistAfter = 3;

/** @param random 0 ≤ x < 1. */
export function createRounds(random: () => number): Rounds {
  let [failures, relists, unheld] = [0, 0, 0];
  const note = (end: RoundEnd): void => {
    if (holds(end)) [failures, unheld] = [0, 0];
    else if (end.opened) unheld++;
    // Who breaks every few seconds is not to be asked for a list every few seconds.
    if (end.openMs >= longestRelistMs || (holds(end) && !end.garbled)) relists = 0;
  };
  const isStuck = (end: RoundEnd): boolean => end.opened && !holds(end) && unheld % relistAfter === 0;
  return {
    trusted: () => unheld === 0,
    after(end) {
      const { error } = end;
      note(end);
      if (holds(end) && error === undefined) return { well: true, relist: false, tries: 0, waitMs: 0 };
      const relist = isOfNoUse(end) || isStuck(end);
      // A server that has forgotten is well: how long it was away before says nothing about when to list again.
      const tries = relist ? ++relists : ++failures;
      const askedMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
      const longestMs = relist ? longestRelistMs : longestRetryMs;
      const waitMs = Math.max(askedMs, retryDelayMs(tries, firstRetryMs, longestMs, random()));
      return { well: false, relist, tries, waitMs };
    },
  };
}

function holds({ openMs, brought }: RoundEnd): boolean {
  return brought || openMs >= shortestWatchMs;
}

/** Whether the server has forgotten the version, or brings nothing from there but an error, however late. */
function isOfNoUse({ error, brought, garbled }: RoundEnd): boolean {
  return hasCode(error, 'gone') || (garbled && !brought);
}
