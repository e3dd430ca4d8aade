import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from '../../../src/cluster/connect.ts';
import { createRest } from '../../../src/cluster/rest.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { SinkAround } from '../../../src/lib/sink-module.ts';
import { event } from '../../../src/notifiers/event.ts';
import type { SinkKit } from '../../contract/sink.ts';
import { problemsInEvent, type SentEvent } from './event-rules.ts';

/** A kit with what only events have. */
export interface EventKit extends SinkKit {
  /** The Events that are stored, by name. */
  readonly stored: ReadonlyMap<string, SentEvent>;
  readonly requests: readonly string[];
  /** The workloads that are there, by path, with their uid. */
  readonly workloads: Map<string, string>;
  /** The next POST is answered so. */
  trick(status: number, message: string, headers?: Readonly<Record<string, string>>): void;
}

const shop = {
  path: '/apis/apps/v1/namespaces/till/deployments/shop',
  uid: 'a7c1f1d0-0000-4000-8000-000000000001',
};
const collection = /^\/apis\/events\.k8s\.io\/v1\/namespaces\/([^/]+)\/events$/;
const denied =
  'events.events.k8s.io is forbidden: User "system:serviceaccount:till:updatekate" cannot create resource "events" in API group "events.k8s.io" in the namespace "till"';

interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * As much of an API server as Events need. test/cluster says the same of a real one; the embedded cluster serves those
 * of the core group only.
 */
export async function startEventKit(): Promise<EventKit> {
  const stored = new Map<string, SentEvent>();
  const requests: string[] = [];
  const workloads = new Map([[shop.path, shop.uid]]);
  const tricks: (Answer | 'silence')[] = [];
  const read = (path: string): Answer => {
    const uid = workloads.get(path);
    return uid === undefined ? status(404, `${path} not found`) : { code: 200, body: { metadata: { uid } } };
  };
  const write = (path: string, body: unknown): Answer => {
    const namespace = collection.exec(path)?.[1];
    if (namespace === undefined) return status(404, 'the server could not find the requested resource');
    const problems = problemsInEvent(body, namespace);
    if (problems.length > 0) return status(422, `Event is invalid: ${problems.join(', ')}`);
    const sent = body as SentEvent;
    const { name } = sent.metadata;
    if (stored.has(name)) return status(409, `events.events.k8s.io "${name}" already exists`);
    stored.set(name, sent);
    return { code: 201, body: sent };
  };
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const { pathname } = new URL(url, 'http://server');
    requests.push(`${method} ${pathname}`);
    void text(request).then((body) => {
      const answer =
        method === 'GET' ? read(pathname) : (tricks.shift() ?? write(pathname, JSON.parse(body) as unknown));
      if (answer === 'silence') return;
      response.writeHead(answer.code, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rest = createRest(connect({ kind: 'url', url }), systemClock, 10_000);
  const trick: EventKit['trick'] = (...answer) => void tricks.push(status(...answer));
  return {
    // Of what sinks work with, Events need no more.
    sink: event.settings.parse({})({ rest } as unknown as SinkAround),
    ...{ secrets: [], stored, requests, workloads, trick },
    // As `kubectl describe` does it.
    shown: () =>
      [...stored.values()].filter(({ regarding }) => regarding.uid === shop.uid).map(({ note }) => note),
    // What a terminal shows is text.
    setOff: () => [],
    refusePace: (seconds) =>
      trick(429, 'too many requests, please try again later', { 'retry-after': `${seconds}` }),
    refuse: () => trick(403, denied),
    fail: (times) => {
      for (let n = 0; n < times; n++) trick(503, 'the server is currently unable to handle the request');
    },
    silence: () => void tricks.push('silence'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An error as the API server says it: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function status(code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { code, headers, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code } };
}
