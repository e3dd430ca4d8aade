import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, type RunningProcess } from './running-process.ts';

/** A temporary directory and the processes that live in it; both end together. */
export interface Workspace {
  readonly dir: string;
  readonly logsDir: string;
  /** Starts `program`, its output appended to `<logsDir>/<name>.log`. */
  run(name: string, program: string, args: readonly string[]): Promise<RunningProcess>;
  /** @throws Error with the end of its log when any process has ended */
  assertAlive(): void;
  /** Ends every process and removes the directory; a second call does nothing. */
  close(): Promise<void>;
}

// The input ends when the parent closes it or dies, however it dies: nothing else catches a SIGKILL.
const reaperScript = `cat >/dev/null
for file in "$1"/pids/*; do kill -9 "\${file##*/}"; done
sleep 0.2
rm -rf "$1"`;

const closeTimeoutMs = 30_000;

/** Makes a workspace. Logs go to `logsDir`, or away with the workspace when it is not given. */
export async function openWorkspace(logsDir?: string): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), 'updatekate-control-plane-'));
  const reaper = spawn('sh', ['-c', reaperScript, 'reaper', dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(reaper, 'spawn');
  reaper.unref();
  const pidsDir = join(dir, 'pids');
  const logs = logsDir ?? join(dir, 'logs');
  for (const each of [pidsDir, logs]) mkdirSync(each, { recursive: true });
  const started: RunningProcess[] = [];
  return {
    dir,
    logsDir: logs,
    async run(name, program, args) {
      const running = await startProcess({ program, args, dir, pidsDir, logFile: join(logs, `${name}.log`) });
      started.push(running);
      return running;
    },
    assertAlive() {
      for (const running of started) running.assertAlive();
    },
    async close() {
      if (reaper.exitCode !== null) return;
      reaper.ref();
      reaper.stdin.end();
      await once(reaper, 'exit', { signal: AbortSignal.timeout(closeTimeoutMs) });
      await Promise.all(started.map((running) => running.ended()));
    },
  };
}
