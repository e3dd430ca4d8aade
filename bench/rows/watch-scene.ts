import { z } from 'zod';
import type { Api } from '../api.ts';
import type { Child } from '../child.ts';
import type { BarePosts } from '../children/bare-post.ts';
import { pause } from '../clock.ts';
import type { Receiver } from '../receiver.ts';
import type { Service } from '../service.ts';

/** The size of the cluster that is watched. */
export const watchedSize = {
  ...{ workloads: 5000, shared: 0 },
  namespaces: Array.from({ length: 10 }, (_, n) => `bench-${n}`),
};

/** `updatekate notify` with everything around it. */
export interface WatchScene {
  readonly api: Api;
  readonly receiver: Receiver;
  /** Its client of webhooks alone, on the same core. */
  readonly bare: Child;
}

/** From the moment a bare POST is asked for to its head at the receiver: of each, and first to last. */
export async function barePosts(
  { receiver, bare }: WatchScene,
  names: readonly string[],
  pace: Pick<BarePosts, 'concurrency' | 'pauseMs'>,
): Promise<{ readonly eachMs: readonly number[]; readonly allMs: number }> {
  const webhooks = receiver.expect(names);
  const asked: BarePosts = { url: receiver.url, names, ...pace };
  const sent = z.array(z.number()).parse(await bare.ask(asked));
  const arrived = await webhooks;
  const eachMs = names.map((name, n) => (arrived.get(name) ?? NaN) - (sent[n] ?? NaN));
  return { eachMs, allMs: Math.max(...arrived.values()) - Math.min(...sent) };
}

const [restMs, restLimitMs] = [250, 60_000];

/** Waits until a process uses no more than bookmarks need. */
export async function atRest({ processorMs }: Pick<Service, 'processorMs'>): Promise<void> {
  for (let waitedMs = 0; waitedMs < restLimitMs; waitedMs += restMs) {
    const before = processorMs();
    await pause(restMs);
    if (processorMs() - before <= restMs / 25) return;
  }
  throw new Error('what is measured never rests');
}
