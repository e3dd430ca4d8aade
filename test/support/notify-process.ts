import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** `updatekate notify` in a process of its own. */
export interface NotifyProcess {
  /** Its address, when it listens; rejects when it ends before. */
  readonly listening: Promise<string>;
  /** Every line of its log. */
  readonly lines: readonly string[];
  readonly stderr: Promise<string>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** As the image and `k8s/notify` start it. */
const flags = ['--disable-proto=delete', '--single-threaded-gc'];

/** Runs it with these arguments and variables, and no others of ours. */
export function startNotifyProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): NotifyProcess {
  const child = spawn(process.execPath, [...flags, 'src/cli/main.ts', 'notify', ...args], {
    env: { PATH: process.env.PATH, UK_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listening = Promise.withResolvers<string>();
  // Not everybody waits for it.
  listening.promise.catch(() => undefined);
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    const { msg, port } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    if (msg === 'listening') listening.resolve(`http://127.0.0.1:${port ?? 0}`);
  });
  const stderr = text(child.stderr);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  void exited.then(async ({ code }) => {
    listening.reject(new Error(`it ended with ${code ?? 'a signal'}: ${await stderr}`));
  });
  return { listening: listening.promise, lines, stderr, exited, kill: (signal) => void child.kill(signal) };
}
