import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/core/ports.ts';

/** A clock that stands still until the test moves it. */
export interface FakeClock extends Clock {
  /** Moves time: runs the timers that come due, in order, and lets promises settle before and after each. */
  advance(ms: number): Promise<void>;
  /** Moves time and runs nothing, as for a process that stands still; what came due meanwhile is late. */
  freeze(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/**
 * A clock that starts at `start`.
 *
 * @param quiet what is real and under way, such as a call of a server: time does not move before it resolves.
 */
export function createFakeClock(
  start = new Date('2026-01-01T00:00:00Z'),
  quiet: () => Promise<unknown> | undefined = () => undefined,
): FakeClock {
  let nowMs = start.getTime();
  const timers = new Set<Timer>();
  /** The timer to run next, no later than `untilMs`; of those due together, the one set first. */
  const next = (untilMs: number): Timer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  /** Two rounds of the event loop: every promise that waits for nothing but other promises is through. */
  const settle = async (): Promise<void> => {
    for (;;) {
      await setImmediate();
      await setImmediate();
      const busy = quiet();
      if (!busy) return;
      await busy;
    }
  };
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    after(ms, run) {
      const timer = { dueMs: nowMs + Math.max(0, ms), run };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = next(untilMs); timer; timer = next(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
        await settle();
      }
      nowMs = untilMs;
    },
    freeze(ms) {
      nowMs += ms;
    },
    pending: () => timers.size,
  };
}
