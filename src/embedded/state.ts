import { createEventLog, type Change } from './event-log.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';

/** A stored object together with the resource it belongs to. */
export interface Stored {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** All objects of the cluster, under one counter of versions. */
export interface State {
  /** The version of the last change. */
  version(): number;
  get(resource: Resource, namespace: string, name: string): KubeObject | undefined;
  /** All objects of a resource, ordered by namespace and name. */
  list(resource: Resource): readonly KubeObject[];
  count(resource: Resource): number;
  /** The object that was first stored. */
  oldest(resource: Resource): KubeObject | undefined;
  /** Objects whose controller is the one with this uid. */
  ownedBy(uid: string): readonly Stored[];
  /** Stores `object` under a new version and tells everybody. */
  put(resource: Resource, object: KubeObject): KubeObject;
  remove(resource: Resource, namespace: string, name: string): KubeObject | undefined;
  /** The changes after `version`, or `undefined` when the log no longer, or not yet, knows it. */
  since(version: number): readonly Change[] | undefined;
  /** Forgets the log: every earlier version is expired. */
  compact(): void;
  subscribe(listener: (change: Change) => void): () => void;
}

/** An empty cluster that remembers its last `logSize` changes for watches. */
export function createState({ logSize = 20_000 }: { logSize?: number } = {}): State {
  const shelves = new Map<Resource, Shelf>();
  const children = new Map<string, Map<string, Stored>>();
  const log = createEventLog(logSize);
  const listeners = new Set<(change: Change) => void>();
  const shelf = (resource: Resource) => shelfOf(shelves, resource);

  const record = (change: Omit<Change, 'version'>) => {
    const entry = log.append(change);
    for (const listener of [...listeners]) listener(entry);
  };
  return {
    version: log.version,
    get: (resource, namespace, name) => shelf(resource).objects.get(`${namespace}/${name}`),
    list: (resource) => listed(shelf(resource)),
    count: (resource) => shelf(resource).objects.size,
    oldest: (resource) => shelf(resource).objects.values().next().value,
    ownedBy: (uid) => [...(children.get(uid)?.values() ?? [])],
    put: (resource, given) => {
      const object = versioned(given, log.version() + 1);
      const key = keyOf(object);
      const previous = shelf(resource).objects.get(key);
      store(shelf(resource), key, object);
      disown(children, resource, previous);
      own(children, resource, object);
      record({ resource, type: previous ? 'MODIFIED' : 'ADDED', object, previous });
      return object;
    },
    remove: (resource, namespace, name) => {
      const key = `${namespace}/${name}`;
      const previous = shelf(resource).objects.get(key);
      if (!previous) return undefined;
      drop(shelf(resource), key);
      disown(children, resource, previous);
      const object = versioned(previous, log.version() + 1);
      record({ resource, type: 'DELETED', object, previous });
      return object;
    },
    since: log.since,
    compact: log.compact,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The objects of one resource by `namespace/name`; the sorted view is kept until a name comes or goes. */
interface Shelf {
  readonly objects: Map<string, KubeObject>;
  keys: readonly string[] | undefined;
}

function shelfOf(shelves: Map<Resource, Shelf>, resource: Resource): Shelf {
  const known = shelves.get(resource);
  if (known) return known;
  const shelf: Shelf = { objects: new Map(), keys: undefined };
  shelves.set(resource, shelf);
  return shelf;
}

function listed(shelf: Shelf): readonly KubeObject[] {
  shelf.keys ??= [...shelf.objects.keys()].sort();
  return shelf.keys.flatMap((key) => shelf.objects.get(key) ?? []);
}

function store(shelf: Shelf, key: string, object: KubeObject): void {
  if (!shelf.objects.has(key)) shelf.keys = undefined;
  shelf.objects.set(key, object);
}

function drop(shelf: Shelf, key: string): void {
  shelf.objects.delete(key);
  shelf.keys = undefined;
}

/** `namespace/name`; the namespace is empty for cluster-scoped objects. */
export function keyOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function versioned(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

/** The uid of the controlling owner. */
export function ownerUid({ metadata }: Pick<KubeObject, 'metadata'>): string | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
}

type Children = Map<string, Map<string, Stored>>;

function own(children: Children, resource: Resource, object: KubeObject): void {
  const uid = ownerUid(object);
  if (uid === undefined) return;
  const family = children.get(uid) ?? new Map<string, Stored>();
  children.set(uid, family.set(`${resource.plural}/${keyOf(object)}`, { resource, object }));
}

function disown(children: Children, resource: Resource, object: KubeObject | undefined): void {
  const uid = object && ownerUid(object);
  const family = uid === undefined ? undefined : children.get(uid);
  if (uid === undefined || !object || !family) return;
  family.delete(`${resource.plural}/${keyOf(object)}`);
  if (family.size === 0) children.delete(uid);
}
