import { Client } from 'undici';
import { monotonicMs } from '../clock.ts';
import { quayPush } from '../pusher.ts';

/** Asks for as many untracked pushes as can be answered in `ms`. */
export interface Load {
  readonly url: string;
  readonly path: string;
  readonly connections: number;
  readonly ms: number;
}

/** What came of it. */
export interface LoadResult {
  readonly perSecond: number;
  readonly answered: number;
  /** Time to the answer, of every push. */
  readonly answerMs: readonly number[];
}

let pushed = 0;

/** Each connection sends its next push when the last one is answered. */
async function run({ url, path, connections, ms }: Load): Promise<LoadResult> {
  const clients = Array.from({ length: connections }, () => new Client(url));
  const answerMs: number[] = [];
  const startedAt = monotonicMs();
  const worker = async (client: Client): Promise<void> => {
    for (let sentAt = monotonicMs(); sentAt < startedAt + ms; sentAt = monotonicMs()) {
      const { statusCode, body } = await client.request({
        ...{ method: 'POST', path, headers: { 'content-type': 'application/json' } },
        body: quayPush(`quay.io/strangers/app-${pushed++}`, '1.0.1'),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`an untracked push was answered ${statusCode}`);
      answerMs.push(monotonicMs() - sentAt);
    }
  };
  await Promise.all(clients.map(worker));
  const seconds = (monotonicMs() - startedAt) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  return { perSecond: answerMs.length / seconds, answered: answerMs.length, answerMs };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: Load) => {
  void run(asked).then((result) => process.send?.(result));
});
