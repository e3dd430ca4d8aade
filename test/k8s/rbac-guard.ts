import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyRule } from './manifests.ts';

/** `verb resource.group`, or `verb resource` in the core group, with `/subresource` where there is one. */
export type Permission = string;

/** An API server's face that lets through what a Role allows, and notes what was asked for. */
export interface RbacGuard {
  readonly url: string;
  readonly granted: ReadonlySet<Permission>;
  readonly refused: ReadonlySet<Permission>;
  close(): Promise<void>;
}

/** Every permission that the rules give. */
export function permissionsOf(rules: readonly PolicyRule[]): readonly Permission[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => permission(verb, resource, group))),
    ),
  );
}

/**
 * The permission that a request needs.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export function permissionFor(method: string, target: string): Permission {
  const url = new URL(target, 'http://server');
  const pattern = /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(\/[^/]+)?$/;
  const [matched, group = '', resource = '', name, subresource = ''] = pattern.exec(url.pathname) ?? [];
  if (matched === undefined) return `${method.toLowerCase()} ${url.pathname}`;
  return permission(verbOf(method, name, url.searchParams), `${resource}${subresource}`, group);
}

function permission(verb: string, resource: string, group: string): Permission {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  const one = name !== undefined;
  if (method === 'GET' && ['true', '1'].includes(query.get('watch') ?? '')) return 'watch';
  if (method === 'GET') return one ? 'get' : 'list';
  if (method === 'DELETE') return one ? 'delete' : 'deletecollection';
  return { POST: 'create', PUT: 'update', PATCH: 'patch' }[method] ?? method.toLowerCase();
}

/** Stands in front of the API server at `server`. */
export async function startRbacGuard(server: string, rules: readonly PolicyRule[]): Promise<RbacGuard> {
  const allowed = new Set(permissionsOf(rules));
  const granted = new Set<Permission>();
  const refused = new Set<Permission>();
  const guard = createServer((request, response) => {
    const needed = permissionFor(request.method ?? '', request.url ?? '');
    if (allowed.has(needed)) {
      granted.add(needed);
      forward(server, request, response);
      return;
    }
    refused.add(needed);
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: needed, code: 403 }));
  });
  await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(guard.address() as AddressInfo).port}`,
    granted,
    refused,
    close: () =>
      new Promise((resolve) => {
        guard.close(() => resolve());
        guard.closeAllConnections();
      }),
  };
}

/** Both ways as a stream: a watch does not end. */
function forward(server: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = request;
  const onward = send(new URL(url, server), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.on('error', () => response.destroy()).pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
