import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, messageOf } from '../core/errors.ts';

/** A file of SQLite and what is in it. */
export interface SqliteFile {
  readonly folder: string;
  /** Name within the folder. */
  readonly name: string;
  /** Bumped with every change of the tables; a file of another version is refused, never guessed at. */
  readonly version: number;
  /** Statements that make the tables. */
  readonly schema: string;
}

/** How long another process may hold the file before we give up: writes are short. */
const busyMs = 200;

/**
 * Opens the file, making it when it is not there: write-ahead log, every commit synced to the disk.
 *
 * @throws AppError `bad-config` when the folder cannot be written or holds another version's file.
 */
export function openSqliteFile({ folder, name, version, schema }: SqliteFile): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true });
    const db = new DatabaseSync(join(folder, name), { timeout: busyMs });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const found = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (found === 0) db.exec(`BEGIN; ${schema}; PRAGMA user_version = ${version}; COMMIT;`);
    else if (found !== version) throw new Error(`its schema is version ${found}, not ${version}`);
    return db;
  } catch (cause) {
    throw new AppError('bad-config', `sqlite: cannot use ${folder}/${name}: ${messageOf(cause)}`, { cause });
  }
}

/** Runs a synchronous piece as a promise. */
export async function attempt<T>(work: () => T): Promise<T> {
  try {
    return await Promise.resolve(work());
  } catch (cause) {
    return unavailable(cause);
  }
}

/** A disk that is full or gone may be there again later. */
export function unavailable(cause: unknown): never {
  throw new AppError('unavailable', `sqlite: ${messageOf(cause)}`, { cause });
}
