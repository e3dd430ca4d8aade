import type { Stored } from '../core/ports.ts';
import { isOpen } from '../core/update.ts';
import { workloadId, type WorkloadKey } from '../core/workload.ts';
import type { ReadableImageUpdate } from './image-update.ts';
import { createOrderedUpdates, type OrderedUpdates } from './ordered-updates.ts';

type Shelf = OrderedUpdates<ReadableImageUpdate>;

/** Records by name and in the orders in which they are asked for: what is finished costs nothing to pass over. */
export interface UpdateShelves {
  all(): readonly ReadableImageUpdate[];
  get(name: string): ReadableImageUpdate | undefined;
  put(one: ReadableImageUpdate): void;
  remove(name: string): void;
  open(workload?: WorkloadKey): readonly Stored[];
  ofWorkload(key: WorkloadKey, limit: number): readonly Stored[];
}

/** Empty shelves. */
export function createUpdateShelves(): UpdateShelves {
  const records = new Map<string, ReadableImageUpdate>();
  const unfinished: Shelf = createOrderedUpdates();
  const byWorkload = new Map<string, { readonly all: Shelf; readonly open: Shelf }>();
  const shelvesOf = ({ update }: ReadableImageUpdate): { readonly all: Shelf; readonly open: Shelf } => {
    const id = workloadId(update.workload);
    const found = byWorkload.get(id) ?? { all: createOrderedUpdates(), open: createOrderedUpdates() };
    byWorkload.set(id, found);
    return found;
  };
  const remove = (name: string): void => {
    const one = records.get(name);
    if (!one) return;
    const { all, open } = shelvesOf(one);
    [all, open, unfinished].forEach((shelf) => shelf.remove(one));
    records.delete(name);
    if (all.newestFirst(1).length === 0) byWorkload.delete(workloadId(one.update.workload));
  };
  return {
    all: () => [...records.values()],
    get: (name) => records.get(name),
    remove,
    put(one) {
      // One that was made anew under the same name may be of another time.
      remove(one.name);
      records.set(one.name, one);
      const { all, open } = shelvesOf(one);
      all.put(one);
      if (isOpen(one.update)) [open, unfinished].forEach((shelf) => shelf.put(one));
    },
    open(workload) {
      const shelf = workload ? byWorkload.get(workloadId(workload))?.open : unfinished;
      return (shelf?.oldestFirst() ?? []).map(toStored);
    },
    ofWorkload: (key, limit) => (byWorkload.get(workloadId(key))?.all.newestFirst(limit) ?? []).map(toStored),
  };
}

/** A record as the port gives it. */
export function toStored({ update, version }: ReadableImageUpdate): Stored {
  return { update, revision: version };
}
