/** Does pieces of work of one kind one after the other, in the order they came; those of different kinds at once. */
export type InOrder = <T>(kind: string, work: () => Promise<T>) => Promise<T>;

/** An order without anything in it. */
export function createInOrder(): InOrder {
  const last = new Map<string, Promise<unknown>>();
  return async (kind, work) => {
    const before = last.get(kind);
    const mine = before ? before.then(work) : work();
    const settled = mine.catch(() => undefined);
    last.set(kind, settled);
    try {
      return await mine;
    } finally {
      if (last.get(kind) === settled) last.delete(kind);
    }
  };
}
