import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../cluster/wait-for.ts';

/** The end of one process. */
export interface Exit {
  readonly replica: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether we asked for it. */
  readonly asked: boolean;
}

/** One replica of the service: a process that a kubelet starts again when it ends. */
export interface Replica {
  readonly name: string;
  readonly url: string;
  /** Starts the process, if it does not run. */
  start(): void;
  /** Waits until `/readyz` says so. */
  ready(): Promise<void>;
  /** SIGKILL; the kubelet starts it again. */
  kill(): Promise<void>;
  /** Sends the signal, waits for the end, and does not start it again. The time it took, in milliseconds. */
  remove(signal: 'SIGKILL' | 'SIGTERM'): Promise<number>;
  running(): boolean;
  freeze(): void;
  thaw(): void;
  /** Whether it was killed, frozen or stopped at any time since then (`performance.now()`). */
  disturbedSince(atMs: number): boolean;
  exits(): readonly Exit[];
  readonly logFile: string;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Told of every process, so that none outlives the program. */
  watch(child: ChildProcess): void;
}

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** A kubelet starts a container that ended at once, and waits only when it ends again and again. */
const restartMs = 300;
const readyLimitMs = 60_000;
const endLimitMs = 60_000;

export function createReplica(options: ReplicaOptions): Replica {
  const { name, port } = options;
  const url = `http://127.0.0.1:${port}`;
  const exits: Exit[] = [];
  let child: ChildProcess | undefined;
  let wanted = false;
  let asked = false;
  let disturbedAtMs = -Infinity;
  let frozen = false;

  const launch = (): void => {
    asked = false;
    const started = spawnService(options);
    child = started;
    started.once('exit', (code, signal) => {
      exits.push({ replica: name, code, signal, asked });
      disturbedAtMs = performance.now();
      child = undefined;
      if (wanted) setTimeout(() => wanted && launch(), restartMs);
    });
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number> => {
    const ending = child;
    if (!ending) return 0;
    const sentAtMs = (disturbedAtMs = performance.now());
    [asked, frozen] = [true, false];
    ending.kill(signal);
    await once(ending, 'exit', { signal: AbortSignal.timeout(endLimitMs) });
    return performance.now() - sentAtMs;
  };
  const mark = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    disturbedAtMs = performance.now();
    frozen = signal === 'SIGSTOP';
    if (child?.kill(signal) !== true) throw new Error(`${name}: no process to send ${signal} to`);
  };
  return {
    ...{ name, url, logFile: options.logFile },
    start() {
      wanted = true;
      if (!child) launch();
    },
    ready: () => waitReady(name, url, options.logFile),
    async kill() {
      await end('SIGKILL');
    },
    remove(signal) {
      wanted = false;
      return end(signal);
    },
    running: () => child !== undefined && !frozen,
    freeze: () => mark('SIGSTOP'),
    thaw: () => mark('SIGCONT'),
    disturbedSince: (atMs) => frozen || disturbedAtMs >= atMs,
    exits: () => exits,
  };
}

function spawnService({ port, environment, logFile, watch }: ReplicaOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  // Detached, so that Ctrl-C reaches this program only, which then ends the replicas.
  const child = spawn(process.execPath, [entry], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, ...environment, UK_PORT: String(port) },
  });
  closeSync(log);
  watch(child);
  return child;
}

/** Whether the replica says that it is ready, now. */
export async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status === 200;
    },
    () => false,
  );
}

async function waitReady(name: string, url: string, logFile: string): Promise<void> {
  await waitFor(`${name} to be ready`, readyLimitMs, async () =>
    (await isReady(url)) ? true : undefined,
  ).catch((cause: unknown) => {
    const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
    throw new Error(`${name} does not get ready:\n${last}`, { cause });
  });
}
