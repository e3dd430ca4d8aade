import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick is. */
const msPerTick = 10;

/** Resident memory of a process. */
export function residentMiB(pid: number): number {
  return memoryMiB(pid, /^VmRSS:\s+(\d+) kB$/m);
}

/** The most that a process ever had resident. */
export function peakMiB(pid: number): number {
  return memoryMiB(pid, /^VmHWM:\s+(\d+) kB$/m);
}

function memoryMiB(pid: number, line: RegExp): number {
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Processor time that all threads of a process have used. */
export function processorMs(pid: number): number {
  const { fields } = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** The processes that a process has started and that still run. */
export function childrenOf(parent: number): readonly { readonly pid: number; readonly name: string }[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((entry) => {
    try {
      const { name, fields } = statOf(Number(entry));
      return Number(fields[1]) === parent ? [{ pid: Number(entry), name }] : [];
    } catch {
      // It has ended since the folder was read.
      return [];
    }
  });
}

function statOf(pid: number): { readonly name: string; readonly fields: readonly string[] } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces: fields are counted after it, from number 3 on.
  const [start, end] = [stat.indexOf('(') + 1, stat.lastIndexOf(')')];
  return { name: stat.slice(start, end), fields: stat.slice(end + 2).split(' ') };
}

/** Time that cores were not idle, whoever used them: user, nice, system, interrupts, and what a host took away. */
export function busyMs(cores: readonly number[]): number {
  const lines = readFileSync('/proc/stat', 'utf8').split('\n');
  return cores.reduce((sum, core) => {
    const [, user, nice, system, , , irq, softIrq, steal] =
      lines
        .find((line) => line.startsWith(`cpu${core} `))
        ?.split(' ')
        .map(Number) ?? [];
    const ticks = [user, nice, system, irq, softIrq, steal].reduce<number>((all, n = NaN) => all + n, 0);
    return sum + ticks * msPerTick;
  }, 0);
}

/** Type of the filesystem that holds `path`: the last mount of the longest mount point above it. */
export function filesystemOf(path: string): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point = '']) => point === '/' || path === point || path.startsWith(`${point}/`))
    .toSorted(([, a = ''], [, b = '']) => a.length - b.length);
  return mounts.at(-1)?.[2] ?? 'unknown';
}

/** Whether `built` is newer than every file below `sources`. */
export function isFresh(built: string, sources: string): boolean {
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  return files.every((file) => statSync(join(sources, file)).mtimeMs < builtAt);
}
