import type { Clock } from '../core/ports.ts';

/** Keys to work on: each at most once at a time, asked for again while it runs = run again after it. */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key after `ms`, unless it is added sooner. */
  addAfter(key: string, ms: number): void;
  /** The same for what is due and only steps back for a moment: `idle` waits for it. */
  addSoon(key: string, ms: number): void;
  /** Resolves when nothing is running or waiting to run (keys that wait for their time do not count). */
  idle(): Promise<void>;
  /** Drops what waits, fires the signal of what runs, and resolves when that has ended. */
  stop(): Promise<void>;
}

/**
 * A work queue with client-go's rules: no key twice at once, no key lost.
 *
 * @param work must not reject; what it throws is a fault of the caller.
 */
export function createWorkQueue(
  clock: Clock,
  concurrency: number,
  work: (key: string, signal: AbortSignal) => Promise<void>,
): WorkQueue {
  const waiting = new Set<string>();
  const running = new Set<string>();
  const again = new Set<string>();
  const stopping = new AbortController();
  let idlers: (() => void)[] = [];

  const settle = (): void => {
    if (idlers.length === 0 || running.size > 0 || waiting.size > 0 || delays.hasDue()) return;
    idlers.forEach((resolve) => resolve());
    idlers = [];
  };
  const pump = (): void => {
    for (const key of waiting) {
      if (running.size >= concurrency || stopping.signal.aborted) return;
      waiting.delete(key);
      running.add(key);
      void work(key, stopping.signal).finally(() => {
        running.delete(key);
        if (again.delete(key)) waiting.add(key);
        pump();
        settle();
      });
    }
  };
  const add = (key: string): void => {
    if (stopping.signal.aborted) return;
    delays.forget(key);
    if (running.has(key)) again.add(key);
    else waiting.add(key);
    pump();
  };
  const delays = createDelays(clock, add);
  const later = (key: string, ms: number, isDue: boolean): void => {
    if (!stopping.signal.aborted) delays.set(key, ms, isDue);
  };
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      idlers.push(resolve);
      settle();
    });
  return {
    add,
    addAfter: (key, ms) => later(key, ms, false),
    addSoon: (key, ms) => later(key, ms, true),
    idle,
    stop() {
      waiting.clear();
      again.clear();
      delays.clear();
      stopping.abort();
      return idle();
    },
  };
}

interface Delays {
  /** `isDue`: it waits for a moment only. */
  set(key: string, ms: number, isDue: boolean): void;
  forget(key: string): void;
  clear(): void;
  hasDue(): boolean;
}

/** Keys that wait for their time; of two times for one key the sooner counts. */
function createDelays(clock: Clock, due: (key: string) => void): Delays {
  const timers = new Map<
    string,
    { readonly at: number; readonly isDue: boolean; readonly cancel: () => void }
  >();
  const forget = (key: string): void => {
    timers.get(key)?.cancel();
    timers.delete(key);
  };
  return {
    forget,
    set(key, ms, isDue) {
      const at = clock.now().getTime() + ms;
      if ((timers.get(key)?.at ?? Infinity) <= at) return;
      forget(key);
      timers.set(key, { at, isDue, cancel: clock.after(ms, () => due(key)) });
    },
    clear: () => [...timers.keys()].forEach(forget),
    hasDue: () => [...timers.values()].some(({ isDue }) => isDue),
  };
}
