import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** An outgoing webhook as it came: its body, checked by a published library. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A test pipeline: takes the outgoing webhook, and refuses what is not signed rightly. */
export interface EventReceiver {
  readonly url: string;
  readonly secret: string;
  /** Everything that came, in order. */
  readonly events: readonly ReceivedEvent[];
  /** The first event, now or later, that `matches`; rejects after `deadlineMs`. */
  find(matches: (event: ReceivedEvent) => boolean, deadlineMs?: number): Promise<ReceivedEvent>;
  close(): Promise<void>;
}

const secret = `whsec_${Buffer.from('a test key of twenty-four bytes or more').toString('base64')}`;

/** Listens on a free port. */
export async function startEventReceiver(): Promise<EventReceiver> {
  const events: ReceivedEvent[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      try {
        const headers = request.headers as Record<string, string>;
        const event = new Webhook(secret).verify(Buffer.concat(chunks).toString('utf8'), headers);
        events.push(event as ReceivedEvent);
        response.writeHead(204).end();
        waiting.forEach((look) => look());
      } catch {
        response.writeHead(401).end();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret,
    events,
    find: (matches, deadlineMs = 60_000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const event = events.find(matches);
          if (!event) return;
          done();
          resolve(event);
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`no such event in ${deadlineMs} ms; there were ${JSON.stringify(events)}`));
        }, deadlineMs);
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
