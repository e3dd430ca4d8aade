import type { Seen } from './seen.ts';
import type { WorkloadKey, WorkloadKind } from './workload.ts';

/** What was seen of the workloads of one namespace. */
export interface SeenBook {
  /** By `kind/name`; what was deleted last stands last. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** Kinds of which everything has been seen: what is new of them was made since. */
  readonly kinds: readonly WorkloadKind[];
}

/** A namespace that nobody has ever looked at. */
export const emptyBook: SeenBook = { seen: new Map(), kinds: [] };

/** As many deleted workloads are remembered. */
const mostDeleted = 100;

/** How a book calls a workload. */
export function bookName({ kind, name }: Pick<WorkloadKey, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** The book with these entries in place of what it had of them. */
export function withSeen(book: SeenBook, entries: Iterable<readonly [string, Seen]>): SeenBook {
  const seen = new Map(book.seen);
  for (const [name, one] of entries) {
    seen.delete(name);
    seen.set(name, one);
  }
  const deleted = [...seen].filter(([, { type }]) => type === 'DELETED').map(([name]) => name);
  for (const name of deleted.slice(0, Math.max(0, deleted.length - mostDeleted))) seen.delete(name);
  return { ...book, seen };
}

/** The book, with what the newer one says of it. */
export function merged(book: SeenBook, newer: SeenBook): SeenBook {
  const { seen } = withSeen(book, newer.seen);
  return { seen, kinds: [...new Set([...book.kinds, ...newer.kinds])] };
}

/** The book, of a kind that has been looked through. */
export function withKind(book: SeenBook, kind: WorkloadKind): SeenBook {
  return book.kinds.includes(kind) ? book : { ...book, kinds: [...book.kinds, kind] };
}
