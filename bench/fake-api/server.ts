import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { monotonicMs } from '../clock.ts';
import { ImagePatch, type FakeCluster } from './cluster.ts';
import { answerControl, createControl, type Control } from './control.ts';
import { watch } from './watch.ts';

/** The collections that are served; the name of a Deployment may follow. */
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const pods = '/api/v1/namespaces/default/pods';

/** A Kubernetes API server with Deployments of one namespace, no pods, and a control route for the bench. */
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

async function answer(cluster: FakeCluster, control: Control, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://api');
  if (pathname.startsWith('/bench/')) {
    await answerControl(control, pathname, request, response);
  } else if (pathname === deployments && query.get('watch') === 'true') {
    watch(cluster, Number(query.get('resourceVersion')), response);
  } else {
    const name = pathname.startsWith(`${deployments}/`) ? pathname.slice(deployments.length + 1) : '';
    const given =
      request.method === 'PATCH' ? await patch(cluster, name, request) : read(cluster, pathname, query);
    json(response, given);
    if (request.method === 'PATCH' && given.status === 200)
      control.patched({ name, arrivedAt: exchange.arrivedAt });
  }
}

function read(cluster: FakeCluster, path: string, query: URLSearchParams): Answer {
  if (path === pods) return found('{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}');
  if (path === deployments) return found(list(cluster, query));
  const object = cluster.get(path.slice(deployments.length + 1));
  return object === undefined ? failure(404, 'NotFound') : found(object);
}

/** A page of the list; the continue token is the index of the next object. */
function list(cluster: FakeCluster, query: URLSearchParams): string {
  const from = Number(query.get('continue') ?? 0);
  const names = cluster.names();
  const to = from + Number(query.get('limit') ?? names.length);
  const items = names.slice(from, to).map((name) => cluster.get(name) ?? '');
  const token = to < names.length ? `,"continue":"${to}"` : '';
  const metadata = `{"resourceVersion":"${cluster.version()}"${token}}`;
  return `{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":${metadata},"items":[${items.join(',')}]}`;
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
