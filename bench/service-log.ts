import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What the service says of itself. */
export interface ServiceLog {
  /** The port that it listens on; rejects when it ends before. */
  readonly port: Promise<number>;
  /** How often it has logged this message. */
  count(message: string): number;
}

const [keptLines, shownOfEach] = [20, 3];

/** Reads log lines as they come, so that the pipe never fills; shows the first warnings and errors of each kind. */
export function readServiceLog(child: ChildProcess): ServiceLog {
  if (!child.stdout) throw new Error('the service has no output');
  const port = Promise.withResolvers<number>();
  const last: string[] = [];
  const counts = new Map<string, number>();
  createInterface(child.stdout).on('line', (line) => {
    last.push(line);
    if (last.length > keptLines) last.shift();
    const message = /"msg":"([^"]*)"/.exec(line)?.[1] ?? '';
    const count = (counts.get(message) ?? 0) + 1;
    counts.set(message, count);
    const listening = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
    if (listening !== undefined) port.resolve(Number(listening));
    if (/"level":"(?:error|warn)"/.test(line) && count <= shownOfEach) console.error(line);
  });
  void once(child, 'exit').then(([code]: unknown[]) =>
    port.reject(new Error([...last, `the service ended with code ${String(code)}`].join('\n'))),
  );
  return { port: port.promise, count: (message) => counts.get(message) ?? 0 };
}
