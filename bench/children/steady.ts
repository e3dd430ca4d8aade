import { constants, setPriority } from 'node:os';
import { Agent, request } from 'undici';
import { openLoop, type OpenLoopResult, type Rate } from '../open-loop.ts';
import { quayPush } from '../pusher.ts';

/** Asks for pushes of ever newer tags at a steady rate. */
export interface Steady extends Rate {
  readonly url: string;
  readonly path: string;
  /** Pushed in turn. */
  readonly repositories: readonly string[];
}

let version = 0;

// It stands for senders on other machines: they do not wait for a core that the API server keeps busy.
try {
  setPriority(constants.priority.PRIORITY_HIGHEST);
} catch {
  console.warn("the pusher has no right to go first: its waiting for the core counts as the service's");
}

/** Pushes, each of which is to be answered 202. */
async function run({ url, path, repositories, ...rate }: Steady): Promise<OpenLoopResult> {
  const dispatcher = new Agent({ connections: 64 });
  const result = await openLoop(rate, async (n) => {
    const repository = repositories[n % repositories.length] ?? '';
    const { statusCode, body } = await request(`${url}${path}`, {
      ...{ dispatcher, method: 'POST', headers: { 'content-type': 'application/json' } },
      body: quayPush(repository, `1.1.${++version}`),
    });
    await body.dump();
    return statusCode === 202;
  });
  await dispatcher.close();
  return result;
}

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: Steady) => {
  void run(asked).then((result) => process.send?.(result));
});
