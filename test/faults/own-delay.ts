import { performance } from 'node:perf_hooks';

/** Knows when this program itself was held up: what it measured then is a time of the machine, not of the service. */
export interface OwnDelay {
  /** Whether a timer of ours came so late, since then (`performance.now()`), that no time of ours can be trusted. */
  heldUpSince(atMs: number): boolean;
  close(): void;
}

const tickMs = 20;
/** A quarter of what an acknowledgement may take. */
const tolerableMs = 100;

/** Watches a timer. */
export function watchOwnDelay(): OwnDelay {
  let lastMs = performance.now();
  let heldUpMs = -Infinity;
  const look = (): void => {
    const nowMs = performance.now();
    if (nowMs - lastMs - tickMs > tolerableMs) heldUpMs = nowMs;
    lastMs = nowMs;
  };
  const ticking = setInterval(look, tickMs);
  return {
    heldUpSince(atMs) {
      // The timer that is late may not have come yet.
      if (performance.now() - lastMs - tickMs > tolerableMs) return true;
      return heldUpMs >= atMs;
    },
    close: () => clearInterval(ticking),
  };
}
