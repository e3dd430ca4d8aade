import { AppError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

/** The first complete list of a watch: what is read before it would look as if it were everything. */
export interface FirstList {
  /** Resolves with the list; never rejects. */
  readonly arrival: Promise<void>;
  arrived(): void;
  /** Notes why there is none yet, for those who wait. */
  failed(why: string): void;
  /** Waits for the list. @throws AppError `unavailable` when it does not come in time. */
  wait(): Promise<void>;
  /** Ends the waiting of everybody. */
  close(): void;
}

/** Nothing has arrived; nobody waits longer than `limitMs`. */
export function createFirstList(clock: Clock, limitMs: number): FirstList {
  const list = Promise.withResolvers<undefined>();
  const end = Promise.withResolvers<undefined>();
  const arrival = list.promise.then(() => true);
  let problem = 'there is no answer yet';
  return {
    arrival: list.promise,
    arrived: () => list.resolve(undefined),
    failed(why) {
      problem = why;
    },
    async wait() {
      const limit = Promise.withResolvers<undefined>();
      const cancel = clock.after(limitMs, () => limit.resolve(undefined));
      const isHere = await Promise.race([arrival, limit.promise, end.promise]);
      cancel();
      if (!isHere) throw new AppError('unavailable', `kubernetes: the updates are not known: ${problem}`);
    },
    close() {
      problem = 'the store is closed';
      end.resolve(undefined);
    },
  };
}
