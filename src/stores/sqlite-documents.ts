import { AppError } from '../core/errors.ts';
import type { Documents } from '../core/documents.ts';
import { createGroupCommit } from './group-commit.ts';
import { attempt, openSqliteFile, unavailable } from './sqlite-file.ts';

const schema = `
  CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`;

/**
 * Keeps documents in `<folder>/documents.db`, every write synced to the disk.
 *
 * @throws AppError `bad-config` when the folder cannot be written or holds another version's file.
 */
export function createSqliteDocuments(folder: string): Documents {
  const db = openSqliteFile({ folder, name: 'documents.db', version: 1, schema });
  const group = createGroupCommit(db);
  const select = db.prepare('SELECT revision, body FROM documents WHERE name = ?');
  const insert = db.prepare('INSERT INTO documents VALUES (?, 1, ?) ON CONFLICT DO NOTHING');
  const update = db.prepare(
    'UPDATE documents SET revision = revision + 1, body = ? WHERE name = ? AND revision = ?',
  );
  return {
    read: (name) =>
      attempt(() => {
        const row = select.get(name);
        return row && { text: String(row.body), revision: String(row.revision) };
      }),
    async write(name, text, revision) {
      const work = (): number | bigint =>
        (revision === undefined ? insert.run(name, text) : update.run(text, name, Number(revision))).changes;
      const changes = await group.commit('power cut', work).catch(unavailable);
      if (Number(changes) === 1) return String(Number(revision ?? 0) + 1);
      throw new AppError('conflict', `sqlite: document ${name} is not at revision ${revision ?? 'none'}`);
    },
    close: () =>
      attempt(() => {
        group.flush();
        db.close();
      }),
  };
}
