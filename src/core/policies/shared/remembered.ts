/** A reading that is costly, kept for every tag that was read. For one decision: its memory grows with the tags. */
export function remembered<T extends object | string>(read: (tag: string) => T): (tag: string) => T {
  const known = new Map<string, T>();
  return (tag) => {
    const found = known.get(tag);
    if (found !== undefined) return found;
    const value = read(tag);
    known.set(tag, value);
    return value;
  };
}
