import type { Clock } from '../core/ports.ts';

/** Remembers for how long something has been so. */
export interface Lasting {
  /** Milliseconds since the first of the questions in a row that named the same `what` of this `id`. */
  forMs(id: string, what: string | number): number;
  /** It is not so any more. */
  forget(id: string): void;
}

/** Remembers nothing yet. */
export function createLasting(clock: Clock): Lasting {
  const since = new Map<string, { readonly what: string | number; readonly ms: number }>();
  return {
    forMs(id, what) {
      const nowMs = clock.monotonicMs();
      const known = since.get(id);
      if (known?.what === what) return nowMs - known.ms;
      since.set(id, { what, ms: nowMs });
      return 0;
    },
    forget: (id) => void since.delete(id),
  };
}
