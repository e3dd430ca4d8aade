import type { Clock } from '../../src/core/ports.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** The machine's clock, for what is real and takes the time it takes; a test can have it jump ahead. */
export interface JumpingClock extends Clock {
  /**
   * Moves on by `ms` at once: what is due by then is run.
   *
   * @param wallMs how much of it the time of day sees, which others compare with theirs.
   */
  jump(ms: number, wallMs?: number): void;
  /** Whether anything was set to run after `ms`, or up to a second less, and has not. */
  waits(ms: number): boolean;
}

interface Timer {
  readonly ms: number;
  readonly dueMs: number;
  readonly run: () => void;
  cancel: () => void;
}

/** A clock that has not jumped yet. */
export function createJumpingClock(): JumpingClock {
  const timers = new Set<Timer>();
  let [aheadMs, wallAheadMs] = [0, 0];
  const monotonicMs = (): number => systemClock.monotonicMs() + aheadMs;
  const arm = (timer: Timer): void => {
    timer.cancel = systemClock.after(Math.max(0, timer.dueMs - monotonicMs()), () => {
      timers.delete(timer);
      timer.run();
    });
  };
  return {
    now: () => new Date(systemClock.now().getTime() + wallAheadMs),
    monotonicMs,
    after(ms, run) {
      const timer: Timer = { ms, dueMs: monotonicMs() + ms, run, cancel: () => undefined };
      timers.add(timer);
      arm(timer);
      return () => {
        timers.delete(timer);
        timer.cancel();
      };
    },
    jump(ms, wallMs = ms) {
      [aheadMs, wallAheadMs] = [aheadMs + ms, wallAheadMs + wallMs];
      for (const timer of timers) {
        timer.cancel();
        arm(timer);
      }
    },
    waits: (ms) => [...timers].some((timer) => timer.ms > ms - 1000 && timer.ms <= ms),
  };
}
