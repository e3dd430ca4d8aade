import { isOpen } from '../core/update.ts';
import { isReadable, type ImageUpdate, type ReadableImageUpdate } from './image-update.ts';
import { createUpdateShelves, type UpdateShelves } from './update-shelves.ts';

/**
 * The records of the API server as this process knows them: from a list and a watch, which tell everything in order
 * but late, and from the answers to its own calls, which come at any time. Whatever the order in which these arrive,
 * no record goes back to an earlier version and none that is gone comes back.
 */
export interface UpdateCopy extends Pick<UpdateShelves, 'get' | 'open' | 'ofWorkload'> {
  /** Takes up what the server answered of a record. */
  learn(one: ImageUpdate): void;
  /** Takes away a record that the server has told us is gone. `known` is what we knew of it when we asked. */
  forget(known: ReadableImageUpdate | undefined): void;
  /** Takes a complete list at `version`; the names of those that are new, changed, or gone before they were finished. */
  replaced(items: readonly ImageUpdate[], version: string): readonly string[];
  /** Takes a line of the watch; whether the record is new, changed, or gone before it was finished. */
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', one: ImageUpdate): boolean;
}

/**
 * Resource versions of one resource compare as numbers of any length.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
function isAfter(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

/** An empty copy. */
export function createUpdateCopy(): UpdateCopy {
  const shelves = createUpdateShelves();
  /** Uids of records that we have removed, until the watch has told of that too. */
  const removed = new Set<string>();
  /** How far list and watch have told everything; undefined before the first list. */
  let told: string | undefined;

  /** Takes it if it is new; whether it was, and says something. */
  const accept = (one: ImageUpdate): boolean => {
    const before = shelves.get(one.name);
    if (removed.has(one.uid) || (before && !isAfter(one.version, before.version))) return false;
    if (isReadable(one)) shelves.put(one);
    else shelves.remove(one.name);
    return isReadable(one);
  };
  return {
    get: shelves.get,
    open: shelves.open,
    ofWorkload: shelves.ofWorkload,
    learn(one) {
      // What is absent though the watch has come further is gone: this answer was on its way for long.
      const isGone = !shelves.get(one.name) && told !== undefined && !isAfter(one.version, told);
      if (!isGone) accept(one);
    },
    forget(known) {
      if (!known || shelves.get(known.name)?.uid !== known.uid) return;
      shelves.remove(known.name);
      removed.add(known.uid);
    },
    replaced(items, version) {
      told = version;
      const [names, uids] = [new Set(items.map(({ name }) => name)), new Set(items.map(({ uid }) => uid))];
      const gone = shelves.all().filter((one) => !names.has(one.name) && !isAfter(one.version, version));
      gone.forEach(({ name }) => shelves.remove(name));
      const news = items.filter(accept);
      for (const uid of removed) if (!uids.has(uid)) removed.delete(uid);
      return [...gone.filter(({ update }) => isOpen(update)), ...news].map(({ name }) => name);
    },
    changed(type, one) {
      told = one.version;
      if (type !== 'DELETED') return accept(one);
      removed.delete(one.uid);
      const before = shelves.get(one.name);
      if (!before || (before.uid !== one.uid && !isAfter(one.version, before.version))) return false;
      shelves.remove(one.name);
      return isOpen(before.update);
    },
  };
}
