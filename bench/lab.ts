import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCores, moveTo, type Cores } from './cores.ts';
import { filesystemOf } from './proc.ts';

/** Where a run takes place. */
export interface Lab {
  readonly cores: Cores | undefined;
  readonly folder: string;
  readonly filesystem: string;
  /** Runs `undo` when the lab is closed; the last one goes first. */
  defer(undo: () => unknown): void;
  close(): Promise<void>;
}

/** In memory nothing is ever synced: a store there would be measured too fast. */
const inMemory = ['tmpfs', 'ramfs'];

/** Pins this process away from the service's core and makes a folder on a disk. */
export function openLab(): Lab {
  const cores = findCores();
  if (cores) moveTo([cores.others]);
  const disks = [tmpdir(), '/var/tmp', process.cwd()];
  const disk = disks.find((path) => !inMemory.includes(filesystemOf(path)));
  if (disk === undefined) throw new Error('no folder is on a disk');
  const folder = mkdtempSync(join(disk, 'updatekate-bench-'));
  const undos: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
  return {
    ...{ cores, folder, filesystem: filesystemOf(folder) },
    defer: (undo) => undos.push(undo),
    async close() {
      for (let undo = undos.pop(); undo; undo = undos.pop()) await undo();
    },
  };
}
