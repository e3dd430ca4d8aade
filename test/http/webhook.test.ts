import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Registry } from '../../src/core/registry.ts';
import { quayPush, startApp, type AppChanges, type StartedApp } from '../support/http-app.ts';

let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(changes: AppChanges = {}): Promise<StartedApp> {
  app = await startApp(changes);
  return app;
}

/** Status and code of an error answer, which must have the one documented shape. */
async function refusal(response: Response): Promise<{ readonly status: number; readonly code: string }> {
  const body = (await response.json()) as { readonly error: { readonly code: string } };
  expect(body).toEqual({
    error: { code: expect.any(String) as unknown, message: expect.any(String) as unknown },
  });
  return { status: response.status, code: body.error.code };
}

describe('what is taken', () => {
  test('pushes that are kept until they can be decided are 202, and the answer says so', async () => {
    const { post } = await start({
      webhook: {
        receive: (pushes) => Promise.resolve({ pushes, decisions: [], updates: [], parked: true as const }),
      },
    });

    const response = await post('/webhook/quay', quayPush('1.1.0'));

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ decisions: [], updates: [], parked: true });
  });

  test.each(['/webhook', '/webhook/quay'])('POST %s with an update recorded is 202', async (path) => {
    const { post, received, answered } = await start();

    const response = await post(path, quayPush('1.1.0'));

    const pushes = [{ repository: 'quay.io/acme/shop', tag: '1.1.0', digest: null }];
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ pushes, decisions: [], updates: ['up-1.1.0'] });
    expect(received).toEqual([{ pushes, dryRun: false }]);
    expect(answered).toEqual(['quay 202']);
  });

  test('a repository that nobody tracks is 200', async () => {
    const { post, answered } = await start({
      webhook: { receive: (pushes) => Promise.resolve({ pushes, decisions: [], updates: [] }) },
    });

    const response = await post('/webhook', quayPush('1.1.0'));

    expect(response.status).toBe(200);
    expect(answered).toEqual(['quay 200']);
  });

  test('an event that is no push is 200 and reaches the flow without pushes', async () => {
    const { post, received } = await start();
    const { updated_tags, ...event } = quayPush('1.1.0');

    const response = await post('/webhook', { ...event, build_id: '1', docker_tags: updated_tags });

    expect(response.status).toBe(200);
    expect(received).toEqual([{ pushes: [], dryRun: false }]);
  });

  test.each([
    ['?dryRun=true', true],
    ['?dryRun=false', false],
    ['?dryRun=1', false],
    ['?dryRun=true&dryRun=false', false],
    ['', false],
  ])('"%s" is a dry run: %p', async (query, dryRun) => {
    const { post, received } = await start();

    const response = await post(`/webhook/quay${query}`, quayPush('1.1.0'));

    expect(response.status).toBe(dryRun ? 200 : 202);
    expect(received[0]?.dryRun).toBe(dryRun);
  });

  test('?registry= names the host where the payload has none', async () => {
    const { post, received } = await start();

    await post('/webhook/quay?registry=quay.example.com:8443', { repository: 'a/b', updated_tags: ['1'] });
    await post('/webhook/quay', { repository: 'a/b', updated_tags: ['1'] });

    expect(received.map(({ pushes }) => pushes[0]?.repository)).toEqual([
      'quay.example.com:8443/a/b',
      'quay.io/a/b',
    ]);
  });

  test.each(['a b', 'quay.io/path', '', 'http://quay.io', 'noDot/', 'plain', '%00', '../..'])(
    '?registry="%s" is no host: 400',
    async (host) => {
      const { post, received } = await start();

      const response = await post(`/webhook/quay?registry=${encodeURIComponent(host)}`, quayPush('1'));

      expect(await refusal(response)).toEqual({ status: 400, code: 'bad-request' });
      expect(received).toHaveLength(0);
    },
  );

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/vnd.docker.distribution.events.v2+json',
  ])('the content type %s makes no difference', async (type) => {
    const { post } = await start();

    expect((await post('/webhook/quay', quayPush('1.1.0'), { 'content-type': type })).status).toBe(202);
  });

  test('headers reach the dialect in lower case, query values as they are', async () => {
    const parse = jest.fn<Registry['parse']>(() => []);
    const { post } = await start({
      webhook: { registries: [{ name: 'test', spec: '', recognises: () => false, parse }] },
    });

    await post('/webhook/test', { a: 1 }, { 'X-Hub-Signature': 'abc' });

    expect(parse).toHaveBeenCalledWith(
      expect.objectContaining({
        body: { a: 1 },
        registryHost: undefined,
        headers: expect.objectContaining({ 'x-hub-signature': 'abc' }) as unknown,
      }),
    );
  });

  test('plain /webhook goes to the dialect that recognises the body, else to the default', async () => {
    const other = {
      name: 'other',
      spec: '',
      recognises: ({ body }: { readonly body: unknown }) => JSON.stringify(body).includes('other'),
      parse: () => [],
    };
    const { post, answered } = await start({ webhook: { registries: [other] } });

    await post('/webhook', { kind: 'other' });
    await post('/webhook', quayPush('1.1.0'));
    await post('/webhook', { neither: true });

    expect(answered).toEqual(['other 200', 'quay 202', 'quay 400']);
  });
});

