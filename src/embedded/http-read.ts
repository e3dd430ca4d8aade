import { badRequest } from './api-error.ts';
import { sendJson, targetOf, type Call, type Face } from './http-call.ts';
import { matcher, type Listing, type Selection } from './list.ts';
import type { KubeObject } from './objects.ts';
import { apiVersionOf } from './resources.ts';
import { serialise, serialiseItem } from './serialise.ts';
import { tableOf, tableWish } from './table.ts';

/** Answers a GET: an object, a list or a watch, as itself or as a table. */
export function answerRead(face: Face, call: Call): void {
  const target = targetOf(call.route);
  if (target) sendObject(face, call, face.api.get(target));
  else if (isTrue(call.query.get('watch'))) sendWatch(face, call);
  else sendList(face, call);
}

function sendObject(face: Face, { request, response, query }: Call, object: KubeObject): void {
  const wish = tableWish(request.headers.accept, query);
  const table = wish && tableOf(object.kind, [object], { ...wish, now: face.now() });
  sendJson(response, 200, table ? JSON.stringify(table) : serialise(object));
}

function sendList(face: Face, call: Call): void {
  const { route, request, response, query } = call;
  const page = { limit: number(query, 'limit') ?? 0, token: query.get('continue') ?? '' };
  const listing = face.api.list(selectionOf(call), page);
  const wish = tableWish(request.headers.accept, query);
  const table = wish && tableOf(route.resource.kind, listing.items, { ...wish, now: face.now() });
  const text = table ? JSON.stringify({ ...table, metadata: listing.metadata }) : listText(call, listing);
  sendJson(response, 200, text);
}

/** The list as text, put together from the texts of the objects. */
function listText({ route: { resource } }: Call, { items, metadata }: Listing): string {
  const type = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource) };
  const head = JSON.stringify({ ...type, metadata }).slice(0, -1);
  return `${head},"items":[${items.map((object) => serialiseItem(resource, object)).join(',')}]}`;
}

function sendWatch(face: Face, call: Call): void {
  const { route, request, response, query } = call;
  const { resource } = route;
  const wish = tableWish(request.headers.accept, query);
  face.streams.open(response, {
    resource,
    matches: matcher(selectionOf(call)),
    resourceVersion: query.get('resourceVersion') ?? '',
    sendInitialEvents: isTrue(query.get('sendInitialEvents')),
    timeoutSeconds: number(query, 'timeoutSeconds'),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    format:
      wish && ((object) => JSON.stringify(tableOf(object.kind, [object], { ...wish, now: face.now() }))),
  });
}

function selectionOf({ route, query }: Call): Selection {
  return {
    resource: route.resource,
    namespace: route.namespace,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
  };
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`${name}: Invalid value: ${text}`);
  return Number(text);
}
