import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { createSqliteStore } from '../../src/stores/sqlite.ts';
import { openThreadedSqlite } from '../../src/stores/threaded-sqlite.ts';
import { storeContract } from '../contract/store.ts';
import { anUpdate } from '../support/builders.ts';

const root = mkdtempSync(join(tmpdir(), 'updatekate-threaded-'));
let folders = 0;

/** A folder of its own for every store; it is not there yet. */
function newFolder(): string {
  return join(root, String(++folders), 'data');
}

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

storeContract('sqlite in a thread', () => openThreadedSqlite(newFolder()));

describe('sqlite in a thread', () => {
  test('writes the same file as without', async () => {
    const folder = newFolder();
    const threaded = await openThreadedSqlite(folder);
    const [written] = await threaded.create([anUpdate({ name: 'up-1' })]);
    await threaded.close();

    const plain = createSqliteStore(folder);

    expect(await plain.get('up-1')).toEqual({ update: written?.update, revision: written?.revision });
    await plain.close();
  });

  test('this thread goes on while the disk is busy', async () => {
    const folder = newFolder();
    const threaded = await openThreadedSqlite(folder);
    // Another process that holds the file: the write waits for it, as it would wait for a slow sync.
    const other = new DatabaseSync(join(folder, 'updatekate.db'));
    other.exec('BEGIN IMMEDIATE');

    const writing = threaded.create([anUpdate({ name: 'up-1' })]);
    // Would be undone too late, if the write held up this thread until it fails.
    setImmediate(() => other.exec('ROLLBACK'));

    expect((await writing)[0]?.created).toBe(true);
    other.close();
    await threaded.close();
  });

  test('an error keeps its code and its words', async () => {
    const folder = newFolder();
    const threaded = await openThreadedSqlite(folder);
    const file = new DatabaseSync(join(folder, 'updatekate.db'));
    file.exec('DROP TABLE updates');
    file.close();

    const error = await threaded.create([anUpdate({ name: 'up-1' })]).catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(String(error)).toContain('sqlite: no such table');
    await threaded.close();
  });

  test('a folder that cannot be written is refused by name', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');

    await expect(openThreadedSqlite(join(file, 'data'))).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(join(file, 'data')) as unknown,
    });
  });

  test('left open, it keeps no process alive, and what was asked for is still answered', async () => {
    const module = JSON.stringify(pathToFileURL('src/stores/threaded-sqlite.ts').href);
    const script = join(root, 'left-open.mjs');
    const lines = `
      const { openThreadedSqlite } = await import(${module});
      const store = await openThreadedSqlite(${JSON.stringify(newFolder())});
      store.open().then((open) => console.log('open: ' + open.length));`;
    writeFileSync(script, lines);
    const child = spawn(process.execPath, [script]);

    const [printed, exit] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<unknown>]);

    expect([printed, exit]).toEqual(['open: 0\n', [0, null]]);
  });

  test('a thread that dies fails what it was at, and another takes the next call', async () => {
    const folder = newFolder();
    const posts = jest.spyOn(Worker.prototype, 'postMessage');
    const threaded = await openThreadedSqlite(folder);
    const worker = posts.mock.contexts[0] as Worker;
    posts.mockRestore();
    const other = new DatabaseSync(join(folder, 'updatekate.db'));
    other.exec('BEGIN IMMEDIATE');

    const outcome = threaded.create([anUpdate({ name: 'up-1' })]).catch((error: unknown) => error);
    await worker.terminate();

    expect(await outcome).toMatchObject({ code: 'unavailable', message: 'sqlite: its thread ended (1)' });
    other.close();
    expect(await threaded.get('up-1')).toBeUndefined();
    await threaded.close();
    // There is nothing to close any more.
    await threaded.close();
  });
});
