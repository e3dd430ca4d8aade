import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs, pause } from '../clock.ts';
import type { Lab } from '../lab.ts';
import { spread, type Row } from './row.ts';

const writes = 100;
/** An idle disk and an idle core take longer than busy ones, as they do for a push that comes alone. */
const pauseMs = 20;

/** What one durable write costs on this disk: every step of an update is one. */
export async function measureDisk({ folder, filesystem }: Lab): Promise<Row> {
  const file = openSync(join(folder, 'disk'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  for (let n = 0; n < writes; n++) {
    await pause(pauseMs);
    const startedAt = monotonicMs();
    writeSync(file, block);
    fdatasyncSync(file);
    times.push(monotonicMs() - startedAt);
  }
  closeSync(file);
  return { what: `4 KiB written and synced (${filesystem})`, unit: 'ms', ...spread(times) };
}