describe('what is refused', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const bad: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['blanks', ' \n'],
    ['junk', 'junk'],
    ['half a body', '{"updated_tags":["1'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"text"'],
    ['an array', '[]'],
    ['an empty object', '{}'],
    ['another object', '{"invalid":"data"}'],
    ['tags of a wrong type', '{"docker_url":"quay.io/a/b","updated_tags":7}'],
    ['tags that are no texts', '{"docker_url":"quay.io/a/b","updated_tags":[1.1]}'],
    ['a repository of a wrong type', '{"docker_url":{"a":1},"updated_tags":["1"]}'],
    ['a repository that is none', '{"docker_url":"quay.io/../etc","updated_tags":["1"]}'],
    ['a __proto__ key', '{"docker_url":"quay.io/a/b","updated_tags":["1"],"x":{"__proto__":{"polluted":1}}}'],
    ['a constructor key', '{"docker_url":"quay.io/a/b","updated_tags":["1"],"constructor":{}}'],
    ['a prototype key', '{"docker_url":"quay.io/a/b","updated_tags":["1"],"y":[{"prototype":{}}]}'],
    ['an escaped __proto__ key', '{"docker_url":"quay.io/a/b","updated_tags":["1"],"\\u005f_proto__":{}}'],
    ['too many levels', `{"docker_url":"quay.io/a/b","updated_tags":["1"],"x":${deep(65)}}`],
    ['levels deeper than any stack', `{"x":${deep(200_000)}}`],
    ['bytes that are no text', '\u0000\u0001\ufffd'],
  ];

  test.each(bad)('%s is 400 and reaches nothing', async (_name, body) => {
    const { post, received } = await start();

    for (const path of ['/webhook', '/webhook/quay']) {
      expect(await refusal(await post(path, body))).toEqual({ status: 400, code: 'bad-request' });
    }

    expect(received).toHaveLength(0);
    expect({}).not.toHaveProperty('polluted');
  });

  test('as many levels as are allowed are read', async () => {
    const { post } = await start();

    const response = await post(
      '/webhook',
      `{"updated_tags":["1"],"docker_url":"quay.io/a/b","x":${deep(63)}}`,
    );

    expect(response.status).toBe(202);
  });

  test.each(['nope', 'QUAY', 'constructor', '__proto__', 'quay%20', '..%2f'])(
    'the source "%s" is 404 and its name counts nowhere',
    async (source) => {
      const { post, answered } = await start();

      const response = await post(`/webhook/${source}`, quayPush('1'));

      expect(await refusal(response)).toEqual({ status: 404, code: 'unknown-source' });
      expect(answered).toEqual(['unknown 404']);
    },
  );

  test('a path that cannot be decoded is 400', async () => {
    const { post } = await start();

    expect(await refusal(await post('/webhook/%E0%A4%A', '{}'))).toEqual({
      status: 400,
      code: 'bad-request',
    });
  });

  test.each(['/', '/nothing', '/webhook/quay/token/more', '/webhooks', '/.env'])(
    'POST %s is 404',
    async (path) => {
      const { post } = await start();

      expect(await refusal(await post(path, '{}'))).toEqual({ status: 404, code: 'not-found' });
    },
  );

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is 405 and says what is allowed',
    async (method) => {
      const { url } = await start();

      for (const path of ['/webhook', '/webhook/quay', '/webhook/quay/token']) {
        const response = await fetch(`${url}${path}`, { method });
        expect(response.status).toBe(405);
        expect(response.headers.get('allow')).toBe('POST, OPTIONS');
      }
    },
  );

  test.each(['gzip', 'deflate', 'br', 'zstd', 'x-unknown'])(
    'Content-Encoding %s is 415',
    async (encoding) => {
      const { post, received } = await start();

      const response = await post('/webhook', quayPush('1'), { 'content-encoding': encoding });

      expect(await refusal(response)).toEqual({ status: 415, code: 'unsupported-encoding' });
      expect(received).toHaveLength(0);
    },
  );

  test('Content-Encoding identity is taken', async () => {
    const { post } = await start();

    expect((await post('/webhook', quayPush('1'), { 'content-encoding': 'identity' })).status).toBe(202);
  });

  test('more than the rate is 429 with Retry-After', async () => {
    const { post, answered } = await start({ webhook: { ratePerSecond: 1 } });

    const refused: Response[] = [];
    // However slow the machine is, two of these fall into one second before long.
    while (refused.length === 0) {
      const pair = await Promise.all([post('/webhook', quayPush('1')), post('/webhook', quayPush('1'))]);
      refused.push(...pair.filter(({ status }) => status === 429));
    }

    const response = refused[0] ?? Response.error();
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await refusal(response)).toEqual({ status: 429, code: 'rate-limited' });
    expect(answered[0]).toBe('quay 202');
    expect(answered).toContain('unknown 429');
  });

  test('behind a proxy the rate limiter keeps quiet', async () => {
    const said = [jest.spyOn(console, 'error'), jest.spyOn(console, 'warn')];
    const { post } = await start({ webhook: { ratePerSecond: 1000 } });

    await post('/webhook', quayPush('1'), { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' });

    for (const spy of said) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe('what goes wrong inside', () => {
  const failing = (error: Error): AppChanges => ({ webhook: { receive: () => Promise.reject(error) } });

  test('a store that cannot write is 503, without its words', async () => {
    const cause = new Error('SQLITE_FULL canary');
    const { post, lines } = await start(
      failing(new AppError('unavailable', 'sqlite: /data/canary.db: disk full', { cause })),
    );

    const response = await post('/webhook', quayPush('1'));

    const text = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'unavailable' } });
    expect(text).not.toMatch(/canary|sqlite|disk/i);
    expect(lines.join('')).toContain('/data/canary.db');
  });

  test('503 says when to come again, if that is known', async () => {
    const { post } = await start(
      failing(new AppError('unavailable', 'the workloads are not known yet', { retryAfterMs: 4001 })),
    );

    const response = await post('/webhook', quayPush('1'));

    expect(response.headers.get('retry-after')).toBe('5');
    expect(await refusal(response)).toEqual({ status: 503, code: 'unavailable' });
  });

  test.each([
    ['an error', new Error('canary')],
    ['a TypeError', new TypeError('canary is not a function')],
    ['an error that poses as an answer', Object.assign(new Error('canary'), { status: 503, expose: true })],
  ])('%s is 500, without its words, and logged with them', async (_name, error) => {
    const { post, lines, answered } = await start(failing(error));

    const response = await post('/webhook', quayPush('1'));

    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal' } });
    expect(text).not.toContain('canary');
    expect(lines.join('')).toContain('canary');
    expect(answered).toEqual(['quay 500']);
  });

  test('the server goes on after a fault', async () => {
    const { post, get } = await start(failing(new Error('canary')));

    await post('/webhook', quayPush('1'));

    expect((await get('/healthz')).status).toBe(200);
  });
});
