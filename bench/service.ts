import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { endOf } from './child.ts';
import { monotonicMs, pause, within } from './clock.ts';
import { onCore } from './cores.ts';
import type { Lab } from './lab.ts';
import { isFresh, peakMiB, processorMs, residentMiB } from './proc.ts';
import { readServiceLog } from './service-log.ts';

/** The service, as its users run it. */
export interface Service {
  readonly url: string;
  /** Where Quay would post, secret included. */
  readonly webhookPath: string;
  /** From the start of the process to the first 200 of `/readyz`. */
  readonly readyMs: number;
  residentMiB(): number;
  peakMiB(): number;
  processorMs(): number;
  /** How often it has logged this message. */
  logged(message: string): number;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..');
const token = 'a-secret-of-the-bench';
const readyLimitMs = 60_000;

/** What it does: everything, or `updatekate notify`. */
type Duties = 'all' | 'notify';

const entries: Readonly<Record<Duties, string>> = { all: 'main', notify: join('cli', 'main') };

/** What is run: the build when it is newer than every source, else the sources. */
export function entryPoint(duties: Duties = 'all'): string {
  const built = join('dist', `${entries[duties]}.js`);
  return isFresh(join(root, built), join(root, 'src')) ? built : join('src', `${entries[duties]}.ts`);
}

/** What the image gives Node. */
function flagsOfTheImage(): readonly string[] {
  const [, words = '[]'] =
    /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  const [node, ...flags] = (JSON.parse(words) as string[]).slice(0, -1);
  if (node !== 'node') throw new Error('the Dockerfile has another entry point than node');
  return flags;
}

/** What it is started with. */
export interface ServiceOptions {
  /** Everything, when it is not said. */
  readonly duties?: Duties;
  readonly kubeconfig: string;
  /** Name of its data folder, which must be new. */
  readonly data: string;
  /** Goes on with the data folder of the one before it instead. */
  readonly again?: boolean;
  /** Size of the heap; what Node takes for right when not given. */
  readonly heapMiB?: number;
  /** Variables that say where its records are, whom it tells and so on. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts it on its core; resolves when it is ready. */
export async function startService(lab: Lab, options: ServiceOptions): Promise<Service> {
  const extra = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((word) => word !== '');
  const { duties = 'all', heapMiB, again = false } = options;
  const flags = flagsOfTheImage();
  const heap = heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`];
  const node = [process.execPath, ...flags, ...heap, ...extra, join(root, entryPoint(duties))];
  const words = duties === 'notify' ? [...node, 'notify'] : node;
  const [command = '', ...args] = onCore(lab.cores?.service, words);
  const folder = join(lab.folder, options.data);
  if (existsSync(folder) !== again) throw new Error(`${folder} is ${again ? 'not there' : 'there already'}`);
  const startedAt = monotonicMs();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(options, folder),
  });
  const stop = (): Promise<void> => endOf(child, () => child.kill('SIGTERM'));
  lab.defer(stop);
  const log = readServiceLog(child);
  const url = `http://127.0.0.1:${await within(readyLimitMs, 'the start', log.port)}`;
  await within(readyLimitMs, 'readiness', ready(url));
  const readyMs = monotonicMs() - startedAt;
  const pid = child.pid ?? 0;
  return {
    ...{ url, webhookPath: `/webhook/quay/${token}`, readyMs, stop },
    residentMiB: () => residentMiB(pid),
    peakMiB: () => peakMiB(pid),
    logged: log.count,
    processorMs: () => processorMs(pid),
  };
}

function environment(options: ServiceOptions, dataFolder: string): NodeJS.ProcessEnv {
  return {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME },
    ...{ UK_CLUSTER: 'kubeconfig', KUBECONFIG: options.kubeconfig, UK_DATA_DIR: dataFolder },
    ...(options.duties === 'notify' ? {} : { UK_WEBHOOK_TOKEN: token, UK_WEBHOOK_RATE: '0' }),
    UK_PORT: '0',
    ...options.environment,
  };
}

async function ready(url: string): Promise<void> {
  const dispatcher = new Agent();
  for (;;) {
    const { statusCode, body } = await request(`${url}/readyz`, { dispatcher });
    await body.dump();
    if (statusCode === 200) break;
    await pause(5);
  }
  await dispatcher.destroy();
}
