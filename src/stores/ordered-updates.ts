import type { Update } from '../core/update.ts';

/** Something that stands for an update. */
interface OfUpdate {
  readonly update: Update;
}

/** Updates in the order of their creation, kept in it at every change: reading sorts nothing. */
export interface OrderedUpdates<T extends OfUpdate> {
  /** Adds it, or takes it in the place of the one with its name. */
  put(one: T): void;
  remove(one: T): void;
  oldestFirst(): readonly T[];
  newestFirst(limit: number): readonly T[];
}

/** An empty collection. */
export function createOrderedUpdates<T extends OfUpdate>(): OrderedUpdates<T> {
  const ordered: T[] = [];
  /** Where it is, or would have to be. */
  const placeOf = (one: T): readonly [place: number, found: boolean] => {
    let [low, high] = [0, ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inOrder(ordered[middle], one) < 0) low = middle + 1;
      else high = middle;
    }
    return [low, inOrder(ordered[low], one) === 0];
  };
  return {
    put(one) {
      const [place, found] = placeOf(one);
      ordered.splice(place, found ? 1 : 0, one);
    },
    remove(one) {
      const [place, found] = placeOf(one);
      if (found) ordered.splice(place, 1);
    },
    oldestFirst: () => [...ordered],
    newestFirst: (limit) => ordered.slice(Math.max(0, ordered.length - limit)).reverse(),
  };
}

/** By the time of creation, which never changes; those of the same moment by name. */
function inOrder(a: OfUpdate | undefined, b: OfUpdate): number {
  if (a === undefined) return 1;
  return compare(a.update.createdAt, b.update.createdAt) || compare(a.update.name, b.update.name);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
