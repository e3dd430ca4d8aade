import { afterEach } from '@jest/globals';

/** Starts things as `start` does, and closes them after each test. */
export function closedAfterEach<A extends readonly unknown[], T extends { close(): Promise<void> }>(
  start: (...given: A) => Promise<T>,
): (...given: A) => Promise<T> {
  const open: T[] = [];
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));
  return async (...given) => {
    const started = await start(...given);
    open.push(started);
    return started;
  };
}
