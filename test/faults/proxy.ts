import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { isWrite, readCall, type ApiCall } from './api-call.ts';
import type { Journal } from './journal.ts';
import type { Act, RuleBook } from './rules.ts';

/** What stands between one replica and the API server. */
export interface ApiProxy {
  readonly url: string;
  /** Ends all watches, in the middle of a line; the number of them. */
  cutStreams(): number;
  /** Writes an error into all watches, and ends them; the number of them. */
  failStreams(status: number): number;
  /** While it is on, nothing gets through and nothing is answered, as when packets are dropped. */
  partition(on: boolean): void;
  close(): void;
}

export interface ProxyOptions {
  readonly replica: string;
  /** The API server, and the token of the ServiceAccount that the replica runs as. */
  readonly upstream: { readonly server: string; readonly caPem: string; readonly token: string };
  readonly rules: RuleBook;
  readonly journal: Journal;
  /** Ends the replica at once; resolves when it is gone. */
  kill(): Promise<void>;
}

/** What the handlers of one proxy share. */
interface Context extends ProxyOptions {
  readonly agent: Agent;
  readonly streams: Set<ServerResponse>;
  partitioned(): boolean;
}

/** Not forwarded: they belong to one connection, or are replaced. */
const ownHeaders = new Set(['host', 'connection', 'authorization', 'accept-encoding', 'transfer-encoding']);

/** Starts a proxy on a free port. */
export async function startProxy(options: ProxyOptions): Promise<ApiProxy> {
  const { caPem: ca } = options.upstream;
  const agent = new Agent({ ca, keepAlive: true, timeout: 20_000 });
  let partitioned = false;
  const context: Context = { ...options, agent, streams: new Set(), partitioned: () => partitioned };
  const server = createServer((request, response) => {
    handle(context, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endStreams = (line: string): number => {
    const open = [...context.streams];
    open.forEach((stream) => stream.write(line, () => stream.destroy()));
    return open.length;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutStreams: () => endStreams('{"type":"MODIF'),
    failStreams: (status) => endStreams(errorEvent(status)),
    partition(on) {
      partitioned = on;
      // What hangs is cut when packets flow again: its connection has long been given up by one side.
      if (!on) server.closeAllConnections();
    },
    close: () => close(server, agent),
  };
}

function close(server: Server, agent: Agent): void {
  server.close();
  server.closeAllConnections();
  agent.destroy();
}

async function handle(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  if (context.partitioned()) return;
  const call = readCall(context.replica, request.method ?? '', request.url ?? '', body);
  if (await happens(context, call, 'before', response)) return;
  const noted = isWrite(call) ? context.journal.sent(call) : undefined;
  const answer = await forward(context, request, body).catch(() => undefined);
  const content = answer && call.verb !== 'watch' ? await buffer(answer).catch(() => undefined) : undefined;
  noted?.(answer?.statusCode !== undefined && content ? answer.statusCode : 'unknown');
  if (!answer || (call.verb !== 'watch' && !content)) {
    response.destroy();
    return;
  }
  if (await happens(context, call, 'after', response)) {
    answer.destroy();
    return;
  }
  if (context.partitioned()) return;
  response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'keep-alive' });
  if (content) response.end(content);
  else stream(context, answer, response);
}

/** Sends the request on with the ServiceAccount's token. */
async function forward(
  { upstream, agent }: Context,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const kept = Object.entries(headers).filter(([name]) => !ownHeaders.has(name));
  const sent = httpsRequest(new URL(url ?? '/', upstream.server), {
    ...{ method, agent },
    headers: { ...Object.fromEntries(kept), authorization: `Bearer ${upstream.token}` },
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

/** Only whole lines are passed on, so that a fault can be put between two of them. */
function stream({ streams }: Context, answer: IncomingMessage, response: ServerResponse): void {
  let rest = '';
  streams.add(response);
  response.flushHeaders();
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    const end = (rest + chunk).lastIndexOf('\n') + 1;
    const lines = (rest + chunk).slice(0, end);
    rest = (rest + chunk).slice(end);
    if (lines !== '' && !response.destroyed) response.write(lines);
  });
  answer.on('close', () => (answer.complete ? response.end() : response.destroy()));
  answer.on('error', () => response.destroy());
  response.on('close', () => {
    streams.delete(response);
    answer.destroy();
  });
}

/** Does what the rules say about this call; whether that was its end. */
async function happens(
  context: Context,
  call: ApiCall,
  when: 'before' | 'after',
  response: ServerResponse,
): Promise<boolean> {
  const act = context.rules.take(call, when);
  if (!act) return false;
  if (act.kind === 'kill') await context.kill();
  if (act.kind === 'delay') {
    await pause(act.ms);
    return false;
  }
  refuse(act, response);
  return true;
}

function refuse(act: Exclude<Act, { kind: 'delay' }>, response: ServerResponse): void {
  if (act.kind === 'kill' || act.kind === 'cut') response.destroy();
  else if (act.kind === 'in-stream') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(errorEvent(act.status));
  } else {
    const again = act.retryAfterSeconds === undefined ? {} : { 'retry-after': String(act.retryAfterSeconds) };
    response.writeHead(act.status, { 'content-type': 'application/json', ...again });
    response.end(JSON.stringify(statusObject(act.status)));
  }
}

function statusObject(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message: 'a fault of the fault tests' };
}

function errorEvent(status: number): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusObject(status) })}\n`;
}
