/**
 * When a rollout is looked at: polls at base·(1 + 2 + … + n) after delivery, as the first system did
 * (20 s · n: at 0, 20, 60, 120 … s), and once more at the deadline.
 *
 * @param elapsedMs since delivery; a clock that was set back makes it negative, which counts as 0.
 * @returns milliseconds from `elapsedMs` to the next poll; 0 when the deadline has come.
 */
export function nextPollMs(elapsedMs: number, baseMs: number, deadlineMs: number): number {
  if (elapsedMs >= deadlineMs) return 0;
  if (elapsedMs < 0) return nextPollMs(0, baseMs, deadlineMs);
  // The n-th poll is due at base·n(n+1)/2: solve for the first n that lies ahead.
  let n = Math.max(1, Math.floor((Math.sqrt(1 + (8 * elapsedMs) / baseMs) - 1) / 2));
  while ((baseMs * n * (n + 1)) / 2 <= elapsedMs) n++;
  return Math.min((baseMs * n * (n + 1)) / 2, deadlineMs) - elapsedMs;
}

/**
 * Delay before try number `attempt` (1 = the first retry): doubles from `baseMs`, never above `capMs`, and
 * spread by `random` (0 ≤ x < 1) over its upper half so that many retries do not come together.
 */
export function retryDelayMs(attempt: number, baseMs: number, capMs: number, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.5 + random / 2));
}
