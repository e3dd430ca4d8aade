import type { ParkedPushes } from '../core/ports.ts';
import type { Push } from '../core/registry.ts';
import { createGroupCommit } from './group-commit.ts';
import { attempt, openSqliteFile, unavailable } from './sqlite-file.ts';

const schema = `
  CREATE TABLE pushes (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE) STRICT;
`;

/**
 * Keeps pushes in `<folder>/pushes.db`, synced to the disk. The same pushes twice are kept once.
 *
 * @throws AppError `bad-config` when the folder cannot be written or holds another version's file.
 */
export function createParkedPushes(folder: string): ParkedPushes {
  const db = openSqliteFile({ folder, name: 'pushes.db', version: 1, schema });
  const group = createGroupCommit(db);
  const insert = db.prepare('INSERT INTO pushes (body) VALUES (?) ON CONFLICT DO NOTHING');
  const select = db.prepare('SELECT id, body FROM pushes ORDER BY id');
  const erase = db.prepare('DELETE FROM pushes WHERE id = ?');
  return {
    keep: (pushes) =>
      group.commit('power cut', () => insert.run(JSON.stringify(pushes))).then(() => undefined, unavailable),
    all: () =>
      attempt(() =>
        select
          .all()
          .map(({ id, body }) => ({ id: Number(id), pushes: JSON.parse(String(body)) as readonly Push[] })),
      ),
    remove: (id) => group.commit('process', () => erase.run(id)).then(() => undefined, unavailable),
    close: () =>
      attempt(() => {
        group.flush();
        db.close();
      }),
  };
}
