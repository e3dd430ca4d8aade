import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { createSqliteDocuments } from '../../src/stores/sqlite-documents.ts';
import { documentsContract } from '../contract/documents.ts';

const root = mkdtempSync(join(tmpdir(), 'updatekate-documents-'));
const signal = new AbortController().signal;
let folders = 0;

function newFolder(): string {
  return join(root, String(++folders));
}

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

documentsContract('sqlite', () => {
  const folder = newFolder();
  return Promise.resolve({
    documents: createSqliteDocuments(folder),
    again: () => Promise.resolve(createSqliteDocuments(folder)),
    close: () => Promise.resolve(),
  });
});

describe('sqlite', () => {
  test('opened again, they are there', async () => {
    const folder = newFolder();
    const before = createSqliteDocuments(folder);
    const revision = await before.write('a.json', '{"n":1}', undefined, signal);
    await before.close();

    const after = createSqliteDocuments(folder);

    expect(await after.read('a.json', signal)).toEqual({ text: '{"n":1}', revision });
    await after.close();
  });

  test('every write is synced to the disk', async () => {
    const connections = jest.spyOn(DatabaseSync.prototype, 'prepare');
    const documents = createSqliteDocuments(newFolder());
    const connection = connections.mock.contexts[0] as DatabaseSync;
    connections.mockRestore();
    connection.exec('PRAGMA synchronous = OFF');

    await documents.write('a.json', '{}', undefined, signal);

    // https://www.sqlite.org/pragma.html#pragma_synchronous
    expect(connection.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(connection.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    await documents.close();
  });

  test('what waits when they are closed is written before', async () => {
    const folder = newFolder();
    const documents = createSqliteDocuments(folder);
    const writing = documents.write('a.json', '{}', undefined, signal);

    await documents.close();

    expect(await writing).toBe('1');
    const after = createSqliteDocuments(folder);
    expect(await after.read('a.json', signal)).toBeDefined();
    await after.close();
  });

  test('a file that somebody else holds is unavailable, and what was there stays', async () => {
    const folder = newFolder();
    const documents = createSqliteDocuments(folder);
    const revision = await documents.write('a.json', '{}', undefined, signal);
    const holder = new DatabaseSync(join(folder, 'documents.db'));
    holder.exec('BEGIN IMMEDIATE');

    const writing = documents.write('a.json', '{"n":1}', revision, signal);

    await expect(writing).rejects.toMatchObject({ code: 'unavailable' });
    holder.exec('ROLLBACK');
    holder.close();
    expect(await documents.read('a.json', signal)).toEqual({ text: '{}', revision });
    await documents.close();
  });

  test('a folder that cannot be used is refused by name', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');

    expect(() => createSqliteDocuments(join(file, 'data'))).toThrow(
      expect.objectContaining({ code: 'bad-config' }),
    );
  });

  test('what comes after closing is unavailable', async () => {
    const documents = createSqliteDocuments(newFolder());
    await documents.close();

    await expect(documents.write('a.json', '{}', undefined, signal)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(documents.read('a.json', signal)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
