import type { Clock } from '../core/ports.ts';

/** Resolves when the work has ended, or `ms` are over: then it goes on, and nobody waits for it. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<undefined>();
  const cancel = clock.after(ms, () => limit.resolve(undefined));
  await Promise.race([work, limit.promise]);
  cancel();
}
