import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { monotonicMs, within } from './clock.ts';

/** Takes outgoing webhooks. */
export interface Receiver {
  readonly url: string;
  /** The times at which the next webhooks arrive, by Deployment; every one of `names` must come. Call before. */
  expect(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** How many have come that nobody expected, or that are not what was expected. */
  unexpected(): number;
  close(): void;
}

const limitMs = 60_000;

/**
 * Listens on a free port, in this process.
 *
 * @param nameIn finds the Deployment in a body; throws when that is not what the bench makes happen.
 */
export async function startReceiver(nameIn: (body: unknown) => string): Promise<Receiver> {
  let strangers = 0;
  /** Whether it was expected. */
  let heard: ((name: string, arrivedAt: number) => boolean) | undefined;
  const server = createServer((request, response) => {
    const arrivedAt = monotonicMs();
    json(request)
      .then((body) => {
        const name = nameIn(body);
        if (!heard?.(name, arrivedAt)) strangers++;
      })
      .catch((error: unknown) => {
        strangers++;
        console.error('the outgoing webhook is not what was expected', error);
      })
      .finally(() => response.writeHead(204).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    expect(names) {
      const waiting = new Set(names);
      const arrivals = new Map<string, number>();
      const all = new Promise<ReadonlyMap<string, number>>((resolve) => {
        heard = (name, arrivedAt) => {
          if (!waiting.delete(name)) return false;
          arrivals.set(name, arrivedAt);
          if (waiting.size === 0) resolve(arrivals);
          return true;
        };
      });
      return within(limitMs, `${names.length} outgoing webhooks`, all);
    },
    unexpected: () => strangers,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
