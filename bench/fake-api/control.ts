import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { z } from 'zod';
import { monotonicMs } from '../clock.ts';
import type { FakeCluster } from './cluster.ts';

/** A PATCH that was taken, and when its head was read. */
export const Arrival = z.object({ name: z.string(), arrivedAt: z.number() });
export type Arrival = z.infer<typeof Arrival>;

/** What the bench may ask of the fake API server besides Kubernetes. */
export interface Control {
  /** Writes down a PATCH. */
  patched(arrival: Arrival): void;
  /** PATCHes taken from number `from` on, as soon as there are `count` of them. */
  arrivals(from: number, count: number): Promise<readonly Arrival[]>;
  /** Ends the rollouts of these Deployments; the time at which the last change is handed to the watches. */
  complete(names: readonly string[]): number;
}

const Names = z.array(z.string());

export function createControl(cluster: FakeCluster): Control {
  const taken: Arrival[] = [];
  let waiting: { readonly total: number; readonly resolve: () => void }[] = [];
  return {
    patched(arrival) {
      taken.push(arrival);
      waiting.filter(({ total }) => total <= taken.length).forEach(({ resolve }) => resolve());
      waiting = waiting.filter(({ total }) => total > taken.length);
    },
    async arrivals(from, count) {
      const total = from + count;
      if (taken.length < total) await new Promise<void>((resolve) => waiting.push({ total, resolve }));
      return taken.slice(from, total);
    },
    complete(names) {
      let sentAt = 0;
      for (const name of names) {
        sentAt = monotonicMs();
        cluster.complete(name);
      }
      return sentAt;
    },
  };
}

/** `GET /bench/clock`, `GET /bench/arrivals/<from>/<count>`, `POST /bench/complete`. */
export async function answerControl(
  control: Control,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , route, from, count] = path.split('/');
  const value = await valueOf(control, route, [Number(from), Number(count)], request);
  response
    .writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify(value ?? null));
}

async function valueOf(
  control: Control,
  route: string | undefined,
  [from, count]: readonly [number, number],
  request: IncomingMessage,
): Promise<unknown> {
  if (route === 'clock') return monotonicMs();
  if (route === 'arrivals') return control.arrivals(from, count);
  if (route === 'complete') return control.complete(Names.parse(await readJson(request)));
  return undefined;
}
