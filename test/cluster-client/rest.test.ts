import { once } from 'node:events';
import { nothingElse } from '../support/workload-object.ts';
import type { ServerResponse } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { connect } from '../../src/cluster/connect.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import {
  hangUp,
  json,
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CaptureServer,
} from '../support/capture-server.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const timeoutMs = 10_000;
const path = '/apis/apps/v1/namespaces/shop/deployments';
const get: RestCall = { method: 'GET', path };
const never = new AbortController().signal;
let server: CaptureServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Started {
  readonly rest: Rest;
  readonly clock: FakeClock;
  readonly requests: CaptureServer['requests'];
}

async function start(...answers: readonly Answer[]): Promise<Started> {
  server = await startCaptureServer(...answers);
  const clock = createFakeClock();
  const rest = createRest(connect({ kind: 'url', url: server.url }), clock, timeoutMs);
  return { rest, clock, requests: server.requests };
}

/** A kubeconfig whose user has this token. */
function withToken(url: string, token: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: url, skipTLSVerify: true }],
    users: [{ name: 'u', token }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return config;
}

async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused by an AppError: ${String(error)}`);
  return error;
}

/** A Status as the API server writes it. */
function failure(code: number, reason: string, message: string): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

/** A server's answer that the test writes by itself. */
function manual(): { readonly answer: Answer; readonly response: Promise<ServerResponse> } {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  return { answer: (response) => resolve(response), response: promise };
}

describe('json', () => {
  test('asks for JSON below the address of the cluster', async () => {
    const { rest, requests } = await start(json(200, { kind: 'DeploymentList', items: [] }));

    const answer = await rest.json(
      { ...get, query: { limit: '500', labelSelector: 'a=b,c in (d,e)' } },
      never,
    );

    expect(answer).toEqual({ kind: 'DeploymentList', items: [] });
    expect(requests[0]).toMatchObject({ method: 'GET', body: '' });
    expect(requests[0]?.headers).toMatchObject({ accept: 'application/json', 'user-agent': 'updatekate' });
    const { pathname, searchParams } = new URL(requests[0]?.url ?? '', 'http://x');
    expect(pathname).toBe(path);
    expect(Object.fromEntries(searchParams)).toEqual({ limit: '500', labelSelector: 'a=b,c in (d,e)' });
  });

  test('an address with a path and a slash at its end keeps the path', async () => {
    const { requests } = await start(json(200, {}));
    const config = connect({ kind: 'url', url: `${server?.url ?? ''}/k8s/clusters/c-1/` });

    await createRest(config, createFakeClock(), timeoutMs).json(get, never);

    expect(requests[0]?.url).toMatch(/^\/k8s\/clusters\/c-1\/apis\//);
  });

  test('a patch is sent with its content type, as it is', async () => {
    const { rest, requests } = await start(json(200, {}));
    const body = { spec: { template: { spec: { containers: [{ name: 'ü', image: 'a:1' }] } } } };

    await rest.json(
      { method: 'PATCH', path, body, contentType: 'application/strategic-merge-patch+json' },
      never,
    );

    expect(requests[0]?.method).toBe('PATCH');
    expect(requests[0]?.headers['content-type']).toBe('application/strategic-merge-patch+json');
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  });

  test.each([
    [400, 'BadRequest', 'bad-request'],
    [401, 'Unauthorized', 'unauthorized'],
    [403, 'Forbidden', 'forbidden'],
    [404, 'NotFound', 'not-found'],
    [409, 'Conflict', 'conflict'],
    [410, 'Expired', 'gone'],
    [422, 'Invalid', 'invalid'],
    [429, 'TooManyRequests', 'rate-limited'],
    [500, 'InternalError', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [504, 'Timeout', 'unavailable'],
  ])('%i %s is %s, with the words of the server', async (code, reason, expected) => {
    const message = `deployments.apps "shop": ${reason}`;
    const { rest, requests } = await start(json(code, failure(code, reason, message)));

    const error = await refusalOf(rest.json(get, never));

    expect(error.code).toBe(expected);
    expect(error.message).toBe(`kubernetes: GET ${path} answered ${code}: ${message}`);
    // Whoever calls decides whether to try again.
    expect(requests).toHaveLength(1);
  });

  test('Retry-After is handed on', async () => {
    const { rest } = await start(
      json(429, failure(429, 'TooManyRequests', 'slow down'), { 'retry-after': '3' }),
    );

    expect((await refusalOf(rest.json(get, never))).retryAfterMs).toBe(3000);
  });

  test.each([
    ['an HTML page', status(502, { 'content-type': 'text/html' }, '<h1>Bad Gateway</h1>')],
    ['nothing', status(502)],
    ['other JSON', json(502, ['x'])],
  ])('an error that is %s has its status only', async (_name, answer) => {
    const { rest } = await start(answer);

    const error = await refusalOf(rest.json(get, never));

    expect(error.code).toBe('unavailable');
    expect(error.message).toBe(`kubernetes: GET ${path} answered 502`);
  });

  test('an answer that is no JSON is no answer', async () => {
    const { rest } = await start(status(200, {}, '<html>'));

    expect((await refusalOf(rest.json(get, never))).code).toBe('unavailable');
  });

  test.each([
    ['is cut', hangUp],
    [
      'is cut in its middle',
      (response: ServerResponse) => response.writeHead(200).write('{"a":', () => response.destroy()),
    ],
  ])('a connection that %s is unavailable', async (_name, answer) => {
    const { rest } = await start(answer);

    const error = await refusalOf(rest.json(get, never));

    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(`kubernetes: GET ${path}`);
  });

  test('a server that is not there is unavailable', async () => {
    const { rest } = await start(silence);
    await server?.close();

    const error = await refusalOf(rest.json(get, never));

    expect(error.code).toBe('unavailable');
    expect(error.message).toContain(`kubernetes: GET ${path}: no answer (`);
  });

  test('no answer in time is a timeout', async () => {
    const { answer, response } = manual();
    const { rest, clock } = await start(answer);
    const asking = refusalOf(rest.json(get, never));
    await response;

    await clock.advance(timeoutMs);

    expect((await asking).code).toBe('timeout');
  });

  test('an answer whose body does not end in time is a timeout too', async () => {
    const { answer, response } = manual();
    const { rest, clock } = await start(answer);
    const asking = refusalOf(rest.json(get, never));
    (await response).writeHead(200, { 'content-type': 'application/json' }).write('{"items":[');

    await clock.advance(timeoutMs);

    expect((await asking).code).toBe('timeout');
  });

  test('the deadline ends with the answer', async () => {
    const { rest, clock } = await start(json(200, {}), json(500, {}));

    await rest.json(get, never);
    await rest.json(get, never).catch(() => undefined);

    expect(clock.pending()).toBe(0);
  });

  test('a signal that fires ends the call', async () => {
    const { answer, response } = manual();
    const { rest } = await start(answer);
    const stop = new AbortController();
    const asking = refusalOf(rest.json(get, stop.signal));
    await response;

    stop.abort(new Error('shutting down'));

    expect((await asking).code).toBe('unavailable');
  });
});

describe('connections', () => {
  const ok = json(200, {});

  /** Calls that go through; how many connections the server has seen after them. */
  async function connectionsAfter(rest: Rest, calls: number): Promise<number> {
    for (let n = 0; n < calls; n++) await rest.json(get, never);
    return server?.connections() ?? 0;
  }

  test('are kept over calls, for a minute', async () => {
    const { rest, clock } = await start(ok);

    const before = await connectionsAfter(rest, 20);
    await clock.advance(60_000);
    const after = await connectionsAfter(rest, 1);

    // Two, when a call comes before the client has noticed that the last one ended.
    expect(before).toBeLessThanOrEqual(2);
    expect(after).toBe(before + 1);
  });

  test('speak HTTP/1.1, also to a server that would speak HTTP/2', async () => {
    await start(ok);
    const seen: object[] = [];
    const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
      seen.push(options);
      return dispatch(options, handler);
    });
    const config = connect({ kind: 'url', url: server?.url ?? '' });
    config.applySecurityAuthentication = (context) => {
      context.setDispatcher(dispatcher);
      return Promise.resolve();
    };

    await createRest(config, createFakeClock(), timeoutMs).json(get, never);

    expect(seen).toMatchObject([{ allowH2: false }]);
  });

  test.each([
    ['the credentials were refused', json(401, failure(401, 'Unauthorized', 'Unauthorized'))],
    ['there was no answer', hangUp],
  ] as readonly (readonly [string, Answer])[])('are new after %s', async (_name, bad) => {
    const { rest } = await start(ok, bad, ok);
    await connectionsAfter(rest, 1);

    await refusalOf(rest.json(get, never));
    const before = server?.connections() ?? 0;

    expect(await connectionsAfter(rest, 1)).toBe(before + 1);
  });
});

describe('credentials', () => {
  const token = 'token-canary';

  test('the token of the kubeconfig is sent', async () => {
    const { requests } = await start(json(200, {}));
    const rest = createRest(withToken(server?.url ?? '', token), createFakeClock(), timeoutMs);

    await rest.json(get, never);

    expect(requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test.each([
    ['401', json(401, failure(401, 'Unauthorized', 'Unauthorized'))],
    [
      'an echo',
      (response: ServerResponse) => response.writeHead(400).end(response.req.headers.authorization),
    ],
    ['a cut connection', hangUp],
    ['no JSON', status(200, {}, 'text')],
  ] as readonly (readonly [string, Answer])[])('after %s it is in no error', async (_name, answer) => {
    await start(answer);
    const rest = createRest(withToken(server?.url ?? '', token), createFakeClock(), timeoutMs);

    for (const work of [rest.json(get, never), rest.lines(get, never).then(async (lines) => first(lines))]) {
      const error: unknown = await work.catch((thrown: unknown) => thrown);
      for (let one = error; one instanceof Error; one = one.cause) {
        expect(`${String(one)} ${JSON.stringify(one)} ${one.stack ?? ''}`).not.toContain('canary');
      }
    }
  });

  test('a configuration without a cluster is refused at once', () => {
    expect(() => createRest(new KubeConfig(), createFakeClock(), timeoutMs)).toThrow(
      expect.objectContaining({ code: 'bad-config' }),
    );
  });

  test('that cannot be had now may be had later', async () => {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: 'https://127.0.0.1:1' }],
      users: [
        { name: 'u', exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin' } },
      ],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    const rest = createRest(config, createFakeClock(), timeoutMs);

    const call = rest.json({ method: 'GET', path: '/version' }, new AbortController().signal);

    await expect(call).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^kubernetes: GET \/version: no credentials \(/) as unknown,
    });
  });
});

/** The first line of a stream. */
async function first(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) return line;
  return undefined;
}

describe('lines', () => {
  test('come as they are written, whatever pieces they come in', async () => {
    const { answer, response } = manual();
    const { rest } = await start(answer);
    const opening = rest.lines({ ...get, query: { watch: 'true' } }, never);
    const stream = await response;
    const write = (bytes: Buffer | string): Promise<unknown> =>
      new Promise((resolve) => stream.write(bytes, resolve));
    stream.writeHead(200, { 'content-type': 'application/json;stream=watch' });
    const euro = Buffer.from('{"price":"€"}\n');
    await write('{"a":1}\n{"b"');
    const lines = (await opening)[Symbol.asyncIterator]();

    // The answer has not ended: a line is there as soon as it is whole.
    expect(await lines.next()).toEqual({ done: false, value: '{"a":1}' });
    await write(':2}\n\n');
    expect(await lines.next()).toEqual({ done: false, value: '{"b":2}' });
    expect(await lines.next()).toEqual({ done: false, value: '' });
    // The euro sign is three bytes.
    await write(euro.subarray(0, 11));
    await write(euro.subarray(11));
    expect(await lines.next()).toEqual({ done: false, value: '{"price":"€"}' });
    stream.end('{"half":');
    expect(await lines.next()).toEqual({ done: true, value: undefined });
  });

  test('a long line is one line', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(3 * 1024 * 1024) });
    const { rest } = await start(status(200, {}, `${long}\nshort\n`));

    const lines: string[] = [];
    for await (const line of await rest.lines(get, never)) lines.push(line);

    expect(lines).toEqual([long, 'short']);
  });

  test('an error is an error before there is a stream', async () => {
    const { rest } = await start(json(410, failure(410, 'Expired', 'too old resource version')));

    const error = await refusalOf(rest.lines(get, never));

    expect(error.code).toBe('gone');
    expect(error.message).toContain('too old resource version');
  });

  test('no answer in time is a timeout', async () => {
    const { answer, response } = manual();
    const { rest, clock } = await start(answer);
    const asking = refusalOf(rest.lines(get, never));
    await response;

    await clock.advance(timeoutMs);

    expect((await asking).code).toBe('timeout');
  });

  test('once it runs it has no deadline', async () => {
    const { answer, response } = manual();
    const { rest, clock } = await start(answer);
    const opening = rest.lines(get, never);
    const stream = await response;
    stream.writeHead(200);
    stream.flushHeaders();
    const lines = await opening;
    expect(clock.pending()).toBe(0);

    await clock.advance(24 * 3_600_000);
    stream.end('late\n');

    expect(await first(lines)).toBe('late');
  });

  test('a stream that is cut throws, after the lines that came', async () => {
    const { answer, response } = manual();
    const { rest } = await start(answer);
    const opening = rest.lines(get, never);
    const stream = await response;
    stream.writeHead(200);
    stream.write('one\n');
    const lines = (await opening)[Symbol.asyncIterator]();
    expect(await lines.next()).toEqual({ done: false, value: 'one' });

    stream.destroy();

    await expect(lines.next()).rejects.toBeDefined();
  });

  test('a signal that fires ends the stream, and the connection', async () => {
    const { answer, response } = manual();
    const { rest } = await start(answer);
    const stop = new AbortController();
    const opening = rest.lines(get, stop.signal);
    const stream = await response;
    const closed = once(stream, 'close');
    stream.writeHead(200);
    stream.write('one\n');
    const lines = (await opening)[Symbol.asyncIterator]();
    await lines.next();

    stop.abort(new Error('shutting down'));

    await expect(lines.next()).rejects.toBeDefined();
    await closed;
  });

  test('whoever stops reading closes the connection', async () => {
    const { answer, response } = manual();
    const { rest } = await start(answer);
    const opening = rest.lines(get, never);
    const stream = await response;
    const closed = once(stream, 'close');
    stream.writeHead(200);
    stream.write('one\ntwo\n');

    expect(await first(await opening)).toBe('one');

    await closed;
  });
});

describe('the cluster over it', () => {
  const object = {
    metadata: { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '8' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'app', image: 'a:2' }] } } },
  };

  test('reads a Deployment; one that is not there is undefined, another refusal is thrown', async () => {
    const { rest, requests } = await start(
      json(200, object),
      json(404, failure(404, 'NotFound', 'not found')),
      json(403, failure(403, 'Forbidden', 'forbidden')),
    );
    const cluster = createKubernetesCluster('prod', rest, nothingElse);

    expect(await cluster.read(keyOf(), never)).toMatchObject({ uid: 'uid-1', replicas: 1 });
    expect(await cluster.read(keyOf(), never)).toBeUndefined();
    expect((await refusalOf(cluster.read(keyOf(), never))).code).toBe('forbidden');
    expect(requests[0]?.url).toBe('/apis/apps/v1/namespaces/default/deployments/shop');
  });

  test('patches images and annotations of the version that was read, and nothing else', async () => {
    const { rest, requests } = await start(json(200, object));
    const cluster = createKubernetesCluster('prod', rest, nothingElse);

    await cluster.patchImages(
      {
        workload: keyOf(),
        resourceVersion: '7',
        moves: [
          { container: 'app', init: false, from: 'a:1', to: 'a:2' },
          { container: 'migrate', init: true, from: 'a:1', to: 'a:2' },
        ],
        annotations: { 'updatekate.dev/update': 'up-1' },
      },
      never,
    );

    const [request] = requests;
    const { searchParams } = new URL(request?.url ?? '', 'http://x');
    expect(request?.headers['content-type']).toBe('application/strategic-merge-patch+json');
    expect(searchParams.get('fieldManager')).toBe('updatekate');
    expect(searchParams.get('fieldValidation')).toBe('Strict');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      metadata: { resourceVersion: '7', annotations: { 'updatekate.dev/update': 'up-1' } },
      spec: {
        template: {
          spec: {
            containers: [{ name: 'app', image: 'a:2' }],
            initContainers: [{ name: 'migrate', image: 'a:2' }],
          },
        },
      },
    });
  });

  test('asks for the pods of the selector', async () => {
    const pod = { metadata: { name: 'shop-1' }, spec: { containers: [] } };
    const { rest, requests } = await start(json(200, { items: [pod] }), json(200, { items: null }));
    const cluster = createKubernetesCluster('prod', rest, nothingElse);
    const workload = aWorkload({ selector: 'app=shop,tier in (web,api)' });

    expect(await cluster.pods(workload, never)).toEqual([{ name: 'shop-1', containers: [] }]);
    expect(await cluster.pods(workload, never)).toEqual([]);

    const { pathname, searchParams } = new URL(requests[0]?.url ?? '', 'http://x');
    expect(pathname).toBe('/api/v1/namespaces/default/pods');
    expect(searchParams.get('labelSelector')).toBe('app=shop,tier in (web,api)');
  });

  test('names that are no names cannot leave their place in the path', async () => {
    const { rest, requests } = await start(json(404, {}));
    const cluster = createKubernetesCluster('prod', rest, nothingElse);

    await cluster.read({ ...keyOf('../../secrets/x?'), namespace: 'a/b' }, never);

    expect(requests[0]?.url).toBe('/apis/apps/v1/namespaces/a%2Fb/deployments/..%2F..%2Fsecrets%2Fx%3F');
  });
});
