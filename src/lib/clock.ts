import type { Clock } from '../core/ports.ts';

/** The real time. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, run) {
    // setTimeout counts in 32 bits: longer waits are made of pieces.
    const limit = 2 ** 31 - 1;
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > limit ? wait(left - limit) : run()), Math.min(left, limit));
      timer.unref();
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
