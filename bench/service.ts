import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import type { Api } from './api.ts';
import { endOf } from './child.ts';
import { monotonicMs, pause, within } from './clock.ts';
import { onCore } from './cores.ts';
import type { Lab } from './lab.ts';
import { isFresh, processorMs, residentMiB } from './proc.ts';

/** The service, as its users run it. */
export interface Service {
  readonly url: string;
  /** Where Quay would post, secret included. */
  readonly webhookPath: string;
  /** From the start of the process to the first 200 of `/readyz`. */
  readonly readyMs: number;
  residentMiB(): number;
  processorMs(): number;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..');
const token = 'a-secret-of-the-bench';
const readyLimitMs = 60_000;

/** What is run: the build when it is newer than every source, else the sources. */
export function entryPoint(): string {
  const built = join('dist', 'main.js');
  return isFresh(join(root, built), join(root, 'src')) ? built : join('src', 'main.ts');
}

/** Starts it on its core, with a new store; resolves when it is ready. */
export async function startService(lab: Lab, api: Api, webhookUrl: string, data: string): Promise<Service> {
  const extra = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((word) => word !== '');
  const node = [process.execPath, ...extra, join(root, entryPoint())];
  const [command = '', ...args] = onCore(lab.cores?.service, node);
  const folder = join(lab.folder, data);
  if (existsSync(folder)) throw new Error(`${folder} is there already`);
  const startedAt = monotonicMs();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment(api, webhookUrl, folder),
  });
  const stop = (): Promise<void> => endOf(child, () => child.kill('SIGTERM'));
  lab.defer(stop);
  const url = `http://127.0.0.1:${await within(readyLimitMs, 'the start', portOf(child))}`;
  await within(readyLimitMs, 'readiness', ready(url));
  const readyMs = monotonicMs() - startedAt;
  const pid = child.pid ?? 0;
  return {
    ...{ url, webhookPath: `/webhook/quay/${token}`, readyMs, stop },
    residentMiB: () => residentMiB(pid),
    processorMs: () => processorMs(pid),
  };
}

function environment(api: Api, webhookUrl: string, dataFolder: string): NodeJS.ProcessEnv {
  return {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME },
    ...{ UK_CLUSTER: 'kubeconfig', KUBECONFIG: api.kubeconfig },
    ...{ UK_STORE: 'sqlite', UK_DATA_DIR: dataFolder },
    ...{ UK_WEBHOOK: webhookUrl, UK_WEBHOOK_TOKEN: token, UK_WEBHOOK_RATE: '0', UK_PORT: '0' },
  };
}

/** Reads log lines to the one that says where it listens, and on, so that the pipe never fills. */
async function portOf(child: ChildProcess): Promise<number> {
  if (!child.stdout) throw new Error('the service has no output');
  const port = Promise.withResolvers<number>();
  const last: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    const listening = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
    if (listening !== undefined) port.resolve(Number(listening));
    if (/"level":"(?:error|warn)"/.test(line)) console.error(line);
  });
  void once(child, 'exit').then(([code]: unknown[]) =>
    port.reject(new Error([...last, `the service ended with code ${String(code)}`].join('\n'))),
  );
  return port.promise;
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
