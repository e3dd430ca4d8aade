/** How much there may be of something. */
export interface Limit {
  /** So many in one window. */
  readonly most: number;
  readonly windowMs: number;
  /** Of so many keys a count is kept; beyond that the oldest one is forgotten. */
  readonly maxKeys: number;
}

/** Counts by key, each in a window that begins with its first one. What it keeps is bounded. */
export interface Tally {
  /** Milliseconds until there may be another one of `key`; 0 = now. */
  waitMs(key: string): number;
  add(key: string): void;
}

/** @param nowMs milliseconds that only grow */
export function createTally({ most, windowMs, maxKeys }: Limit, nowMs: () => number): Tally {
  // In the order in which the windows began, which is that in which they end.
  const counts = new Map<string, { readonly beganMs: number; readonly count: number }>();
  const forgetEnded = (now: number): void => {
    for (const [key, { beganMs }] of counts) {
      if (now - beganMs < windowMs) return;
      counts.delete(key);
    }
  };
  return {
    waitMs(key) {
      const now = nowMs();
      forgetEnded(now);
      const found = counts.get(key);
      return found && found.count >= most ? found.beganMs + windowMs - now : 0;
    },
    add(key) {
      const now = nowMs();
      forgetEnded(now);
      const { beganMs, count } = counts.get(key) ?? { beganMs: now, count: 0 };
      counts.set(key, { beganMs, count: count + 1 });
      const [oldest] = counts.keys();
      if (oldest !== undefined && counts.size > maxKeys) counts.delete(oldest);
    },
  };
}
