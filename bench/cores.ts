import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Who runs where: the service alone on one core, everything that measures it on another. */
export interface Cores {
  readonly service: number;
  readonly others: number;
  /** Every core but the service's: for a control plane, which needs what it can get. */
  readonly rest: readonly number[];
}

/** The first two cores this process may use; undefined = there are not two, or no `taskset` to pin with. */
export function findCores(): Cores | undefined {
  try {
    execFileSync('taskset', ['--version']);
    const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const [service, ...rest] = coresOf(allowed ?? '');
    const [others] = rest;
    return service === undefined || others === undefined ? undefined : { service, others, rest };
  } catch {
    return undefined;
  }
}

/** `0-2,5` gives 0, 1, 2, 5. */
function coresOf(list: string): readonly number[] {
  return list.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}

/** The words of a command that run it on `core`. */
export function onCore(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}

/** Moves this process, with all its threads, and whatever it starts from now on. */
export function moveTo(cores: readonly number[]): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores.join(','), String(process.pid)]);
}
