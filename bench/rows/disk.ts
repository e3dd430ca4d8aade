import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../clock.ts';
import type { Lab } from '../lab.ts';
import { spread, type Row } from './row.ts';

const writes = 200;

/** What one durable write costs on this disk: every step of an update is one. */
export function measureDisk({ folder, filesystem }: Lab): Row {
  const file = openSync(join(folder, 'disk'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: writes }, () => {
    const startedAt = monotonicMs();
    writeSync(file, block);
    fdatasyncSync(file);
    return monotonicMs() - startedAt;
  });
  closeSync(file);
  return { what: `4 KiB written and synced (${filesystem})`, unit: 'ms', ...spread(times) };
}
