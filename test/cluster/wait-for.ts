import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;

/**
 * Asks `check` again and again until it answers something other than `undefined`.
 * An error thrown by `check` ends the wait: a dead process does not come back.
 * @throws Error when `timeoutMs` have passed
 */
export async function waitFor<T>(
  what: string,
  timeoutMs: number,
  check: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(pollMs);
  }
}
