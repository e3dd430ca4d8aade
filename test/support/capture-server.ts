import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it came. */
export interface CapturedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: CapturedRequest) => void;

/** A real HTTP server that keeps what it was sent. */
export interface CaptureServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly requests: readonly CapturedRequest[];
  /** Connections opened to it so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server that gives these answers in order, the last one for ever. */
export async function startCaptureServer(...answers: readonly Answer[]): Promise<CaptureServer> {
  const requests: CapturedRequest[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const captured = { method, url, headers, body: body.toString('utf8') };
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? status(500);
      requests.push(captured);
      answer(response, captured);
    });
  });
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer of this status, with these headers and this body. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answer {
  return (response) => {
    response.writeHead(code, headers).end(body);
  };
}

/** A JSON answer. */
export function json(code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return status(code, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
}

/** No answer: the connection stays open and nothing comes. */
export const silence: Answer = () => undefined;

/** No answer: the connection is cut. */
export const hangUp: Answer = (response) => {
  response.destroy();
};
