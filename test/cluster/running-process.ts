import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process of the control plane. */
export interface RunningProcess {
  /** @throws Error with the end of its log when the process has ended */
  assertAlive(): void;
  /** Sends `signal` and, unless the signal only pauses or resumes, waits for the end of the process. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when the process has ended, at once when it has already. */
  ended(): Promise<void>;
}

/** What to start and where its traces go. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  /** Working and home directory. */
  readonly dir: string;
  /** Gets a file named by the process id for as long as the process lives. */
  readonly pidsDir: string;
  /** Output is appended here. */
  readonly logFile: string;
}

// A graceful end of kube-apiserver waits up to 60 s for open requests.
const endTimeoutMs = 90_000;
const survivable: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT'];

/** Starts a process that does not keep the parent alive. */
export async function startProcess({
  program,
  args,
  dir,
  pidsDir,
  logFile,
}: Launch): Promise<RunningProcess> {
  const log = openSync(logFile, 'a');
  // Detached, so that Ctrl-C reaches the parent only, and without the parent's proxy settings.
  const child = spawn(program, args, {
    detached: true,
    cwd: dir,
    env: { HOME: dir, PATH: process.env.PATH },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) trackPid(child, join(pidsDir, `${child.pid}`));
  await once(child, 'spawn');
  child.unref();
  return {
    assertAlive() {
      if (isAlive(child)) return;
      const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20);
      throw new Error(
        `${program} ended with ${child.exitCode ?? child.signalCode ?? '?'}:\n${lines.join('\n')}`,
      );
    },
    async kill(signal) {
      child.kill(signal);
      if (!survivable.includes(signal)) await endOf(child);
    },
    ended: () => endOf(child),
  };
}

function trackPid(child: ChildProcess, pidFile: string): void {
  writeFileSync(pidFile, '');
  child.once('exit', () => rmSync(pidFile, { force: true }));
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function endOf(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  child.ref();
  await once(child, 'exit', { signal: AbortSignal.timeout(endTimeoutMs) });
}
