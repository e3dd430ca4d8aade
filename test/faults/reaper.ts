import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes, with the processes and mounts in it, when this program ends, however it ends. */
export interface Reaper {
  readonly folder: string;
  /** Ends this child with the program. */
  watch(child: ChildProcess): void;
  close(): Promise<void>;
}

// The input ends when the parent closes it or dies: nothing else catches a SIGKILL.
const script = `cat >/dev/null
for file in "$1"/pids/*; do kill -9 "\${file##*/}" 2>/dev/null; done
sleep 0.2
cut -d' ' -f2 /proc/mounts | grep "^$1/" | while read -r point; do umount -l "$point"; done
rm -rf "$1"`;

/** Makes the folder, and the shell that outlives this program by a moment. */
export async function startReaper(): Promise<Reaper> {
  const folder = mkdtempSync(join(tmpdir(), 'updatekate-faults-'));
  const pids = join(folder, 'pids');
  mkdirSync(pids);
  const shell = spawn('sh', ['-c', script, 'reaper', folder], {
    ...{ detached: true, cwd: '/' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(shell, 'spawn');
  return {
    folder,
    watch(child) {
      if (child.pid === undefined) return;
      const file = join(pids, String(child.pid));
      writeFileSync(file, '');
      child.once('exit', () => rmSync(file, { force: true }));
    },
    async close() {
      if (shell.exitCode !== null) return;
      shell.stdin.end();
      await once(shell, 'exit');
    },
  };
}
