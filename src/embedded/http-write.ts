import { success } from './api-error.ts';
import { mediaType } from './body.ts';
import { targetOf, type Call, type Face } from './http-call.ts';
import { isObject, objectOr, type JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import type { Route } from './route.ts';

/** The answer to a write. */
export interface Written {
  readonly code: number;
  readonly body: JsonObject;
}

/** Does what a request other than GET asks for; `undefined` when its method is not served there. */
export function answerWrite(
  { api }: Face,
  { request, route, query }: Call,
  body: unknown,
): Written | undefined {
  const type = mediaType(request);
  const manager = managerOf(query.get('fieldManager') ?? '', request.headers['user-agent']);
  const options = { dryRun: query.get('dryRun') === 'All', manager };
  if (request.method === 'POST' && route.name === undefined) {
    const { resource, namespace = '' } = route;
    return { code: 201, body: api.create({ resource, namespace }, body, options) };
  }
  const target = targetOf(route);
  if (!target) return undefined;
  switch (request.method ?? '') {
    case 'PUT':
      return { code: 200, body: api.update(target, body, options) };
    case 'PATCH':
      return { code: 200, body: api.patch(target, type, body, options) };
    case 'DELETE':
      return { code: 200, body: removed(route, api.remove(target, deleteOptions(query, body))) };
    default:
      return undefined;
  }
}

/** Who gives no name is called by that of its program. */
function managerOf(given: string, userAgent = ''): string {
  const [program = ''] = userAgent.split('/');
  const printable = program.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
  return [given, printable].find((name) => name !== '') ?? 'unknown';
}

/** `DeleteOptions` may come in the body or in the query. */
function deleteOptions(query: URLSearchParams, body: unknown): JsonObject {
  const inQuery = Object.fromEntries(
    ['propagationPolicy', 'dryRun'].flatMap((key) => (query.has(key) ? [[key, query.get(key)]] : [])),
  ) as JsonObject;
  return isObject(body) ? { ...inQuery, ...objectOr(body) } : inQuery;
}

/** A pod answers itself, because a real one would still be on its way out. */
function removed({ resource }: Route, object: KubeObject): JsonObject {
  if (resource.kind === 'Pod') return object;
  const { name, uid } = object.metadata;
  const group = resource.group === '' ? {} : { group: resource.group };
  return success({ name, ...group, kind: resource.plural, uid });
}
