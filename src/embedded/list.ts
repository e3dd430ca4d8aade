import { badRequest, expired } from './api-error.ts';
import { isObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Resource } from './resources.ts';
import { fieldMatcher, labelMatcher, type Matches } from './selectors.ts';
import { keyOf, type State } from './state.ts';

/** Which objects a list or a watch is about. */
export interface Selection {
  readonly resource: Resource;
  /** All namespaces when absent. */
  readonly namespace: string | undefined;
  readonly labelSelector: string;
  readonly fieldSelector: string;
}

/** Which part of a list is wanted; `limit` 0 is all of it. */
export interface Page {
  readonly limit: number;
  readonly token: string;
}

/** A part of a list, and what leads to the next. */
export interface Listing {
  readonly items: readonly KubeObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** Whether an object is selected, as one function. @throws ApiError 400 for a selector that cannot be read */
export function matcher({ resource, namespace, labelSelector, fieldSelector }: Selection): Matches {
  const byLabels = labelMatcher(labelSelector);
  const byFields = fieldMatcher(resource, fieldSelector);
  const inNamespace: Matches = ({ metadata }) => namespace === undefined || metadata.namespace === namespace;
  return (object) => inNamespace(object) && byLabels(object) && byFields(object);
}

/**
 * The selected objects, a page at a time. All pages carry the version of the first, so a watch from there
 * misses nothing that changed between them.
 * @throws ApiError 400, or 410 when the token's version is forgotten
 */
export function listObjects(state: State, selection: Selection, { limit, token }: Page): Listing {
  const start = token === '' ? { version: state.version(), after: '' } : readToken(token);
  if (state.since(start.version) === undefined) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  const selected = state.list(selection.resource).filter(matcher(selection));
  const rest = start.after === '' ? selected : selected.filter((object) => keyOf(object) > start.after);
  const items = limit > 0 ? rest.slice(0, limit) : rest;
  const last = items.at(-1);
  const resourceVersion = String(start.version);
  if (items.length === rest.length || !last) return { items, metadata: { resourceVersion } };
  const next = writeToken({ version: start.version, after: keyOf(last) });
  return {
    items,
    metadata: { resourceVersion, continue: next, ...remaining(selection, rest.length - items.length) },
  };
}

/** The real server does not count what a selector would filter. */
function remaining({ labelSelector, fieldSelector }: Selection, count: number): object {
  return labelSelector === '' && fieldSelector === '' ? { remainingItemCount: count } : {};
}

interface Token {
  readonly version: number;
  /** The key of the last object that was listed. */
  readonly after: string;
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token {
  const token = parse(Buffer.from(text, 'base64url').toString());
  if (isObject(token) && typeof token.version === 'number' && typeof token.after === 'string') {
    return { version: token.version, after: token.after };
  }
  throw badRequest('continue key is not valid: it is not one that this server gave');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
