import { systemClock } from '../../src/lib/clock.ts';
import { createHttp } from '../../src/lib/http.ts';
import { sendSigned } from '../../src/lib/signed-post.ts';
import { monotonicMs, pause } from '../clock.ts';

/** Asks for one bare POST about each Deployment, `concurrency` at a time. */
export interface BarePosts {
  readonly url: string;
  readonly names: readonly string[];
  readonly concurrency: number;
  readonly pauseMs: number;
}

/**
 * The service's own client of webhooks without the service: answers with the times at which each POST was asked for.
 */
const http = createHttp({
  ...{ clock: systemClock, timeoutMs: 15_000, retries: 2, minDelayMs: 500 },
  userAgent: 'updatekate',
});
const { signal } = new AbortController();

/** What the notifier says of an image that somebody has set. */
function said(name: string): Readonly<Record<'id' | 'body', string>> {
  const [from, to] = [`quay.io/bench/${name}:1.0.0`, `quay.io/bench/${name}:1.0.1`];
  const id = `ch-${'0'.repeat(32)}-image-changed`;
  const link = `https://quay.io/repository/bench/${name}?tab=tags`;
  const body = JSON.stringify({
    ...{ id, type: 'workload.image-changed', timestamp: new Date().toISOString(), severity: 'info' },
    ...{ thread: `ch-${'0'.repeat(24)}`, cluster: 'default', namespace: 'bench-0', kind: 'Deployment' },
    ...{ workload: name, team: null, images: [{ container: 'app', from, to }], scale: null },
    ...{ by: ['kubectl-set'], reason: null, message: null, link },
    text: `${name} deployed to bench-0\nImage: ${to}\napp: ${from} → ${to}\nCluster: default\nBy: kubectl-set\n${link}`,
  });
  return { id, body };
}

async function run({ url, names, concurrency, pauseMs }: BarePosts): Promise<readonly number[]> {
  const waiting = [...names];
  const sent: number[] = [];
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await pause(pauseMs);
      sent.push(monotonicMs());
      await sendSigned({ url, keys: [], http, clock: systemClock }, { ...said(name), headers: {} }, signal);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return sent;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: BarePosts) => {
  void run(asked).then((sent) => process.send?.(sent));
});
