import { monotonicMs, pause } from './clock.ts';

/** So many calls a second, for so long. */
export interface Rate {
  readonly perSecond: number;
  readonly ms: number;
}

/** What came of them. */
export interface OpenLoopResult {
  /** From the moment a call was due to its answer, of those that did what they were to do. */
  readonly answerMs: readonly number[];
  /** Of the same, how many a second until the last answer. */
  readonly perSecond: number;
  readonly refused: number;
}

/**
 * Calls `work` at a steady rate, whether the last calls are answered or not: a slow answer delays no later call, so
 * that none of the waiting is left out. `work` says whether it did what it was to do.
 */
export async function openLoop(
  { perSecond, ms }: Rate,
  work: (n: number) => Promise<boolean>,
): Promise<OpenLoopResult> {
  const answerMs: number[] = [];
  let refused = 0;
  const call = async (n: number, dueAt: number): Promise<void> => {
    const done = await work(n).catch(() => false);
    if (done) answerMs.push(monotonicMs() - dueAt);
    else refused++;
  };
  const startedAt = monotonicMs();
  const calls: Promise<void>[] = [];
  const count = Math.floor((perSecond * ms) / 1000);
  for (let n = 0; n < count; n++) {
    const dueAt = startedAt + (n * 1000) / perSecond;
    const earlyMs = dueAt - monotonicMs();
    if (earlyMs > 0) await pause(earlyMs);
    calls.push(call(n, dueAt));
  }
  await Promise.all(calls);
  const seconds = (monotonicMs() - startedAt) / 1000;
  return { answerMs, perSecond: answerMs.length / seconds, refused };
}
