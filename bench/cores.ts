import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Who runs where: the service alone on one core, everything that measures it on another. */
export interface Cores {
  readonly service: number;
  readonly others: number;
}

/** The first two cores this process may use; undefined = there are not two, or no `taskset` to pin with. */
export function findCores(): Cores | undefined {
  try {
    execFileSync('taskset', ['--version']);
    const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const [service, others] = coresOf(allowed ?? '');
    return service === undefined || others === undefined ? undefined : { service, others };
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

/** Moves this process, with all its threads. */
export function moveTo(core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)]);
}
