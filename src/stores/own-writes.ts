import type { ImageUpdate } from './image-update.ts';

/** Tells our own writes from those of others: the watch may bring one before its answer has come. */
export interface OwnWrites {
  /** Does `write`, which gives the record as written, or undefined when it wrote nothing. */
  during<T extends ImageUpdate | undefined>(name: string, write: () => Promise<T>): Promise<T>;
  /** Takes what the watch tells; passes it on unless it is ours, as soon as that is known. */
  heard(name: string, version: string | undefined): void;
}

/** The writes of one record that are under way. */
interface UnderWay {
  readonly ours: Set<string | undefined>;
  count: number;
  /** The latest that the watch has told meanwhile. */
  heard: { readonly version: string | undefined } | undefined;
}

/** None is under way. */
export function createOwnWrites(changed: (name: string) => void): OwnWrites {
  const byName = new Map<string, UnderWay>();
  return {
    async during(name, write) {
      const own = byName.get(name) ?? { ours: new Set(), count: 0, heard: undefined };
      byName.set(name, own);
      own.count++;
      try {
        const one = await write();
        if (one) own.ours.add(one.version);
        return one;
      } finally {
        if (--own.count === 0) byName.delete(name);
        if (own.count === 0 && own.heard && !own.ours.has(own.heard.version)) changed(name);
      }
    },
    heard(name, version) {
      const own = byName.get(name);
      if (own) own.heard = { version };
      else changed(name);
    },
  };
}
