import { placeId, type Place } from '../../core/watched-workloads.ts';
import { workloadKinds } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';

/** A namespace of a cluster; `undefined` = all of them. */
export interface ListedPlaces {
  readonly cluster: string;
  readonly namespace: string | undefined;
}

/** Whether a place is among these; `undefined` = all of them. */
export function isThere({ cluster, namespace }: Place, where: ListedPlaces | undefined): boolean {
  return where === undefined || (where.cluster === cluster && (where.namespace ?? namespace) === namespace);
}

/** Tells the places that were there from those that are made while the watch runs. */
export interface OldPlaces {
  /** Something may have been listed: there, or (`undefined`) anywhere. */
  note(where?: ListedPlaces): void;
  has(place: Place): boolean;
}

/**
 * Old are the places that are there when a kind is listed in their cluster for the first time. What comes later is young,
 * whatever else is still to be listed, there and in other clusters: a kind that may not be listed keeps nobody from hearing
 * of the others.
 */
export function createOldPlaces({ watched }: Pick<ChangeContext, 'watched'>): OldPlaces {
  const old = new Set<string>();
  /** Kinds that have been listed, by cluster. */
  const listed = new Map<string, Set<string>>();
  let isComplete = false;
  /** Whether a kind is listed there that never was in this cluster. */
  const isNews = ({ cluster, namespace }: Place): boolean => {
    const before = listed.get(cluster) ?? new Set<string>();
    const now = workloadKinds.filter(
      (kind) => !before.has(kind) && watched.knows({ cluster, namespace, kind }),
    );
    if (now.length > 0) listed.set(cluster, new Set([...before, ...now]));
    return now.length > 0;
  };
  return {
    has: (place) => old.has(placeId(place)) || !(isComplete || listed.has(place.cluster)),
    note(where) {
      const places = watched.places();
      // A cluster of which all is watched may have been listed and be empty: any name stands for it.
      const empty = where ? [{ cluster: where.cluster, namespace: where.namespace ?? '' }] : [];
      const asked = [...places.filter((place) => isThere(place, where)), ...empty];
      const clusters = new Set(asked.filter(isNews).map(({ cluster }) => cluster));
      for (const place of places) if (clusters.has(place.cluster)) old.add(placeId(place));
      isComplete ||= watched.known();
    },
  };
}
