import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createAuthentication } from '../../src/http/authentication/index.ts';
import { createClientAddresses } from '../../src/http/client-address.ts';
import { close, createApp, listen } from '../../src/http/server.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { quayPush, startApp, type StartedApp } from '../support/http-app.ts';

const mebibyte = 1024 * 1024;
let app: StartedApp | undefined;
let client: Socket | undefined;

afterEach(async () => {
  client?.destroy();
  await app?.close();
  [app, client] = [undefined, undefined];
});

/** A bare connection, and everything that came over it. */
function dial(url: string): {
  readonly socket: Socket;
  until(text: string): Promise<string>;
  closed: Promise<string>;
} {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  client = socket;
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => undefined);
  return {
    socket,
    async until(text) {
      while (!received.includes(text)) await once(socket, 'data');
      return received;
    },
    closed: new Promise((resolve) => socket.once('close', () => resolve(received))),
  };
}

/** `size` bytes as one chunk of a chunked body. */
function chunk(size: number): string {
  return `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
}

const chunkedHead = 'POST /webhook/quay HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a large body', () => {
  test('of exactly the limit is read', async () => {
    app = await startApp();
    const push = JSON.stringify(quayPush('1'));

    const response = await app.post('/webhook/quay', push + ' '.repeat(mebibyte - push.length));

    expect(response.status).toBe(202);
  });

  test('of one byte more is 413', async () => {
    app = await startApp();
    const push = JSON.stringify(quayPush('1'));

    const response = await app.post('/webhook/quay', push + ' '.repeat(mebibyte - push.length + 1));

    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'too-large' } });
    expect(app.received).toHaveLength(0);
  });

  test('is answered before it has ended', async () => {
    app = await startApp();
    const { socket, until } = dial(app.url);

    socket.write(chunkedHead + chunk(mebibyte + 1));

    expect(await until('too-large')).toMatch(/^HTTP\/1\.1 413 /);
    // And it never ended: the last chunk was not sent.
    expect(app.answered).toEqual(['unknown 413']);
  });

  test('of 10 MiB in chunks is 413, and nothing of it is kept', async () => {
    app = await startApp();
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const { socket, until } = dial(app.url);
    const [seen] = await accepted;
    const before = heldBytes();

    socket.write(chunkedHead);
    for (let sent = 0; sent < 10; sent++) {
      if (!socket.write(chunk(mebibyte))) await once(socket, 'drain');
    }
    expect(await until('too-large')).toMatch(/^HTTP\/1\.1 413 /);
    while (seen.bytesRead < 10 * mebibyte) await new Promise((resolve) => setImmediate(resolve));

    // The request is still open: what was buffered of it would be held now.
    expect(await settlesBelow(before + 3 * mebibyte)).toBe(true);

    // And the same connection goes on.
    const push = JSON.stringify(quayPush('1'));
    socket.write('0\r\n\r\n');
    socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: ${push.length}\r\n\r\n${push}`);
    expect(await until('up-1')).toContain('HTTP/1.1 202 ');
  });

  test('that is announced is 413 before it is sent', async () => {
    app = await startApp();
    const { socket, until } = dial(app.url);

    socket.write(`POST /webhook/quay HTTP/1.1\r\nHost: x\r\nContent-Length: ${10 * mebibyte}\r\n\r\n`);

    expect(await until('too-large')).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('that breaks off is no fault of ours, and reaches nothing', async () => {
    app = await startApp();
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const arrived = once(app.server, 'request');
    const { socket } = dial(app.url);
    const [seen] = await accepted;
    socket.write(chunkedHead + chunk(10));
    await arrived;

    const broken = new Promise((resolve) => seen.once('close', resolve));
    socket.destroy();
    await broken;

    expect(app.received).toHaveLength(0);
    expect(app.lines.join('')).not.toContain('"level":"error"');
    expect((await app.get('/healthz')).status).toBe(200);
  });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the buffers that are in use. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Whether less than `bytes` is held: at once, or when a thread that frees buffers has caught up. */
async function settlesBelow(bytes: number): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (heldBytes() < bytes) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

describe('slow and many connections', () => {
  test('the server has limits', async () => {
    app = await startApp();

    expect(app.server).toMatchObject({
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5000,
      maxConnections: 10_000,
    });
  });

  test('headers that never end are cut', async () => {
    app = await startApp();
    const { socket, closed } = dial(app.url);

    // Nothing more is sent: however slow the machine is, only the server can end this.
    socket.write('POST /webhook HTTP/1.1\r\nHost: x\r\nX-Slow: ');

    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
    expect(app.received).toHaveLength(0);
  }, 60_000);

  test('headers over 8 KiB are 431', async () => {
    app = await startApp();
    const { socket, closed } = dial(app.url);

    socket.write(`POST /webhook HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(9 * 1024)}\r\n\r\n`);

    expect(await closed).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('what is no HTTP is 400', async () => {
    app = await startApp();
    const { socket, closed } = dial(app.url);

    socket.write('\u0016\u0003\u0001\u0002\u0000\u0001\u0000');

    expect(await closed).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('listen and close', () => {
  const listenOn = (port: number): Promise<Server> =>
    listen(
      createApp({
        webhook: {
          ...{ registries: [], ratePerSecond: 0, log: createFakeLog() },
          authentication: createAuthentication({ secrets: { all: [], bySource: new Map() }, ways: [] }),
          clients: createClientAddresses([]),
          confirm: () => Promise.reject(new Error('nothing is fetched here')),
          fallback: { name: 'none', spec: '', recognises: () => false, parse: () => [] },
          receive: () => Promise.resolve({ pushes: [], decisions: [], updates: [] }),
          answered: () => undefined,
        },
        info: undefined,
        adminToken: undefined,
        replay: () => Promise.reject(new Error('not asked for')),
        notReady: () => [],
        metrics: { contentType: 'text/plain', render: () => Promise.resolve('') },
        log: createFakeLog(),
      }),
      port,
    );

  test('a port that is taken is a wrong configuration', async () => {
    app = await startApp();
    const port = Number(new URL(app.url).port);

    await expect(listenOn(port)).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(`UK_PORT=${port}`) as unknown,
    });
  });

  test('close cuts idle connections and lets a request under way end', async () => {
    const answer = Promise.withResolvers<undefined>();
    app = await startApp({
      webhook: {
        receive: async (pushes) => {
          await answer.promise;
          return { pushes, decisions: [], updates: [] };
        },
      },
    });
    const { url, server, post } = app;
    const idle = dial(url);
    idle.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await idle.until('ok\n');
    const arrived = once(server, 'request');
    const underWay = post('/webhook', quayPush('1'));
    await arrived;

    const closing = close(server);
    await idle.closed;
    answer.resolve(undefined);

    expect((await underWay).status).toBe(200);
    await closing;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    app = undefined;
  });

  test('close ends though a client asks again on the same connection for ever', async () => {
    app = await startApp();
    const { url, server } = app;
    const ask = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const { socket, until, closed } = dial(url);
    socket.on('data', () => socket.write(ask));
    socket.write(ask);
    await until('ok\n');

    await close(server);
    await closed;

    expect(server.listening).toBe(false);
    app = undefined;
  });
});
