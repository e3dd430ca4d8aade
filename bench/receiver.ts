import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { monotonicMs, within } from './clock.ts';

/** Takes the outgoing webhook. */
export interface Receiver {
  readonly url: string;
  /** The times at which the next webhooks arrive, by Deployment; every one of `names` must come. Call before. */
  expect(names: readonly string[]): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

const Body = z.object({ repository: z.string(), status: z.literal('succeeded') });
const limitMs = 60_000;

/** Listens on a free port, in this process. */
export async function startReceiver(): Promise<Receiver> {
  let heard: ((name: string, arrivedAt: number) => void) | undefined;
  const server = createServer((request, response) => {
    const arrivedAt = monotonicMs();
    json(request)
      .then((body) => heard?.(Body.parse(body).repository, arrivedAt))
      .catch((error: unknown) => console.error('the outgoing webhook is not what was expected', error))
      .finally(() => response.writeHead(204).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    expect(names) {
      const arrivals = new Map<string, number>();
      const all = new Promise<ReadonlyMap<string, number>>((resolve) => {
        heard = (name, arrivedAt) => {
          if (names.includes(name)) arrivals.set(name, arrivedAt);
          if (arrivals.size === names.length) resolve(arrivals);
        };
      });
      return within(limitMs, `${names.length} outgoing webhooks`, all);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
