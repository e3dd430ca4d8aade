import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { watchOwnDelay } from './own-delay.ts';
import { isReady, type Replica } from './replica.ts';

/** One webhook as a replica answered it. */
export interface Sample {
  readonly replica: string;
  readonly startedAtMs: number;
  /** At the replica's socket, from the connection to the whole answer. */
  readonly tookMs: number;
  /** `refused`: nobody listened; `broken`: no whole answer; `nobody`: no replica was ready. */
  readonly result: number | 'refused' | 'broken' | 'nobody';
  /** Whether the replica was killed, frozen or stopped meanwhile, or this program held up: the time says nothing. */
  readonly disturbed: boolean;
}

/** What a Kubernetes Service does: hands each webhook to a replica that says it is ready. Never tries twice. */
export interface ServiceFront {
  readonly url: string;
  readonly samples: () => readonly Sample[];
  /** Adds an endpoint; it is used once it is ready. */
  add(replica: Replica): void;
  /** Takes an endpoint away, as the deletion of its pod does. */
  remove(replica: Replica): void;
  readyNow(): readonly string[];
  close(): void;
}

const pollMs = 250;
/** Quay waits as long for an answer. */
const limitMs = 10_000;

export async function startServiceFront(): Promise<ServiceFront> {
  const endpoints = new Map<Replica, boolean>();
  const samples: Sample[] = [];
  const ownDelay = watchOwnDelay();
  let turn = 0;
  const choose = (): Replica | undefined => {
    const ready = [...endpoints].filter(([, is]) => is).map(([replica]) => replica);
    return ready[turn++ % Math.max(ready.length, 1)];
  };
  const polling = setInterval(() => {
    for (const replica of endpoints.keys()) {
      void isReady(replica.url).then((is) => endpoints.has(replica) && endpoints.set(replica, is));
    }
  }, pollMs);
  const server = createServer((incoming, response) => {
    void handle(choose(), incoming, response).then((sample) => {
      const heldUp = ownDelay.heldUpSince(sample.startedAtMs);
      samples.push(heldUp ? { ...sample, disturbed: true } : sample);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    samples: () => samples,
    add: (replica) => endpoints.set(replica, false),
    remove: (replica) => endpoints.delete(replica),
    readyNow: () => [...endpoints].filter(([, is]) => is).map(([{ name }]) => name),
    close() {
      clearInterval(polling);
      ownDelay.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function handle(
  replica: Replica | undefined,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<Sample> {
  const body = await buffer(incoming);
  const startedAtMs = performance.now();
  const answer = replica ? await send(replica, incoming, body) : 'nobody';
  const tookMs = performance.now() - startedAtMs;
  if (typeof answer === 'string') response.writeHead(502).end();
  else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.content);
  return {
    replica: replica?.name ?? '',
    ...{ startedAtMs, tookMs, result: typeof answer === 'string' ? answer : answer.status },
    disturbed: replica?.disturbedSince(startedAtMs) ?? false,
  };
}

interface Answer {
  readonly status: number;
  readonly content: Buffer;
}

/** A connection of its own for every webhook, as a registry opens it. */
async function send(
  { url }: Replica,
  { method, headers, url: path = '/' }: IncomingMessage,
  body: Buffer,
): Promise<Answer | 'refused' | 'broken'> {
  const sent = request(new URL(path, url), {
    ...{ method, agent: false, signal: AbortSignal.timeout(limitMs) },
    headers: { 'content-type': headers['content-type'], 'content-length': body.length },
  });
  sent.end(body);
  try {
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 502, content: await buffer(answer) };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'broken';
  }
}
