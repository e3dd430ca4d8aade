import { monotonicMs } from './clock.ts';

/** Says on standard error what takes so long; standard output is the table's. */
export async function progress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = monotonicMs();
  const result = await work();
  console.error(`${what}: ${((monotonicMs() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}
