/** The time the embedded cluster lives in; passed in, so that a test can drive it. */
export interface EmbeddedClock {
  now(): Date;
  /** Runs `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Seconds since the epoch as Kubernetes writes them: RFC 3339, no fraction. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A set of running timers that one call cancels. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
  cancelAll(): void;
}

/** Keeps the timers started on `clock` together. */
export function createTimers(clock: EmbeddedClock): Timers {
  const running = new Set<() => void>();
  return {
    after: (ms, run) => {
      const stop = clock.after(ms, () => {
        running.delete(cancel);
        run();
      });
      const cancel = () => {
        running.delete(cancel);
        stop();
      };
      running.add(cancel);
      return cancel;
    },
    cancelAll: () => {
      for (const cancel of [...running]) cancel();
    },
  };
}
