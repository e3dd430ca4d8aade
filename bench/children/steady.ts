import { Agent, request } from 'undici';
import { monotonicMs, pause } from '../clock.ts';
import { quayPush } from '../pusher.ts';

/** Asks for pushes of ever newer tags at a steady rate, whether the last ones are answered or not. */
export interface Steady {
  readonly url: string;
  readonly path: string;
  /** Pushed in turn. */
  readonly repositories: readonly string[];
  readonly perSecond: number;
  readonly ms: number;
}

/** What came of it. */
export interface SteadyResult {
  /** From the moment a push was due to its answer. */
  readonly answerMs: readonly number[];
  /** Answered 202, a second. */
  readonly perSecond: number;
  /** Other answers, and none. */
  readonly refused: number;
}

let version = 0;

/** Open loop: a slow answer delays no later push, so that none of the waiting is left out. */
async function run({ url, path, repositories, perSecond, ms }: Steady): Promise<SteadyResult> {
  const dispatcher = new Agent({ connections: 64 });
  const answerMs: number[] = [];
  let refused = 0;
  const push = async (n: number, dueAt: number): Promise<void> => {
    const repository = repositories[n % repositories.length] ?? '';
    const { statusCode, body } = await request(`${url}${path}`, {
      ...{ dispatcher, method: 'POST', headers: { 'content-type': 'application/json' } },
      body: quayPush(repository, `1.1.${++version}`),
    });
    await body.dump();
    if (statusCode === 202) answerMs.push(monotonicMs() - dueAt);
    else refused++;
  };
  const startedAt = monotonicMs();
  const pushes: Promise<void>[] = [];
  const count = Math.floor((perSecond * ms) / 1000);
  for (let n = 0; n < count; n++) {
    const dueAt = startedAt + (n * 1000) / perSecond;
    const earlyMs = dueAt - monotonicMs();
    if (earlyMs > 0) await pause(earlyMs);
    pushes.push(
      push(n, dueAt).catch(() => {
        refused++;
      }),
    );
  }
  await Promise.all(pushes);
  const seconds = (monotonicMs() - startedAt) / 1000;
  await dispatcher.close();
  return { answerMs, perSecond: answerMs.length / seconds, refused };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: Steady) => {
  void run(asked).then((result) => process.send?.(result));
});
