import type { DatabaseSync } from 'node:sqlite';

/** What a commit outlives: a power cut, which takes a sync of the disk, or the end of this process, which does not. */
export type Outlives = 'power cut' | 'process';

/** Statements that are to become durable together. */
interface Job {
  readonly outlives: Outlives;
  /** Runs the statements; what it returns gives the caller its answer, once they are committed. */
  readonly run: () => () => void;
  readonly fail: (cause: unknown) => void;
}

/** Commits in groups: whatever is asked for in one turn of the event loop costs one sync of the disk. */
export interface GroupCommit {
  /** Resolves to what `work` returned after its statements are committed; rejects when they are not. */
  commit<T>(outlives: Outlives, work: () => T): Promise<T>;
  /** Commits now what waits. */
  flush(): void;
}

/**
 * Groups the writes of one connection. A sync is most of what a durable write costs, and costs the same for one
 * write as for a hundred. A write that fails takes none of its group with it.
 */
export function createGroupCommit(db: DatabaseSync): GroupCommit {
  let waiting: readonly Job[] = [];
  const flush = (): void => {
    const jobs = waiting;
    waiting = [];
    if (jobs.length > 0) settle(db, jobs);
  };
  return {
    flush,
    commit: (outlives, work) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        const run = (): (() => void) => {
          const result = work();
          return () => resolve(result);
        };
        waiting = [...waiting, { outlives, run, fail: reject }];
      }),
  };
}

/** All in one transaction; when that fails, each in its own, so that only the one at fault is told so. */
function settle(db: DatabaseSync, jobs: readonly Job[]): void {
  try {
    const synced = jobs.some(({ outlives }) => outlives === 'power cut');
    db.exec(`PRAGMA synchronous = ${synced ? 'FULL' : 'NORMAL'}`);
    inTransaction(db, () => jobs.map(({ run }) => run())).forEach((answer) => answer());
  } catch (cause) {
    if (jobs.length === 1) jobs[0]?.fail(cause);
    else jobs.forEach((job) => settle(db, [job]));
  }
}

function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
