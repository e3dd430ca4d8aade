import { hasCode } from '../../core/errors.ts';
import {
  emptyIndex,
  placeFileName,
  readPlaceFile,
  withLookedAt,
  withoutPlace,
  withPlaces,
  writePlaceFile,
  type PlaceIndex,
} from '../../core/place-index.ts';
import type { Place } from '../../core/watched-workloads.ts';
import { workloadKinds, type WorkloadKind } from '../../core/workload.ts';
import { createBatched } from './batched.ts';
import type { ChangeContext } from './change-context.ts';
import type { Ledger } from './ledger.ts';

/** What is known of places beyond what is in them now. Those that are watched by name are always known. */
export interface KnownPlaces {
  /** Those of a cluster of which all is watched: where something is, was seen or is to be told. */
  takeUp(cluster: string): Promise<readonly Place[]>;
  /**
   * Writes down that there is one, before anything of it is.
   *
   * @returns whether it was not known, and is now.
   */
  meet(place: Place): Promise<boolean>;
  /** Kinds that had been listed before it was made: all of them in it is new. */
  newKinds(place: Place): Promise<readonly WorkloadKind[]>;
  /** It has been looked at, as far as it is listed; it is forgotten when there is nothing to remember. */
  lookedAt(place: Place, ledger: Ledger): Promise<void>;
}

type PlacesContext = Pick<ChangeContext, 'watched' | 'outbox' | 'ownNamespace' | 'ownCluster' | 'log'>;

/** @param signal ends all of it. */
export function createKnownPlaces(context: PlacesContext, signal: AbortSignal): KnownPlaces {
  const { watched } = context;
  const opened = new Map<string, Promise<OpenIndex>>();
  const isWhole = ({ cluster }: Pick<Place, 'cluster'>): boolean => watched.wholeClusters().includes(cluster);
  const indexOf = (cluster: string): Promise<OpenIndex> => {
    const index = opened.get(cluster) ?? openIndex(context, cluster, signal);
    opened.set(cluster, index);
    // Whoever comes next tries again.
    index.catch(() => opened.delete(cluster));
    return index;
  };
  const listedIn = (cluster: string): readonly WorkloadKind[] =>
    workloadKinds.filter((kind) => watched.knows({ cluster, namespace: '', kind }));
  return {
    async takeUp(cluster) {
      const { now, change } = await indexOf(cluster);
      // What was known is of no use after a time in which nobody looked at the others.
      if (!isWhole({ cluster })) await change((index) => (index.kinds.length === 0 ? index : emptyIndex));
      else await change((index) => withPlaces(index, listedIn(cluster), thereIn(context, cluster)));
      return [...now().namespaces].map((namespace) => ({ cluster, namespace }));
    },
    async meet(place) {
      if (!isWhole(place)) return false;
      const { cluster, namespace } = place;
      const { now, change, leaving } = await indexOf(cluster);
      if (now().namespaces.has(namespace) && !leaving.has(namespace)) return false;
      // A kind may have been listed meanwhile: who is there then is old.
      await change((index) =>
        withPlaces(index, listedIn(cluster), [...thereIn(context, cluster), namespace]),
      );
      return now().namespaces.has(namespace);
    },
    async newKinds(place) {
      if (!isWhole(place)) return [];
      return (await indexOf(place.cluster)).now().young.get(place.namespace) ?? [];
    },
    async lookedAt(place, ledger) {
      if (!isWhole(place)) return;
      const { now, change, leaving } = await indexOf(place.cluster);
      const { namespace } = place;
      const isFull = now().kinds.every((kind) => ledger.book().kinds.includes(kind));
      if (!isFull) return;
      const isOver = (): boolean => watched.within(place).length === 0 && isEmpty(ledger);
      if (isOver()) leaving.add(namespace);
      try {
        await change((index) => (isOver() ? withoutPlace : withLookedAt)(index, namespace));
      } finally {
        leaving.delete(namespace);
      }
    },
  };
}

function thereIn({ watched }: PlacesContext, cluster: string): readonly string[] {
  const places = watched.places().filter((place) => place.cluster === cluster);
  return places.filter((place) => watched.within(place).length > 0).map(({ namespace }) => namespace);
}

/** Whether everything that was there is gone, and everybody was told. */
function isEmpty(ledger: Ledger): boolean {
  const { entries } = ledger.box();
  return (
    [...ledger.book().seen.values()].every(({ type }) => type === 'DELETED') &&
    entries.every(({ announcements }) => announcements.every(({ state }) => state !== 'pending'))
  );
}

interface OpenIndex {
  now(): PlaceIndex;
  /** @throws AppError `conflict` when somebody else wrote; then it has been read again. */
  change(next: (index: PlaceIndex) => PlaceIndex): Promise<void>;
  /** Namespaces that are about to be forgotten. */
  readonly leaving: Set<string>;
}

/** @throws AppError when it cannot be known what there is. */
async function openIndex(
  { outbox, ownNamespace, ownCluster, log }: PlacesContext,
  cluster: string,
  signal: AbortSignal,
): Promise<OpenIndex> {
  const file = placeFileName(ownNamespace, cluster === ownCluster ? undefined : cluster);
  const load = async (): Promise<{ index: PlaceIndex; revision: string | undefined }> => {
    const document = await outbox.read(file, signal);
    const index = document && readPlaceFile(document.text);
    if (document && !index)
      log.error({ file }, 'the known namespaces cannot be read: those that are there now count as known');
    return { index: index ?? emptyIndex, revision: document?.revision };
  };
  let state = await load();
  return {
    now: () => state.index,
    leaving: new Set(),
    change: createBatched(async (next) => {
      const index = next(state.index);
      if (index === state.index) return;
      try {
        const revision = await outbox.write(file, writePlaceFile(index), state.revision, signal);
        state = { index, revision };
      } catch (error) {
        if (hasCode(error, 'conflict')) state = await load();
        throw error;
      }
    }),
  };
}
