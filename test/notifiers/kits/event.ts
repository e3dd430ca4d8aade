import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from '../../../src/cluster/connect.ts';
import { createRest } from '../../../src/cluster/rest.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Rest } from '../../../src/core/rest.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { event } from '../../../src/notifiers/event.ts';
import { keptBack, type SinkKit } from '../../contract/sink.ts';
import { createFakeLog } from '../../support/fake-log.ts';
import { sinkAround } from '../../support/sink-around.ts';
import { problemsInEvent, type SentEvent } from './event-rules.ts';

/** A kit with what only events have. */
export interface EventKit extends SinkKit {
  /** The Events that are stored, by name. */
  readonly stored: ReadonlyMap<string, SentEvent>;
  readonly requests: readonly string[];
  /** The workloads that are there, by path, with their uid. */
  readonly workloads: Map<string, string>;
  /** Where it is. */
  readonly url: string;
  readonly log: ReturnType<typeof createFakeLog>;
  /** From now on every GET is answered so: 403, or as is said. */
  forbidReading(status?: number): void;
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
  const bodies: string[] = [];
  const workloads = new Map([[shop.path, shop.uid]]);
  const tricks: (Answer | 'silence')[] = [];
  let readable = 200;
  const read = (path: string): Answer => {
    if (readable !== 200) return status(readable, `User "updatekate" cannot get ${path}`);
    const uid = workloads.get(path);
    if (uid === undefined) return status(404, `${path} not found`);
    const env = [{ name: 'TOKEN', value: keptBack }];
    return { code: 200, body: { metadata: { uid, annotations: { note: keptBack } }, spec: { env } } };
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
      bodies.push(body);
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
  const restOf = (cluster: string): Rest => {
    if (cluster === 'north') return rest;
    throw new AppError('not-found', `there is no cluster ${cluster}`);
  };
  const log = createFakeLog();
  const trick: EventKit['trick'] = (...answer) => void tricks.push(status(...answer));
  return {
    sink: event.settings.parse({})(sinkAround({ restOf, log })),
    ...{ secrets: [], stored, requests, workloads, trick, url, log },
    forbidReading: (code = 403) => {
      readable = code;
    },
    // As `kubectl describe` does it; of what is gone, `kubectl get events`.
    shown: () =>
      [...stored.values()]
        .filter(({ regarding: { uid = shop.uid } }) => uid === shop.uid)
        .map(({ note }) => note),
    sent: () => JSON.stringify([requests, bodies]),
    ...{ room: 900, shows: () => true },
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
