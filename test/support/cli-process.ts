import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** How the command line ended. */
export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `updatekate`, or another bin, as people do: a process of its own, with these variables and no others of ours. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  bin: 'main' | 'kube-monitor' = 'main',
): Promise<CliEnd> {
  const child = spawn(process.execPath, [`src/cli/${bin}.ts`, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
