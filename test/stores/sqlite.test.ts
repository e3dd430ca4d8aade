import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { createSqliteStore } from '../../src/stores/sqlite.ts';
import { storeContract } from '../contract/store.ts';
import { anUpdate } from '../support/builders.ts';

const root = mkdtempSync(join(tmpdir(), 'updatekate-sqlite-'));
let folders = 0;

/** A folder of its own for every store; it is not there yet. */
function newFolder(): string {
  return join(root, String(++folders), 'data');
}

function fileOf(folder: string): string {
  return join(folder, 'updatekate.db');
}

/** What `work` throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

storeContract('sqlite', () => Promise.resolve(createSqliteStore(newFolder())));

describe('sqlite', () => {
  test('opened again, everything is there, revisions too', async () => {
    const folder = newFolder();
    const before = createSqliteStore(folder);
    const [first] = await before.create([anUpdate({ name: 'up-1' }), anUpdate({ name: 'up-2' })]);
    const changed = await before.replace(
      anUpdate({ name: 'up-1', message: 'changed' }),
      first?.revision ?? '',
    );
    await before.close();

    const after = createSqliteStore(folder);

    expect(await after.get('up-1')).toEqual(changed);
    expect(await after.open()).toHaveLength(2);
    await expect(after.replace(anUpdate({ name: 'up-1' }), first?.revision ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
    await after.close();
  });

  test('two stores on one file see each other, and a name is created by one of them', async () => {
    const folder = newFolder();
    const [left, right] = [createSqliteStore(folder), createSqliteStore(folder)];

    const answers = await Promise.all([
      left.create([anUpdate({ name: 'up-1' })]),
      right.create([anUpdate({ name: 'up-1' })]),
    ]);

    expect(answers.flat().filter(({ created }) => created)).toHaveLength(1);
    expect(await right.get('up-1')).toEqual(await left.get('up-1'));
    await Promise.all([left.close(), right.close()]);
  });

  test('a file of another schema version is refused and left as it is', async () => {
    const folder = newFolder();
    await createSqliteStore(folder).close();
    const db = new DatabaseSync(fileOf(folder));
    db.exec('PRAGMA user_version = 7');
    db.close();
    const before = readFileSync(fileOf(folder));

    const error = thrownBy(() => createSqliteStore(folder));

    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'bad-config' });
    expect(String(error)).toContain(fileOf(folder));
    expect(String(error)).toContain('version 7, not 2');
    expect(readFileSync(fileOf(folder)).equals(before)).toBe(true);
  });

  test('a file that is no database is refused', () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(fileOf(folder), 'this is no database, whatever its name says '.repeat(100));

    expect(thrownBy(() => createSqliteStore(folder))).toMatchObject({ code: 'bad-config' });
  });

  test('a folder that cannot be written is refused by name', () => {
    // Not by permissions: root, who runs tests in a container, may write everywhere.
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    const folder = join(file, 'data');

    const error = thrownBy(() => createSqliteStore(folder));

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(String(error)).toContain(folder);
  });

  test('a file that cannot be opened is refused by name', () => {
    const folder = newFolder();
    mkdirSync(fileOf(folder), { recursive: true });

    const error = thrownBy(() => createSqliteStore(folder));

    expect(error).toMatchObject({ code: 'bad-config' });
    expect(String(error)).toContain(folder);
  });

  test('a new update is synced to the disk, also together with steps; a step alone needs no sync', async () => {
    const connections = jest.spyOn(DatabaseSync.prototype, 'prepare');
    const store = createSqliteStore(newFolder());
    const connection = connections.mock.contexts[0] as DatabaseSync;
    connections.mockRestore();
    const syncing = (): unknown => connection.prepare('PRAGMA synchronous').get()?.synchronous;
    // https://www.sqlite.org/pragma.html#pragma_synchronous
    const [normal, full] = [1, 2];

    const atFirst = syncing();
    const [made] = await store.create([anUpdate({ name: 'up-1' })]);
    const afterNew = syncing();
    const stepped = await store.replace(anUpdate({ name: 'up-1', message: 'a step' }), made?.revision ?? '');
    const afterStep = syncing();
    await Promise.all([
      store.replace(anUpdate({ name: 'up-1', message: 'one more' }), stepped.revision),
      store.create([anUpdate({ name: 'up-2' })]),
    ]);

    expect(connection.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect([atFirst, afterNew, afterStep, syncing()]).toEqual([full, full, normal, full]);
    await store.close();
  });

  test('a batch that cannot be written whole leaves nothing, and the store goes on', async () => {
    const folder = newFolder();
    const store = createSqliteStore(folder);
    const db = new DatabaseSync(fileOf(folder));
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON updates WHEN NEW.name = 'up-2'
             BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    db.close();

    const writing = store.create([anUpdate({ name: 'up-1' }), anUpdate({ name: 'up-2' })]);

    await expect(writing).rejects.toMatchObject({ code: 'unavailable' });
    expect(await store.get('up-1')).toBeUndefined();
    expect((await store.create([anUpdate({ name: 'up-3' })]))[0]?.created).toBe(true);
    expect(await store.open()).toHaveLength(1);
    await store.close();
  });

  test('writes of the same moment share one sync, and all of them are written', async () => {
    const store = createSqliteStore(newFolder());
    const made = await store.create(Array.from({ length: 50 }, (_, n) => anUpdate({ name: `up-${n}` })));
    const statements = jest.spyOn(DatabaseSync.prototype, 'exec');

    await Promise.all([
      store.create([anUpdate({ name: 'up-50' })]),
      ...made.map(({ update, revision }) => store.replace({ ...update, message: 'changed' }, revision)),
    ]);

    const commits = statements.mock.calls.filter(([sql]) => sql === 'COMMIT');
    statements.mockRestore();
    const messages = (await store.open()).map(({ update }) => update.message);
    expect(commits).toHaveLength(1);
    expect(messages.filter((message) => message === 'changed')).toHaveLength(50);
    expect(messages).toHaveLength(51);
    await store.close();
  });

  test('a write that fails takes nothing of the same moment with it', async () => {
    const folder = newFolder();
    const store = createSqliteStore(folder);
    const db = new DatabaseSync(fileOf(folder));
    // As SQLite does when the disk is full: not only the statement, the whole transaction is gone.
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON updates WHEN NEW.name = 'up-2'
             BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END`);
    db.close();

    const written = await Promise.allSettled(
      ['up-1', 'up-2', 'up-3'].map((name) => store.create([anUpdate({ name })])),
    );

    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [refused] = written.flatMap((one) => (one.status === 'rejected' ? [one.reason as AppError] : []));
    expect(refused?.code).toBe('unavailable');
    expect(refused?.message).toMatch(/^sqlite: .*the disk is full/);
    expect((await store.open()).map(({ update }) => update.name)).toEqual(['up-1', 'up-3']);
    await store.close();
  });

  test('closing writes what waits', async () => {
    const folder = newFolder();
    const store = createSqliteStore(folder);

    const writing = store.create([anUpdate({ name: 'up-1' })]);
    await store.close();
    await writing;

    const after = createSqliteStore(folder);
    expect(await after.open()).toHaveLength(1);
    await after.close();
  });

  test('what fails after it was closed is unavailable, not a fault', async () => {
    const store = createSqliteStore(newFolder());
    await store.close();

    await expect(store.get('up-1')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.create([anUpdate()])).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a process killed right after create resolved has lost nothing', async () => {
    const folder = newFolder();
    const module = new URL('../../src/stores/sqlite.ts', import.meta.url).href;
    const updates = [anUpdate({ name: 'up-1' }), anUpdate({ name: 'up-2' })];
    const program = `
      import { createSqliteStore } from ${JSON.stringify(module)};
      const store = createSqliteStore(${JSON.stringify(folder)});
      await store.create(${JSON.stringify(updates)});
      process.kill(process.pid, 'SIGKILL');
    `;

    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    const store = createSqliteStore(folder);

    expect(signal).toBe('SIGKILL');
    expect((await store.open()).map(({ update }) => update)).toEqual(updates);
    await store.close();
  });
});
