import { afterEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { AppError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import { createHttp, type Http, type HttpOptions } from '../../src/lib/http.ts';
import { parseRetryAfter } from '../../src/lib/retry-after.ts';
import {
  hangUp,
  json,
  silence,
  startCaptureServer,
  status,
  type Answer,
  type CaptureServer,
} from '../support/capture-server.ts';

/** A clock on which every wait is over at once, and noted. */
function createHastyClock(): Clock & { readonly waits: readonly number[] } {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const waits: number[] = [];
  return {
    waits,
    now: () => new Date(nowMs),
    monotonicMs: () => performance.now(),
    after(ms, run) {
      waits.push(ms);
      nowMs += ms;
      queueMicrotask(run);
      return () => undefined;
    },
  };
}

const never = new AbortController().signal;
const secretPath = '/hooks/path-canary?token=query-canary';
let server: CaptureServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(...answers: readonly Answer[]): Promise<CaptureServer> {
  server = await startCaptureServer(...answers);
  return server;
}

function client(different: Partial<HttpOptions> = {}): Http {
  return createHttp({
    clock: createHastyClock(),
    timeoutMs: 60_000,
    retries: 2,
    minDelayMs: 0,
    userAgent: 'updatekate-test',
    ...different,
  });
}

function post(http: Http, url: string, signal = never): Promise<void> {
  return http.post({ url, body: '{"a":1}', headers: () => ({}) }, signal);
}

/** The AppError a promise is rejected with. */
async function refusalOf(posting: Promise<void>): Promise<AppError> {
  const error = await posting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused by an AppError: ${String(error)}`);
  return error;
}

describe('post', () => {
  test('sends the bytes as JSON, with our headers, once', async () => {
    const { url, requests } = await start(status(204));

    await client().post(
      { url: `${url}/hook?a=b`, body: '{"ü":1}', headers: () => ({ 'webhook-id': 'x' }) },
      never,
    );

    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/hook?a=b', body: '{"ü":1}' });
    expect(requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'updatekate-test',
      'webhook-id': 'x',
      'content-length': '8',
    });
  });

  test.each([200, 201, 202, 204, 299])('%i is taken', async (code) => {
    const { url, requests } = await start(status(code));

    await post(client(), url);

    expect(requests).toHaveLength(1);
  });

  test.each([
    ['500', status(500)],
    ['502', status(502)],
    ['503', status(503)],
    ['408', status(408)],
    ['429', status(429)],
    ['no answer', hangUp],
  ])('%s is tried again until it works', async (_name, failure) => {
    const { url, requests } = await start(failure, failure, status(200));

    await post(client(), url);

    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ body }) => body))).toEqual(new Set(['{"a":1}']));
  });

  test.each([
    [500, 'unavailable'],
    [408, 'timeout'],
    [429, 'rate-limited'],
  ])('%i for ever ends after the retries as %s', async (code, expected) => {
    const { url, requests } = await start(status(code));

    const error = await refusalOf(post(client(), url));

    expect(error.code).toBe(expected);
    expect(requests).toHaveLength(3);
  });

  test.each([
    [400, 'bad-request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'conflict'],
    [410, 'gone'],
    [418, 'bad-request'],
  ])('%i is not tried again: %s', async (code, expected) => {
    const { url, requests } = await start(status(code));

    const error = await refusalOf(post(client(), url));

    expect(error.code).toBe(expected);
    expect(requests).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect (%i) is refused, its target is not asked',
    async (code) => {
      const target = await startCaptureServer(status(200));
      const { url, requests } = await start(status(code, { location: `${target.url}/elsewhere` }));

      await expect(post(client(), url)).rejects.toBeInstanceOf(AppError);

      expect(requests).toHaveLength(1);
      expect(target.requests).toHaveLength(0);
      await target.close();
    },
  );

  test('headers are made anew for every try', async () => {
    const { url, requests } = await start(status(500), status(500), status(200));
    let tries = 0;

    await client().post({ url, body: '', headers: () => ({ 'x-try': String(++tries) }) }, never);

    expect(requests.map(({ headers }) => headers['x-try'])).toEqual(['1', '2', '3']);
  });

  test('a connection is used again', async () => {
    const ports: (number | undefined)[] = [];
    const { url } = await start((response) => {
      ports.push(response.socket?.remotePort);
      response.end('taken');
    });
    const http = client();

    await post(http, url);
    await post(http, url);

    expect(ports[0]).toBe(ports[1]);
  });

  test('a signal that fires ends the waiting for an answer', async () => {
    const stop = new AbortController();
    const { url, requests } = await start((response) => {
      silence(response, { method: '', url: '', headers: {}, body: '' });
      stop.abort(new Error('shutting down'));
    });

    await expect(post(client(), url, stop.signal)).rejects.toThrow('shutting down');

    expect(requests).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  test('seconds are waited for', async () => {
    const clock = createHastyClock();
    const { url, requests } = await start(
      status(503, { 'retry-after': '7' }),
      status(429, { 'retry-after': '2' }),
      status(200),
    );

    await post(client({ clock }), url);

    expect(clock.waits).toEqual([7000, 2000]);
    expect(requests).toHaveLength(3);
  });

  test('a date is waited for', async () => {
    const clock = createHastyClock();
    const { url } = await start(
      status(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }),
      // The first wait brought the clock here.
      status(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }),
      status(200),
    );

    await post(client({ clock }), url);

    expect(clock.waits).toEqual([9000, 1000]);
  });

  test('a long one is given back instead of waited for', async () => {
    const clock = createHastyClock();
    const { url, requests } = await start(status(503, { 'retry-after': '3600' }));

    const error = await refusalOf(post(client({ clock }), url));

    expect(error).toMatchObject({ code: 'unavailable', retryAfterMs: 3_600_000 });
    expect(clock.waits).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test('the last answer is not waited for, its wish is given back', async () => {
    const clock = createHastyClock();
    const { url } = await start(status(503, { 'retry-after': '5' }));

    const error = await refusalOf(post(client({ clock, retries: 0 }), url));

    expect(error.retryAfterMs).toBe(5000);
    expect(clock.waits).toEqual([]);
  });

  test('what is final stays final, whatever Retry-After says', async () => {
    const clock = createHastyClock();
    const { url, requests } = await start(status(410, { 'retry-after': '1' }));

    await refusalOf(post(client({ clock }), url));

    expect(clock.waits).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['9999999999999', undefined],
  ])('"%s" is %p ms', (text, expected) => {
    expect(parseRetryAfter(text, new Date('2026-01-01T00:00:00Z'))).toBe(expected);
  });
});

test('asks for no compression, for it would not unpack it', async () => {
  const { url, requests } = await start(status(200));
  const http = client();

  await post(http, url);
  await http.get(url, never);
  await http.ask({ url, body: '', headers: () => ({}) }, never);

  expect(requests.map(({ headers }) => headers['accept-encoding'])).toEqual([
    'identity',
    'identity',
    'identity',
  ]);
});

describe('answers that are a burden', () => {
  const pour = (response: ServerResponse): void => {
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(1024), () => setImmediate(more));
    };
    more();
  };

  test('a 2xx counts however long its body is: the event was taken, a second one would be a duplicate', async () => {
    const { url, requests } = await start(status(200, {}, 'x'.repeat(10 * 1024 * 1024)));

    await post(client(), url);

    expect(requests).toHaveLength(1);
  });

  test('an endless body of a 2xx does not hold the caller, and its connection is cut', async () => {
    const cut = Promise.withResolvers<undefined>();
    const { url, requests } = await start((response) => {
      response.on('close', () => cut.resolve(undefined));
      response.writeHead(200);
      pour(response);
    });

    await post(client(), url);

    await cut.promise;
    expect(requests).toHaveLength(1);
  });

  test('the status of an error counts however long its body is', async () => {
    const { url, requests } = await start(status(410, {}, 'x'.repeat(10 * 1024 * 1024)));

    const error = await refusalOf(post(client(), url));

    expect(error.code).toBe('gone');
    expect(requests).toHaveLength(1);
  });

  test('no answer in time is a timeout, tried again', async () => {
    const { url, requests } = await start(silence);

    const error = await refusalOf(post(client({ timeoutMs: 50, retries: 1 }), url));

    expect(error.code).toBe('timeout');
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test('a body that stops half way does not hold the caller longer than one try may take', async () => {
    const cut = Promise.withResolvers<undefined>();
    const { url } = await start((response) => {
      response.on('close', () => cut.resolve(undefined));
      response.writeHead(410).write('half');
    });

    const error = await refusalOf(post(client({ timeoutMs: 100, retries: 0 }), url));

    // On a machine that is very slow the answer's head may come too late as well.
    await cut.promise;
    expect(['gone', 'timeout']).toContain(error.code);
  });
});

describe('what errors say', () => {
  const failures: readonly (readonly [string, Answer])[] = [
    ['400', status(400)],
    ['500', status(500)],
    ['302', status(302, { location: '/elsewhere' })],
    ['no answer', hangUp],
    ['an echo of the request', (response, request) => response.writeHead(403).end(request.url)],
    ['headers with secrets', json(401, { secret: 'body-canary' }, { 'x-secret': 'header-canary' })],
  ];

  test.each(failures)('%s: the host, never path, query, credentials or bodies', async (_name, answer) => {
    const { url } = await start(answer);
    const withUser = url.replace('http://', 'http://user:password-canary@');

    const error = await refusalOf(post(client({ retries: 0 }), `${withUser}${secretPath}`));

    expect(error.message).toContain(new URL(url).host);
    for (let one: unknown = error; one instanceof Error; one = one.cause) {
      expect(JSON.stringify(one) + String(one)).not.toContain('canary');
    }
  });

  test('a host that refuses the connection is named with the cause', async () => {
    const gone = await startCaptureServer(status(200));
    await gone.close();

    const error = await refusalOf(post(client({ retries: 0 }), `${gone.url}${secretPath}`));

    expect(error.code).toBe('unavailable');
    expect(error.message).toBe(`no answer from ${new URL(gone.url).host} (ECONNREFUSED)`);
  });

  test('an address that is none shows nothing of itself', async () => {
    const error = await refusalOf(post(client({ retries: 0 }), 'not a url canary'));

    expect(error.message).not.toContain('canary');
  });
});

describe('ask', () => {
  function ask(http: Http, url: string): ReturnType<Http['ask']> {
    return http.ask({ url, body: '{}', headers: () => ({ authorization: 'Bearer x' }) }, never);
  }

  test.each([200, 202, 302, 404, 409, 429, 500, 503])(
    'gives an answer of %i with its body, after one try',
    async (code) => {
      const { url, requests } = await start(
        json(code, { a: 'ü' }, { location: '/elsewhere', 'retry-after': '1' }),
      );

      expect(await ask(client(), url)).toEqual({ status: code, body: '{"a":"ü"}', retryAfterMs: 1000 });
      expect(requests).toHaveLength(1);
      expect(requests[0]?.headers).toMatchObject({
        authorization: 'Bearer x',
        'user-agent': 'updatekate-test',
      });
    },
  );

  test('gets where it is told to, without a body', async () => {
    const { url, requests } = await start(json(200, {}));

    await client().ask({ method: 'GET', url, body: '', headers: () => ({}) }, never);

    expect(requests).toMatchObject([{ method: 'GET', body: '' }]);
  });

  test.each(['', ' {"a": 1}\n', 'no JSON', '"'])('sends the body as it is: %j', async (body) => {
    const { url, requests } = await start(status(200));

    await client().post({ url, body, headers: () => ({}) }, never);

    expect(requests[0]?.body).toBe(body);
  });

  test('puts where it is told to', async () => {
    const { url, requests } = await start(status(201));

    await client().ask(
      { method: 'PUT', url, body: '{"ü":1}', headers: () => ({ 'if-match': '"a"' }) },
      never,
    );

    expect(requests).toMatchObject([{ method: 'PUT', body: '{"ü":1}', headers: { 'if-match': '"a"' } }]);
  });

  test.each([
    ['"a b"', '"a b"'],
    ['W/"a"', 'W/"a"'],
    // Artifactory's has no quotes.
    ['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['', undefined],
  ])('gives the entity tag as it came: %s', async (sent, given) => {
    const { url } = await start(status(200, { etag: sent }));

    expect((await ask(client(), url)).etag).toBe(given);
  });

  test('takes an answer as long as it is told to', async () => {
    const body = 'x'.repeat(64 * 1024 + 1);
    const { url } = await start(status(200, {}, body));

    expect(await ask(client({ maxAnswerBytes: body.length }), url)).toEqual({ status: 200, body });
    await expect(ask(client({ maxAnswerBytes: body.length - 1 }), url)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  test.each([429, 503, 410])(
    'knows a refusal by its status, however long the page about it: %i',
    async (code) => {
      const page = 'x'.repeat(64 * 1024 + 1);
      const { url } = await start(status(code, { 'retry-after': '60' }, page));

      expect(await ask(client(), url)).toMatchObject({ status: code, body: '', retryAfterMs: 60_000 });
    },
  );

  test.each([
    ['no answer', hangUp, 'unavailable'],
    ['a body that is too long', status(200, {}, 'x'.repeat(64 * 1024 + 1)), 'unavailable'],
    ['no answer in time', silence, 'timeout'],
  ])('%s is a failure, after one try', async (_what, answer, code) => {
    const { url, requests } = await start(answer);
    const http = client({ timeoutMs: answer === silence ? 50 : 60_000 });

    await expect(ask(http, url)).rejects.toMatchObject({ code });
    expect(requests.length).toBeLessThanOrEqual(1);
  });
});

describe('get', () => {
  test('gives the body of a 2xx, after one try', async () => {
    const { url, requests } = await start(json(200, { a: 'ü' }));

    expect(await client().get(`${url}/keys?a=b`, never)).toBe('{"a":"ü"}');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/keys?a=b', body: '' });
    expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'updatekate-test' });
  });

  test.each([
    ['404', status(404), 'not-found'],
    ['500', status(500), 'unavailable'],
    ['a redirect', status(302, { location: 'http://127.0.0.1:1/elsewhere' }), 'bad-request'],
    ['no answer', hangUp, 'unavailable'],
    ['a body that is too long', status(200, {}, 'x'.repeat(64 * 1024 + 1)), 'unavailable'],
    ['no answer in time', silence, 'timeout'],
  ])('%s is a failure, after one try', async (_what, answer, code) => {
    const { url, requests } = await start(answer);
    const http = client({ timeoutMs: answer === silence ? 50 : 60_000 });

    await expect(http.get(url, never)).rejects.toMatchObject({ code });
    expect(requests.length).toBeLessThanOrEqual(1);
  });

  test('ends when the signal fires', async () => {
    const stop = new AbortController();
    const { url } = await start((response) => {
      silence(response, { method: '', url: '', headers: {}, body: '' });
      stop.abort(new Error('shutting down'));
    });

    await expect(client().get(url, stop.signal)).rejects.toBeInstanceOf(AppError);
  });
});
