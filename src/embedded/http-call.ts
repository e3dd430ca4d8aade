import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api, Target } from './api.ts';
import type { Route } from './route.ts';
import type { WatchStreams } from './watch-streams.ts';

/** What the HTTP face stands on. */
export interface Face {
  readonly api: Api;
  readonly now: () => Date;
  readonly streams: WatchStreams;
}

/** One request on its way. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly query: URLSearchParams;
}

/** The object a path names. */
export function targetOf({ resource, namespace = '', name, subresource }: Route): Target | undefined {
  return name === undefined ? undefined : { resource, namespace, name, subresource };
}

/** Answers with JSON text. */
export function sendJson(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(text);
}
