import { z } from 'zod';
import { workloadKinds, type WorkloadKind } from './workload.ts';

/**
 * The namespaces of a cluster of which all is watched. Without it a namespace that is gone, or empty, would be forgotten
 * with all that was seen in it and is yet to be told.
 */
export interface PlaceIndex {
  /** Kinds that have been listed, all over the cluster: a namespace that is not here then had none of them. */
  readonly kinds: readonly WorkloadKind[];
  /** Those in which something was seen, or is to be told. */
  readonly namespaces: ReadonlySet<string>;
  /** Those of them that were made since, and have not been looked at in full: kinds of which all in them is new. */
  readonly young: ReadonlyMap<string, readonly WorkloadKind[]>;
}

/** Of a cluster that nobody has ever looked at. */
export const emptyIndex: PlaceIndex = { kinds: [], namespaces: new Set(), young: new Map() };

/**
 * The index after lists. What a namespace that was not there has of a kind that had been listed is new; what it has of a
 * kind that is listed for the first time is as old as all else of it.
 *
 * @param kinds all that are listed by now.
 * @param there namespaces in which there are workloads.
 */
export function withPlaces(
  index: PlaceIndex,
  kinds: readonly WorkloadKind[],
  there: readonly string[],
): PlaceIndex {
  const all = new Set([...index.kinds, ...kinds]);
  const fresh = there.filter((namespace) => !index.namespaces.has(namespace));
  // Before anything is listed it cannot be known who is old.
  if (all.size === 0 || (all.size === index.kinds.length && fresh.length === 0)) return index;
  const young = index.kinds.length === 0 ? [] : fresh.map((namespace) => [namespace, index.kinds] as const);
  return {
    kinds: [...all],
    namespaces: new Set([...index.namespaces, ...fresh]),
    young: new Map([...index.young, ...young]),
  };
}

/** The index when a namespace has been looked at: what comes to be in it from now on is compared with that. */
export function withLookedAt(index: PlaceIndex, namespace: string): PlaceIndex {
  if (!index.young.has(namespace)) return index;
  return { ...index, young: new Map([...index.young].filter(([one]) => one !== namespace)) };
}

/** The index without a namespace in which nothing is, and of which nothing is to be told. */
export function withoutPlace(index: PlaceIndex, namespace: string): PlaceIndex {
  if (!index.namespaces.has(namespace)) return index;
  const namespaces = new Set([...index.namespaces].filter((one) => one !== namespace));
  return { ...withLookedAt(index, namespace), namespaces };
}

const Names = z.array(z.string());
/** Another version may know more of them. */
const Kinds = Names.transform((words) => workloadKinds.filter((kind) => words.includes(kind)));
const File = z.object({ kinds: Kinds, namespaces: Names, young: z.record(z.string(), Kinds) });

/** The name of its file; no name of a namespace has a dot. */
export function placeFileName(ownNamespace: string, cluster?: string): string {
  const whose = cluster === undefined ? ownNamespace : `${ownNamespace}.${cluster}`;
  return `deployment-namespaces-v1-${whose}.json`;
}

/** Reads such a file; `undefined` when it is none. */
export function readPlaceFile(text: string): PlaceIndex | undefined {
  try {
    const { kinds, namespaces, young } = File.parse(JSON.parse(text));
    return { kinds, namespaces: new Set(namespaces), young: new Map(Object.entries(young)) };
  } catch {
    return undefined;
  }
}

/** Writes it. */
export function writePlaceFile({ kinds, namespaces, young }: PlaceIndex): string {
  return JSON.stringify({ kinds, namespaces: [...namespaces], young: Object.fromEntries(young) });
}
