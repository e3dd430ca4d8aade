import { badRequest, expired } from './api-error.ts';
import type { Change } from './event-log.ts';
import type { KubeObject } from './objects.ts';
import { apiVersionOf, type Resource } from './resources.ts';
import type { Matches } from './selectors.ts';
import type { State } from './state.ts';

/** A line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

/** What is watched, and after which version; empty or `0` begins with what there is. */
export interface WatchRequest {
  readonly resource: Resource;
  readonly matches: Matches;
  readonly resourceVersion: string;
  /** Begin with what there is and say by a bookmark where that ends: the watch takes the place of a list. */
  readonly sendInitialEvents: boolean;
}

/**
 * What a watch begins with: what happened since the version.
 * @throws ApiError 410 when the version is forgotten, 400 when it is none
 */
export function backlog(state: State, request: WatchRequest): readonly WatchEvent[] {
  const { resource, matches, resourceVersion, sendInitialEvents } = request;
  const present = () => state.list(resource).filter(matches).map(added);
  if (sendInitialEvents)
    return [...present(), bookmark(state, resource, { 'k8s.io/initial-events-end': 'true' })];
  if (resourceVersion === '' || resourceVersion === '0') return present();
  const changes = changesSince(state, resourceVersion).filter((change) => change.resource === resource);
  return changes.flatMap((change) => eventFor(change, matches) ?? []);
}

function added(object: KubeObject): WatchEvent {
  return { type: 'ADDED', object };
}

/** Sends what happens from now on, until the answer is called. */
export function follow(state: State, request: WatchRequest, send: (event: WatchEvent) => void): () => void {
  return state.subscribe((change) => {
    const event = change.resource === request.resource ? eventFor(change, request.matches) : undefined;
    if (event) send(event);
  });
}

function changesSince(state: State, resourceVersion: string): readonly Change[] {
  if (!/^\d{1,15}$/.test(resourceVersion))
    throw badRequest(`resourceVersion: Invalid value: ${resourceVersion}`);
  const changes = state.since(Number(resourceVersion));
  if (!changes) throw expired(`too old resource version: ${resourceVersion} (${state.version()})`);
  return changes;
}

/** A change as this watch sees it: an object that leaves the selection is deleted for it, and the other way. */
function eventFor({ type, object, previous }: Change, matches: Matches): WatchEvent | undefined {
  const was = previous !== undefined && matches(previous);
  const is = type !== 'DELETED' && matches(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  return was ? { type: 'DELETED', object } : undefined;
}

/** Tells a watcher how far the cluster is without telling of a change. */
export function bookmark(
  state: State,
  resource: Resource,
  annotations?: Readonly<Record<string, string>>,
): WatchEvent {
  const version = { resourceVersion: String(state.version()), creationTimestamp: null };
  const metadata = { name: '', ...version, ...(annotations && { annotations }) };
  return { type: 'BOOKMARK', object: { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata } };
}
