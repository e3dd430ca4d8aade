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
  /** Those of them that were made since, and have not been looked at in full: all in them is new. */
  readonly young: ReadonlySet<string>;
}

/** Of a cluster that nobody has ever looked at. */
export const emptyIndex: PlaceIndex = { kinds: [], namespaces: new Set(), young: new Set() };

/**
 * The index after lists. Who is there when a kind is listed for the first time is old, unless there is another kind that
 * would have been seen; who comes later is young.
 *
 * @param kinds all that are listed by now.
 * @param there namespaces, with the kinds of the workloads in them.
 */
export function withPlaces(
  index: PlaceIndex,
  kinds: readonly WorkloadKind[],
  there: ReadonlyMap<string, readonly WorkloadKind[]>,
): PlaceIndex {
  const all = new Set([...index.kinds, ...kinds]);
  const isFirst = all.size > index.kinds.length;
  const fresh = [...there].filter(([namespace]) => !index.namespaces.has(namespace));
  // Before anything is listed it cannot be known who is old.
  if (all.size === 0 || (!isFirst && fresh.length === 0)) return index;
  const isYoung = (those: readonly WorkloadKind[]): boolean =>
    !isFirst || those.some((kind) => index.kinds.includes(kind));
  const young = fresh.filter(([, those]) => isYoung(those));
  return {
    kinds: [...all],
    namespaces: new Set([...index.namespaces, ...fresh.map(([namespace]) => namespace)]),
    young: new Set([...index.young, ...young.map(([namespace]) => namespace)]),
  };
}

/** The index when a namespace has been looked at: what comes to be in it from now on is compared with that. */
export function withLookedAt(index: PlaceIndex, namespace: string): PlaceIndex {
  return index.young.has(namespace) ? { ...index, young: without(index.young, namespace) } : index;
}

/** The index without a namespace in which nothing is, and of which nothing is to be told. */
export function withoutPlace(index: PlaceIndex, namespace: string): PlaceIndex {
  if (!index.namespaces.has(namespace)) return index;
  const { kinds, namespaces, young } = index;
  return { kinds, namespaces: without(namespaces, namespace), young: without(young, namespace) };
}

function without(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return new Set([...names].filter((one) => one !== name));
}

const Names = z.array(z.string());
/** Another version may know more of them. */
const Kinds = Names.transform((words) => workloadKinds.filter((kind) => words.includes(kind)));
const File = z.object({ kinds: Kinds, namespaces: Names, young: Names });

/** The name of its file; no name of a namespace has a dot. */
export function placeFileName(ownNamespace: string, cluster?: string): string {
  const whose = cluster === undefined ? ownNamespace : `${ownNamespace}.${cluster}`;
  return `deployment-namespaces-v1-${whose}.json`;
}

/** Reads such a file; `undefined` when it is none. */
export function readPlaceFile(text: string): PlaceIndex | undefined {
  try {
    const { kinds, namespaces, young } = File.parse(JSON.parse(text));
    return { kinds, namespaces: new Set(namespaces), young: new Set(young) };
  } catch {
    return undefined;
  }
}

/** Writes it. */
export function writePlaceFile({ kinds, namespaces, young }: PlaceIndex): string {
  return JSON.stringify({ kinds, namespaces: [...namespaces], young: [...young] });
}
