import { AppError } from '../core/errors.ts';
import type { Documents, StoredDocument } from '../core/documents.ts';

/** Keeps documents as long as the process lives. */
export function createMemoryDocuments(): Documents {
  const kept = new Map<string, StoredDocument>();
  const writeOver = (name: string, text: string, revision: string | undefined): string => {
    if (kept.get(name)?.revision !== revision)
      throw new AppError('conflict', `memory: document ${name} was changed`);
    const next = String(Number(revision ?? 0) + 1);
    kept.set(name, { text, revision: next });
    return next;
  };
  return {
    read: (name) => Promise.resolve(kept.get(name)),
    write: (name, text, revision) =>
      new Promise((resolve) => {
        resolve(writeOver(name, text, revision));
      }),
    close: () => Promise.resolve(),
  };
}
