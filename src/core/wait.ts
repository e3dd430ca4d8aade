import type { Clock } from './ports.ts';

/** Waits `ms` on `clock`; rejects with the signal's reason as soon as `signal` fires. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const stop = (): void => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** A signal that fires after `ms` on `clock`, or with `parent`. Call `done` when the work is over. */
export function deadline(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
): { readonly signal: AbortSignal; done(): void } {
  const timer = new AbortController();
  const cancel = clock.after(ms, () =>
    timer.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
  );
  return { signal: AbortSignal.any([parent, timer.signal]), done: cancel };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError');
}
