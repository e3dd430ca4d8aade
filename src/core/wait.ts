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

/** A time for a piece of work. */
export interface Deadline {
  /** Fires when the time is over, or with the parent. */
  readonly signal: AbortSignal;
  /** The time does not count any more; the parent still does. */
  lift(): void;
  /** The work is over: nothing fires any more. */
  done(): void;
}

/**
 * A signal that fires after `ms` on `clock`, or with `parent`. Not `AbortSignal.any`: a parent that lives as long as
 * the process would remember every one of them until the next full garbage collection.
 */
export function deadline(clock: Clock, ms: number, parent: AbortSignal): Deadline {
  const limit = new AbortController();
  const follow = (): void => limit.abort(parent.reason);
  const lift = clock.after(ms, () =>
    limit.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
  );
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: limit.signal,
    lift,
    done() {
      lift();
      parent.removeEventListener('abort', follow);
    },
  };
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError');
}
