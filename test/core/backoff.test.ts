import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextPollMs, retryDelayMs } from '../../src/core/backoff.ts';

/** Every poll of a rollout, as times since delivery, when each is made exactly when it is due. */
function polls(baseMs: number, deadlineMs: number): readonly number[] {
  const times: number[] = [];
  let elapsedMs = 0;
  for (
    let wait = nextPollMs(0, baseMs, deadlineMs);
    wait > 0;
    wait = nextPollMs(elapsedMs, baseMs, deadlineMs)
  ) {
    elapsedMs += wait;
    times.push(elapsedMs);
  }
  return times;
}

describe('nextPollMs', () => {
  test('gives the first system’s ten tries: at once, and nine more within 15 minutes', () => {
    const seconds = polls(20_000, 900_000).map((ms) => ms / 1000);

    expect(seconds).toEqual([20, 60, 120, 200, 300, 420, 560, 720, 900]);
  });

  test.each([
    ['the first', 0, 20],
    ['a little late', 21, 39],
    ['exactly due', 60, 60],
    ['woken early', 61, 59],
    ['cut at the deadline', 890, 10],
    ['at the deadline', 900, 0],
    ['after it', 1000, 0],
    ['a clock set back a little', -1, 20],
    ['a clock set back by an hour', -3600, 20],
  ])('%s: after %p s the next is in %p s', (_what, elapsed, wait) => {
    expect(nextPollMs(elapsed * 1000, 20_000, 900_000)).toBe(wait * 1000);
  });

  test('looks once more at a deadline that falls between two polls, or before the first', () => {
    expect([polls(20_000, 100_000), polls(20_000, 5000)]).toEqual([[20_000, 60_000, 100_000], [5000]]);
  });

  test('always lies ahead, never beyond the deadline, and no poll is passed over', () => {
    const bases = fc.integer({ min: 1, max: 600_000 });
    const deadlines = fc.integer({ min: 1, max: 86_400_000 });

    fc.assert(
      fc.property(bases, deadlines, fc.nat(86_400_000), (baseMs, deadlineMs, elapsedMs) => {
        const wait = nextPollMs(elapsedMs, baseMs, deadlineMs);

        const at = elapsedMs + wait;
        const n = Math.round((Math.sqrt(1 + (8 * at) / baseMs) - 1) / 2);
        const isDue = at === (baseMs * n * (n + 1)) / 2 && (baseMs * n * (n - 1)) / 2 <= elapsedMs;
        expect(wait > 0).toBe(elapsedMs < deadlineMs);
        expect(wait === 0 || at === deadlineMs || isDue).toBe(true);
        expect(wait === 0 || at <= deadlineMs).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('retryDelayMs', () => {
  test.each([
    [1, 0, 500],
    [1, 0.5, 750],
    [2, 0, 1000],
    [3, 0, 2000],
    [7, 0, 30_000],
    [7, 0.999, 59_970],
    [1000, 0, 30_000],
  ])('try %p with the chance %p waits %p ms', (attempt, random, delay) => {
    expect(retryDelayMs(attempt, 1000, 60_000, random)).toBe(delay);
  });

  test('stays within the upper half of the doubled delay, and under the cap', () => {
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chances, (attempt, random) => {
        const delay = retryDelayMs(attempt, 1000, 60_000, random);

        const full = Math.min(60_000, 1000 * 2 ** (attempt - 1));
        expect(delay).toBeGreaterThanOrEqual(full / 2);
        expect(delay).toBeLessThanOrEqual(full);
      }),
    );
  });
});
