/** The last things that were set, each by its key. */
export interface Recent<V> {
  get(key: string): V | undefined;
  /** Makes it the newest. */
  set(key: string, value: V): void;
  delete(key: string): void;
}

/** Remembers at most so many: beyond that the one that was set longest ago is forgotten. */
export function createRecent<V>(most: number): Recent<V> {
  const all = new Map<string, V>();
  return {
    get: (key) => all.get(key),
    set(key, value) {
      all.delete(key);
      all.set(key, value);
      const [oldest] = all.keys();
      if (all.size > most && oldest !== undefined) all.delete(oldest);
    },
    delete: (key) => void all.delete(key),
  };
}
