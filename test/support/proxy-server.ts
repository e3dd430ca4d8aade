import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createPlainServer, type AddressInfo, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { createServer as createTlsEnd } from 'node:tls';
import type { Certificate } from '../http/certificate.ts';

/** A forward proxy on this machine that says what it was asked for. */
export interface ProxyServer {
  /** `host:port`. */
  readonly host: string;
  /** `CONNECT host:port` or `METHOD http://…`, with ` as user:password` when it was told. */
  readonly asked: readonly string[];
  /** Connections to it that are open. */
  open(): number;
  /** Resolves when there are none. */
  untilFree(): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyBehaviour {
  /** Where its names are: `host:port` → a port of this machine. It knows no others. */
  readonly names?: Readonly<Record<string, number>>;
  /** Refuses with this status; or never answers. */
  readonly refuses?: number | 'silence';
  /** It speaks TLS itself. */
  readonly certificate?: Certificate;
}

/** Starts it on a free port. */
export async function startProxyServer(behaviour: ProxyBehaviour = {}): Promise<ProxyServer> {
  const { names = {}, refuses, certificate } = behaviour;
  const asked: string[] = [];
  const note = (what: string, { headers }: IncomingMessage): void => {
    const [, login] = / (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
    asked.push(login === undefined ? what : `${what} as ${Buffer.from(login, 'base64').toString('utf8')}`);
  };
  const server = certificate ? createTlsServer(certificate) : createServer();
  server.on('request', (request, response) => {
    const { method = '', url = '', headers } = request;
    note(`${method} ${url}`, request);
    if (refuses === 'silence') return;
    const { host, port: given, pathname, search } = new URL(url);
    const port = names[given === '' ? `${host}:80` : host];
    if (refuses !== undefined || port === undefined) {
      response.writeHead(refuses ?? 502).end('<h1>canary</h1>');
      return;
    }
    const on = ask({ host: '127.0.0.1', port, method, path: `${pathname}${search}`, headers });
    on.removeHeader('proxy-authorization');
    on.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => undefined);
    });
    pipeline(request, on, () => undefined);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const { url = '' } = request;
    note(`CONNECT ${url}`, request);
    socket.on('error', () => undefined);
    if (refuses === 'silence') {
      socket.resume().on('end', () => socket.end());
      return;
    }
    const port = names[url];
    if (refuses !== undefined || port === undefined) {
      // As Squid does, it leaves it open for a second try.
      socket.write(`HTTP/1.1 ${refuses ?? 502} No\r\ncontent-length: 6\r\n\r\ncanary`);
      socket.resume().on('end', () => socket.end());
      return;
    }
    const there = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pipeline(socket, there, socket, () => undefined);
    });
    // Who has gone wants no more.
    socket.on('end', () => socket.destroy());
  });
  return { asked, ...(await listening(server)) };
}

/** Takes TLS off, and hands what is in it to a port of this machine. */
export async function startTlsEnd(
  certificate: Certificate,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createTlsEnd(certificate, (socket) => {
    const there = connect(port, '127.0.0.1');
    pipeline(socket, there, socket, () => undefined);
  });
  const { host, close } = await listening(server);
  return { port: Number(host.split(':')[1]), close };
}

async function listening(
  server: Server | ReturnType<typeof createPlainServer>,
): Promise<Pick<ProxyServer, 'host' | 'open' | 'untilFree' | 'close'>> {
  const open = new Set<Socket>();
  let waiting: (() => void)[] = [];
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) waiting.splice(0).forEach((resolve) => resolve());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => open.size,
    untilFree: () =>
      open.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        open.forEach((socket) => socket.destroy());
        waiting = [];
      }),
  };
}
