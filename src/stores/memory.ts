import { AppError } from '../core/errors.ts';
import type { Store, Stored } from '../core/ports.ts';
import { isOpen, type Update } from '../core/update.ts';
import { sameWorkload } from '../core/workload.ts';

/** Keeps updates as long as the process lives: for tests, where losing them is the point. */
export function createMemoryStore(): Store {
  const records = new Map<string, Stored>();
  const oldestFirst = (): readonly Stored[] =>
    [...records.values()].sort((a, b) => a.update.createdAt.localeCompare(b.update.createdAt));
  return {
    create: (updates) =>
      Promise.resolve(
        updates.map((update) => {
          const found = records.get(update.name);
          if (found) return { ...found, created: false };
          const stored = { update, revision: '1' };
          records.set(update.name, stored);
          return { ...stored, created: true };
        }),
      ),
    get: (name) => Promise.resolve(records.get(name)),
    replace: (update, revision) =>
      new Promise((resolve) => {
        resolve(replace(records, update, revision));
      }),
    async remove(name, revision) {
      const found = await Promise.resolve(records.get(name));
      if (found && found.revision !== revision)
        throw new AppError('conflict', `memory: update ${name} was changed`);
      records.delete(name);
    },
    open: (workload) =>
      Promise.resolve(
        oldestFirst().filter(
          ({ update }) => isOpen(update) && (!workload || sameWorkload(update.workload, workload)),
        ),
      ),
    ofWorkload: (key, limit) =>
      Promise.resolve(
        oldestFirst()
          .filter(({ update }) => sameWorkload(update.workload, key))
          .reverse()
          .slice(0, limit),
      ),
    close: () => Promise.resolve(),
  };
}

function replace(records: Map<string, Stored>, update: Update, revision: string): Stored {
  const found = records.get(update.name);
  if (!found) throw new AppError('not-found', `memory: no update ${update.name}`);
  if (found.revision !== revision)
    throw new AppError('conflict', `memory: update ${update.name} was changed`);
  const stored = { update, revision: String(Number(revision) + 1) };
  records.set(update.name, stored);
  return stored;
}
