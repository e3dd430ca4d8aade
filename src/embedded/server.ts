import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError, methodNotAllowed, statusOf, unknownPath } from './api-error.ts';
import { readBody } from './body.ts';
import { discovery } from './discovery.ts';
import { sendJson, type Face } from './http-call.ts';
import { answerRead } from './http-read.ts';
import { answerWrite } from './http-write.ts';
import { routeOf } from './route.ts';

/** The Kubernetes API on HTTP. A fault answers a Status and never ends the process. */
export function createFace(face: Face): Server {
  return createServer((request, response) => {
    answer(face, request, response).catch((error: unknown) => fail(response, error));
  });
}

async function answer(face: Face, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://embedded');
  if (!url) throw unknownPath();
  if (answerStatic(url.pathname, request, response)) return;
  const route = routeOf(url.pathname);
  if (!route) throw unknownPath();
  const call = { request, response, route, query: url.searchParams };
  if (request.method === 'GET') {
    answerRead(face, call);
    return;
  }
  const written = answerWrite(face, call, await readBody(request));
  if (!written) throw methodNotAllowed();
  sendJson(response, written.code, JSON.stringify(written.body));
}

function answerStatic(path: string, request: IncomingMessage, response: ServerResponse): boolean {
  const document = discovery.get(path);
  const isProbe = ['/healthz', '/readyz', '/livez'].includes(path);
  if (!document && !isProbe) return false;
  if (request.method !== 'GET') throw methodNotAllowed();
  if (document) sendJson(response, 200, JSON.stringify(document));
  else response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  return true;
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const refusal =
    error instanceof ApiError ? error : new ApiError(500, 'InternalError', `Internal error: ${message}`);
  // What is left of a refused body is not read.
  response.shouldKeepAlive = refusal.code !== 413;
  sendJson(response, refusal.code, JSON.stringify(statusOf(refusal)));
}
