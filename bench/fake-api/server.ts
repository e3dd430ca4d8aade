import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { monotonicMs } from '../clock.ts';
import { ImagePatch, type FakeCluster } from './cluster.ts';
import { answerControl, createControl, type Control } from './control.ts';
import { watch } from './watch.ts';

/** A collection in a namespace; the name of a Deployment may follow. */
const collection = /^\/(?:api\/v1|apis\/(?:apps|batch)\/v1)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/;
/** The collections that are served: all but one are empty. */
const kinds = new Map([
  ['deployments', 'Deployment'],
  ['statefulsets', 'StatefulSet'],
  ['daemonsets', 'DaemonSet'],
  ['cronjobs', 'CronJob'],
  ['pods', 'Pod'],
]);

/** A Kubernetes API server with Deployments, nothing else of a workload, no pods, and a control route for the bench. */
export function createApi(cluster: FakeCluster): Server {
  const control = createControl(cluster);
  return createServer((request, response) => {
    const arrivedAt = monotonicMs();
    answer(cluster, control, { request, response, arrivedAt }).catch((error: unknown) => {
      console.error(error);
      json(response, failure(500, 'InternalError'));
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** When the request's head was read. */
  readonly arrivedAt: number;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What a call is about. */
interface Place {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string | undefined;
}

async function answer(cluster: FakeCluster, control: Control, exchange: Exchange): Promise<void> {
  const { request, response, arrivedAt } = exchange;
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://api');
  if (pathname.startsWith('/bench/')) return answerControl(control, pathname, request, response);
  const place = placeOf(pathname);
  if (!place) {
    json(response, failure(404, 'NotFound'));
  } else if (query.get('watch') === 'true') {
    watch(cluster, { ...place, from: Number(query.get('resourceVersion')) }, response);
  } else if (request.method === 'PATCH') {
    const { name = '' } = place;
    const given = await patch(cluster, name, request);
    json(response, given);
    if (given.status === 200) control.patched({ name, arrivedAt });
  } else {
    json(response, read(cluster, place, query));
  }
}

function placeOf(path: string): Place | undefined {
  const [, namespace = '', plural = '', name] = collection.exec(path) ?? [];
  const kind = kinds.get(plural);
  return kind === undefined ? undefined : { namespace, kind, name };
}

function read(cluster: FakeCluster, { namespace, kind, name }: Place, query: URLSearchParams): Answer {
  if (name === undefined) {
    const names = kind === 'Deployment' ? cluster.names(namespace) : [];
    return found(list(cluster, { kind, names }, query));
  }
  const object = kind === 'Deployment' ? cluster.get(name) : undefined;
  return object === undefined ? failure(404, 'NotFound') : found(object);
}

/** A page of the list; the continue token is the index of the next object. */
function list(
  cluster: FakeCluster,
  { kind, names }: { readonly kind: string; readonly names: readonly string[] },
  query: URLSearchParams,
): string {
  const from = Number(query.get('continue') ?? 0);
  const to = from + Number(query.get('limit') ?? names.length);
  const items = names.slice(from, to).map((name) => cluster.get(name) ?? '');
  const token = to < names.length ? `,"continue":"${to}"` : '';
  const metadata = `{"resourceVersion":"${cluster.version()}"${token}}`;
  return `{"kind":"${kind}List","metadata":${metadata},"items":[${items.join(',')}]}`;
}

async function patch(cluster: FakeCluster, name: string, request: IncomingMessage): Promise<Answer> {
  const body = ImagePatch.safeParse(JSON.parse(await text(request)));
  if (request.headers['content-type'] !== 'application/strategic-merge-patch+json' || !body.success) {
    return failure(422, 'Invalid');
  }
  const result = cluster.patch(name, body.data);
  switch (result.kind) {
    case 'patched':
      return found(result.json);
    case 'conflict':
      return failure(409, 'Conflict');
    case 'not-found':
      return failure(404, 'NotFound');
  }
}

function found(body: string): Answer {
  return { status: 200, body };
}

function failure(code: number, reason: string): Answer {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason };
  return { status: code, body: JSON.stringify(status) };
}

function json(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
