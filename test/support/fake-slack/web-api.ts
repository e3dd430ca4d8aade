import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { methods } from './methods.ts';
import type { Workspace } from './workspace.ts';

/** What a call is answered with instead of what it asked for. */
export type Failure =
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'error'; readonly error: string }
  /** It is done all the same, but nobody is told. */
  | { readonly kind: 'cut-after' }
  | { readonly kind: 'silence' };

type Body = Readonly<Record<string, unknown>>;

export interface WebApi {
  readonly workspace: Workspace;
  /** What the next calls of a method are answered with. */
  readonly failures: Map<string, Failure[]>;
  /** Address for a new Socket Mode connection. */
  readonly socketUrl: () => string;
}

/** Answers `POST /api/<method>` as Slack does. */
export async function answerCall(
  { workspace, failures, socketUrl }: WebApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = (request.url ?? '').replace(/^\/api\//, '').replace(/\?.*$/, '');
  const body = parsed(await text(request), request.headers['content-type'] ?? '');
  const token = tokenOf(request, body);
  workspace.calls.push({ method, body: without(body, 'token') });
  const failure = failures.get(method)?.shift();
  if (failure?.kind === 'rate-limited') {
    response.writeHead(429, { 'retry-after': String(failure.retryAfterSeconds) }).end('');
    return;
  }
  if (failure?.kind === 'status') {
    response.writeHead(failure.status).end('');
    return;
  }
  if (failure?.kind === 'silence') return;
  const answer =
    failure?.kind === 'error'
      ? { ok: false, error: failure.error }
      : answerTo(workspace, method, body, token, socketUrl);
  if (failure?.kind === 'cut-after') {
    response.destroy();
    return;
  }
  response
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'x-oauth-scopes': (isApp(token) ? workspace.appScopes : workspace.scopes).join(','),
    })
    .end(JSON.stringify(answer));
}

function isApp(token: string): boolean {
  return token.startsWith('xapp-');
}

function answerTo(
  workspace: Workspace,
  name: string,
  body: Body,
  token: string,
  socketUrl: () => string,
): Body {
  const refused = tokenProblem(workspace, name, token);
  if (refused !== undefined) return { ok: false, error: refused };
  if (name === 'apps.connections.open') {
    if (!workspace.appScopes.includes('connections:write'))
      return missing('connections:write', workspace.appScopes);
    return workspace.socketModeEnabled
      ? { ok: true, url: socketUrl() }
      : { ok: false, error: 'socket_mode_not_enabled' };
  }
  const method = methods[name];
  if (!method) return { ok: false, error: 'unknown_method' };
  const lacking = method.scopes
    .map((scope) => scopeFor(workspace, scope, body))
    .find((scope) => !workspace.scopes.includes(scope));
  if (lacking !== undefined) return missing(lacking, workspace.scopes);
  const answer = method.run(workspace, body);
  if (typeof answer !== 'string') return { ok: true, ...answer };
  const scope = /^missing_scope:(.*)$/.exec(answer)?.[1];
  return scope === undefined ? { ok: false, error: answer } : missing(scope, workspace.scopes);
}

/** Private channels and direct messages have scopes of their own. */
function scopeFor({ channels }: Workspace, scope: string, { channel }: Body): string {
  const found = channels.find(({ id }) => id === channel);
  if (found?.with !== undefined) return scope.replace(/^channels:/, 'im:');
  return found?.isPrivate ? scope.replace(/^channels:/, 'groups:') : scope;
}

function missing(needed: string, provided: readonly string[]): Body {
  return { ok: false, error: 'missing_scope', needed, provided: provided.join(',') };
}

function tokenProblem(workspace: Workspace, method: string, token: string): string | undefined {
  if (token === '') return 'not_authed';
  const app = isApp(token);
  // Each kind of token opens its own methods; auth.test takes both.
  if (method !== 'auth.test' && app !== (method === 'apps.connections.open')) return 'not_allowed_token_type';
  if (app) return token === workspace.appToken ? workspace.appTokenProblem : 'invalid_auth';
  return token === workspace.botToken ? workspace.botTokenProblem : 'invalid_auth';
}

function tokenOf({ headers }: IncomingMessage, { token }: Body): string {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  return bearer ?? (typeof token === 'string' ? token : '');
}

/** Forms carry lists and objects as JSON. */
function parsed(body: string, contentType: string): Body {
  if (contentType.startsWith('application/json')) return JSON.parse(body) as Body;
  const pairs = [...new URLSearchParams(body)].map(([key, value]): [string, unknown] => [
    key,
    /^[[{]/.test(value) && ['blocks', 'metadata'].includes(key) ? (JSON.parse(value) as unknown) : value,
  ]);
  return Object.fromEntries(pairs);
}

function without(body: Body, key: string): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== key));
}
