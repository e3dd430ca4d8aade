import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** One change of one object. */
export interface Change {
  readonly version: number;
  readonly resource: Resource;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  /** The object before; absent when it was added. */
  readonly previous: KubeObject | undefined;
}

/** The last changes, numbered without a gap. */
export interface EventLog {
  readonly version: () => number;
  readonly append: (change: Omit<Change, 'version'>) => Change;
  /** The changes after a version, or `undefined` when it is forgotten or still to come. */
  readonly since: (version: number) => readonly Change[] | undefined;
  /** Forgets everything so far. */
  readonly compact: () => void;
}

/** A log that keeps at least the last `size` changes. */
export function createEventLog(size: number): EventLog {
  let changes: Change[] = [];
  let floor = 0;
  const version = () => floor + changes.length;
  const keepLast = (count: number) => {
    const gone = Math.max(0, changes.length - count);
    floor += gone;
    changes = changes.slice(gone);
  };
  return {
    version,
    append: (change) => {
      const entry = { ...change, version: version() + 1 };
      changes.push(entry);
      if (changes.length >= size * 2) keepLast(size);
      return entry;
    },
    since: (from) => (from < floor || from > version() ? undefined : changes.slice(from - floor)),
    compact: () => keepLast(0),
  };
}
