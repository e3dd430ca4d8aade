import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { EventEmitter, on, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test pipeline would be: takes the outgoing webhook and checks its signature. */
export interface Receiver {
  readonly url: string;
  readonly secret: string;
  /** Every event whose signature is right. */
  events(): AsyncIterable<Readonly<Record<string, unknown>>>;
  /** The next event that comes. */
  next(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** Listens on a free port of this machine, with a signing secret made for this run. */
export async function startReceiver(): Promise<Receiver> {
  const key = randomBytes(32);
  const emitter = new EventEmitter();
  const server = createServer((request, response) => {
    void receive(request, key).then((event) => {
      response.writeHead(event ? 204 : 401).end();
      if (event) emitter.emit('event', event);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    secret: `whsec_${key.toString('base64')}`,
    async *events() {
      for await (const [event] of on(emitter, 'event') as AsyncIterable<[Record<string, unknown>]>)
        yield event;
    },
    async next(signal) {
      const [event] = (await once(emitter, 'event', { signal })) as [Record<string, unknown>];
      return event;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** The event, or nothing when the signature is missing or wrong. A published library would do this for you. */
async function receive(request: IncomingMessage, key: Buffer): Promise<unknown> {
  const body = Buffer.concat((await request.toArray()) as Buffer[]);
  const header = (name: string): string => String(request.headers[name]);
  const signed = createHmac('sha256', key)
    .update(`${header('webhook-id')}.${header('webhook-timestamp')}.`)
    .update(body);
  const wanted = Buffer.from(`v1,${signed.digest('base64')}`);
  const given = Buffer.from(header('webhook-signature'));
  const isRight = wanted.length === given.length && timingSafeEqual(wanted, given);
  return isRight ? (JSON.parse(body.toString('utf8')) as unknown) : undefined;
}
