import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreKind } from './options.ts';

/** A spool is nearly always empty; all records of a scenario, and SQLite's log before them, take some more. */
const sizes: Readonly<Record<StoreKind, string>> = { kubernetes: '1m', sqlite: '8m' };

/** A small disk for one replica's data. */
export function mountSmallDisk(folder: string, store: StoreKind): void {
  mkdirSync(folder, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${sizes[store]}`];
  execFileSync('mount', [...options, 'updatekate-faults', folder], { stdio: 'pipe' });
}

export function unmountSmallDisk(folder: string): void {
  execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
}

/** Why no such disk can be mounted here; `undefined` when one can. */
export function whyNoSmallDisk(parent: string): string | undefined {
  const folder = join(parent, 'small-disk-trial');
  try {
    mountSmallDisk(folder, 'kubernetes');
    unmountSmallDisk(folder);
    return undefined;
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n').slice(-2);
    return `needs to mount a tmpfs, as root: ${why}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const filler = 'filler';

/** Writes until there is no byte left; the number of bytes. */
export function fill(folder: string): number {
  const file = openSync(join(folder, filler), 'w');
  let written = 0;
  try {
    for (let size = 64 * 1024; size >= 1; size = Math.floor(size / 2)) {
      for (let part = writeAll(file, size); part > 0; part = writeAll(file, size)) written += part;
    }
    return written;
  } finally {
    closeSync(file);
  }
}

/** 0 when it does not fit. */
function writeAll(file: number, size: number): number {
  try {
    return writeSync(file, Buffer.alloc(size));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return 0;
    throw error;
  }
}

export function empty(folder: string): void {
  rmSync(join(folder, filler));
}
