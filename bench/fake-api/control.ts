import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { z } from 'zod';
import { monotonicMs } from '../clock.ts';
import type { FakeCluster } from './cluster.ts';
import { begun, finished, imageSet, reported, type Step } from './steps.ts';

/** A PATCH that was taken, and when its head was read. */
export const Arrival = z.object({ name: z.string(), arrivedAt: z.number() });
export type Arrival = z.infer<typeof Arrival>;

/** What is to happen to Deployments, each event of one Deployment before the next of it. */
export const Happening = z.discriminatedUnion('what', [
  /** Somebody sets their images, and their rollouts begin. */
  z.object({ what: z.literal('image-set'), tag: z.string() }),
  /** Their rollouts end. */
  z.object({ what: z.literal('finished') }),
  /** Their controller counts other numbers of pods. */
  z.object({ what: z.literal('reported'), counts: z.record(z.string(), z.number()) }),
]);
export type Happening = z.infer<typeof Happening>;

const Order = z.object({ names: z.array(z.string()), happening: Happening });

/** What the bench may ask of the fake API server besides Kubernetes. */
export interface Control {
  /** Writes down a PATCH. */
  patched(arrival: Arrival): void;
  /** PATCHes taken from number `from` on, as soon as there are `count` of them. */
  arrivals(from: number, count: number): Promise<readonly Arrival[]>;
  /** Has it happen; the time at which the last change is handed to the watches. */
  happen(names: readonly string[], happening: Happening): number;
}

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
    happen(names, happening) {
      let sentAt = 0;
      for (const name of names) {
        for (const step of stepsOf(happening)) {
          sentAt = monotonicMs();
          cluster.take(name, step);
        }
      }
      return sentAt;
    },
  };
}

function stepsOf(happening: Happening): readonly Step[] {
  switch (happening.what) {
    case 'image-set':
      return [imageSet(happening.tag), begun];
    case 'finished':
      return [finished];
    case 'reported':
      return [reported(happening.counts)];
  }
}

/** `GET /bench/clock`, `GET /bench/arrivals/<from>/<count>`, `POST /bench/happen`. */
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
  if (route !== 'happen') return undefined;
  const { names, happening } = Order.parse(await readJson(request));
  return control.happen(names, happening);
}
