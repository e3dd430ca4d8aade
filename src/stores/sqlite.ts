import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { AppError } from '../core/errors.ts';
import type { Store, Stored } from '../core/ports.ts';
import { isOpen, type Update } from '../core/update.ts';
import { workloadId } from '../core/workload.ts';
import { createGroupCommit } from './group-commit.ts';
import { attempt, openSqliteFile, unavailable } from './sqlite-file.ts';

type Row = Record<string, SQLOutputValue>;

const version = 2;
const schema = `
  CREATE TABLE updates (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    workload TEXT NOT NULL,
    created_at TEXT NOT NULL,
    open INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX updates_open ON updates (created_at) WHERE open = 1;
  CREATE INDEX updates_workload ON updates (workload, open, created_at);
`;

/**
 * Keeps updates in `<folder>/updatekate.db`: write-ahead log, every new update synced to the disk before its promise
 * resolves; writes of the same moment share one sync. A power cut may undo the last steps of an update: they are
 * taken again, and recognise what they had done.
 *
 * @throws AppError `bad-config` when the folder cannot be written or holds another version's file.
 */
export function createSqliteStore(folder: string): Store {
  const db = openSqliteFile({ folder, name: 'updatekate.db', version, schema });
  const group = createGroupCommit(db);
  const insert = db.prepare('INSERT INTO updates VALUES (?, 1, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const select = db.prepare('SELECT revision, body FROM updates WHERE name = ?');
  const update = db.prepare(
    'UPDATE updates SET revision = revision + 1, open = ?, body = ? WHERE name = ? AND revision = ?',
  );
  const erase = db.prepare('DELETE FROM updates WHERE name = ? AND revision = ?');
  const selectOpen = db.prepare('SELECT revision, body FROM updates WHERE open = 1 ORDER BY created_at');
  const selectOpenOf = db.prepare(
    'SELECT revision, body FROM updates WHERE workload = ? AND open = 1 ORDER BY created_at',
  );
  const selectWorkload = db.prepare(
    'SELECT revision, body FROM updates WHERE workload = ? ORDER BY created_at DESC LIMIT ?',
  );
  const get = (name: string): Stored | undefined => first(select, name);
  const insertNew = (one: Update): Stored & { readonly created: boolean } => {
    const { changes } = insert.run(...columns(one));
    return { ...(get(one.name) ?? { update: one, revision: '1' }), created: changes === 1 };
  };
  const writeOver = (next: Update, revision: string): Stored | AppError => {
    const { changes } = update.run(Number(isOpen(next)), JSON.stringify(next), next.name, Number(revision));
    if (changes === 1) return { update: next, revision: String(Number(revision) + 1) };
    return notAt(next.name, revision, get(next.name) ? 'conflict' : 'not-found');
  };
  return {
    create: (updates) => group.commit('power cut', () => updates.map(insertNew)).catch(unavailable),
    get: (name) => attempt(() => get(name)),
    async replace(next, revision) {
      // A refusal is an answer here: thrown inside, it would undo the group.
      const answer = await group.commit('process', () => writeOver(next, revision)).catch(unavailable);
      if (answer instanceof AppError) throw answer;
      return answer;
    },
    async remove(name, revision) {
      const { changes } = await group
        .commit('process', () => erase.run(name, Number(revision)))
        .catch(unavailable);
      if (changes === 0 && get(name)) throw notAt(name, revision, 'conflict');
    },
    open: (workload) =>
      attempt(() => (workload ? selectOpenOf.all(workloadId(workload)) : selectOpen.all()).map(stored)),
    ofWorkload: (key, limit) => attempt(() => selectWorkload.all(workloadId(key), limit).map(stored)),
    close: () =>
      attempt(() => {
        group.flush();
        db.close();
      }),
  };
}

function notAt(name: string, revision: string, code: 'conflict' | 'not-found'): AppError {
  return new AppError(code, `sqlite: update ${name} is not at revision ${revision}`);
}

function columns(update: Update): [string, string, string, number, string] {
  const { name, workload, createdAt } = update;
  return [name, workloadId(workload), createdAt, Number(isOpen(update)), JSON.stringify(update)];
}

function first(statement: StatementSync, name: string): Stored | undefined {
  const row = statement.get(name);
  return row && stored(row);
}

function stored(row: Row): Stored {
  return { update: JSON.parse(String(row.body)) as Update, revision: String(row.revision) };
}
