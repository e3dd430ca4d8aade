import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { deadline, sleep } from '../../src/core/wait.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** What became of a promise, to be looked at without waiting for it. */
function watched(promise: Promise<void>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: 'pending' };
  promise.then(
    () => (seen.outcome = 'done'),
    (error: unknown) => (seen.outcome = error),
  );
  return seen;
}

describe('sleep', () => {
  test('ends when its time has come, not before, and leaves nothing behind', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();

    const sleeping = watched(sleep(clock, 1000, controller.signal));
    await clock.advance(999);
    const before = sleeping.outcome;
    await clock.advance(1);
    controller.abort();
    await clock.advance(0);

    expect([before, sleeping.outcome, clock.pending()]).toEqual(['pending', 'done', 0]);
  });

  test('ends at once with the reason of its signal, and takes its timer back', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const reason = new Error('shutting down');

    const sleeping = watched(sleep(clock, 1000, controller.signal));
    controller.abort(reason);
    await clock.advance(0);

    expect([sleeping.outcome, clock.pending()]).toEqual([reason, 0]);
  });

  test('does not begin when its signal has fired', async () => {
    const clock = createFakeClock();
    const reason = new Error('shutting down');

    await expect(sleep(clock, 1000, AbortSignal.abort(reason))).rejects.toBe(reason);

    expect(clock.pending()).toBe(0);
  });

  test('rejects with an error even if the reason is none', async () => {
    const sleeping = sleep(createFakeClock(), 1000, AbortSignal.abort('why not'));

    await expect(sleeping).rejects.toMatchObject({ name: 'AbortError', message: 'aborted' });
  });
});

describe('deadline', () => {
  test('fires when its time has come', async () => {
    const clock = createFakeClock();

    const { signal } = deadline(clock, 1000, new AbortController().signal);
    await clock.advance(999);
    const before = signal.aborted;
    await clock.advance(1);

    expect([before, signal.aborted]).toEqual([false, true]);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'no answer within 1000 ms' });
  });

  test('fires with its parent', () => {
    const parent = new AbortController();
    const reason = new Error('shutting down');

    const { signal } = deadline(createFakeClock(), 1000, parent.signal);
    parent.abort(reason);

    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  test('fires at once with a parent that has fired', () => {
    const reason = new Error('shutting down');

    const { signal } = deadline(createFakeClock(), 1000, AbortSignal.abort(reason));

    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  test('never fires once the work is over', async () => {
    const [clock, parent] = [createFakeClock(), new AbortController()];

    const { signal, done } = deadline(clock, 1000, parent.signal);
    done();
    await clock.advance(2000);
    parent.abort();

    expect([signal.aborted, clock.pending()]).toEqual([false, 0]);
  });

  test('lifted, it fires with its parent alone', async () => {
    const [clock, parent] = [createFakeClock(), new AbortController()];

    const { signal, lift } = deadline(clock, 1000, parent.signal);
    lift();
    await clock.advance(2000);
    const before = signal.aborted;
    parent.abort();

    expect([before, signal.aborted, clock.pending()]).toEqual([false, true, 0]);
  });

  test('leaves nothing on a parent that lives on', () => {
    const parent = new AbortController();
    const listeners = (): number => getEventListeners(parent.signal, 'abort').length;

    const limits = [1, 2, 3].map(() => deadline(createFakeClock(), 1000, parent.signal));
    const during = listeners();
    limits.forEach(({ done }) => done());

    expect([during, listeners()]).toEqual([3, 0]);
  });
});
