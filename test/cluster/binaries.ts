import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('build.sh', import.meta.url));
const buildTimeoutMs = 60 * 60_000;

/** The directory with the pinned control plane binaries, built first where they are missing. */
export async function buildBinaries(): Promise<string> {
  const signal = AbortSignal.timeout(buildTimeoutMs);
  const build = spawn('bash', [script], { signal, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(build.stdout), once(build, 'close', { signal })]);
  if (build.exitCode !== 0)
    throw new Error(`test/cluster/build.sh failed with ${build.exitCode ?? 'a signal'}`);
  return output.trim().split('\n').at(-1) ?? '';
}
