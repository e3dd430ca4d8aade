import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import { quayPush, startApp, type AppChanges, type StartedApp } from '../support/http-app.ts';

const token = 'right-canary-7f1c';
const wrong = 'wrong-canary-7f1c';
let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(changes: AppChanges['webhook'] = {}): Promise<StartedApp> {
  app = await startApp({ webhook: { token, ...changes } });
  return app;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Path and headers with which `secret` is presented, in every way there is. */
function presentations(
  secret: string,
): readonly (readonly [string, string, Readonly<Record<string, string>>])[] {
  return [
    ['last part of the path', `/webhook/quay/${secret}`, {}],
    ['query', `/webhook?token=${secret}`, {}],
    ['query of a source', `/webhook/quay?token=${secret}`, {}],
    ['Bearer', '/webhook', { authorization: `Bearer ${secret}` }],
    ['bearer in lower case', '/webhook', { authorization: `bearer ${secret}` }],
    ['Basic password', '/webhook', { authorization: basic('any', secret) }],
    ['Basic password without a user', '/webhook', { authorization: basic('', secret) }],
  ];
}

describe('the secret of the webhook', () => {
  test.each(presentations(token))('is taken as %s', async (_name, path, headers) => {
    const { post, received } = await start();

    const response = await post(path, quayPush('1.1.0'), headers);

    expect(response.status).toBe(202);
    expect(received).toHaveLength(1);
  });

  test.each([
    ['missing', '/webhook', {}],
    ['missing, with a source', '/webhook/quay', {}],
    ...presentations(wrong),
    ...presentations(`${token}x`),
    ...presentations(token.slice(0, -1)),
    ...presentations(token.toUpperCase()),
    ['empty in the query', '/webhook?token=', {}],
    ['twice in the query', `/webhook?token=${token}&token=${token}`, {}],
    ['as user instead of password', '/webhook', { authorization: basic(token, '') }],
    ['of another scheme', '/webhook', { authorization: `Digest ${token}` }],
    ['without a scheme', '/webhook', { authorization: token }],
    ['in a header of its own', '/webhook', { 'x-token': token }],
    ['in the body, in a field of another name', '/webhook', {}],
  ] as const)('%s (%s, %p) is 401, always in the same words', async (_name, path, headers) => {
    const { post, received } = await start();

    const response = await post(path, { ...quayPush('1.1.0'), password: token }, headers);

    expect(response.status).toBe(401);
    expect(await response.text()).toBe(
      '{"error":{"code":"unauthorized","message":"the secret is missing or wrong"}}',
    );
    expect(received).toHaveLength(0);
  });

  test('is asked for before the body is looked at', async () => {
    const { post } = await start();

    expect((await post('/webhook', 'junk')).status).toBe(401);
    expect((await post('/webhook', 'junk', { 'content-encoding': 'gzip' })).status).toBe(401);
    expect((await post(`/webhook?token=${token}`, 'junk')).status).toBe(400);
  });

  test('with colons and more is a Basic password as a whole', async () => {
    const odd = 'a:b:ü€ c';
    const { post } = await start({ token: odd });

    const response = await post('/webhook', quayPush('1'), { authorization: basic('user', odd) });

    expect(response.status).toBe(202);
  });

  test('is percent-decoded in path and query', async () => {
    const odd = 'a/b+c d%&?ü';
    const { post } = await start({ token: odd });

    expect((await post(`/webhook/quay/${encodeURIComponent(odd)}`, quayPush('1'))).status).toBe(202);
    expect((await post(`/webhook?token=${encodeURIComponent(odd)}`, quayPush('1'))).status).toBe(202);
  });

  test('is not asked for where none is configured', async () => {
    app = await startApp();

    expect((await app.post('/webhook', quayPush('1'))).status).toBe(202);
    expect((await app.post('/webhook/quay/whatever', quayPush('1'))).status).toBe(202);
  });
});

describe('no secret in the log', () => {
  const outcomes: readonly (readonly [string, AppChanges['webhook'], unknown, number])[] = [
    ['taken', {}, quayPush('1'), 202],
    ['refused', {}, 'junk', 400],
    ['a fault', { receive: () => Promise.reject(new Error('a fault')) }, quayPush('1'), 500],
    [
      'unavailable',
      { receive: () => Promise.reject(new AppError('unavailable', 'disk')) },
      quayPush('1'),
      503,
    ],
    ['too fast', { ratePerSecond: 1 }, quayPush('1'), 429],
  ];

  test.each(outcomes)('when the answer is: %s', async (_name, changes, body, expected) => {
    const { post, lines } = await start(changes);
    const statuses: number[] = [];

    for (const secret of [token, wrong]) {
      for (const [, path, headers] of presentations(secret))
        statuses.push((await post(path, body, headers)).status);
      for (const path of [`/webhook/nope/${secret}`, `/webhook/quay/${secret}/more`, `/${secret}`]) {
        statuses.push((await post(path, body)).status);
      }
      // 429 needs company within the second.
      if (expected === 429) {
        const rush = presentations(secret).map(([, path, headers]) => post(path, body, headers));
        statuses.push(...(await Promise.all(rush)).map(({ status }) => status));
      }
    }

    expect(statuses).toContain(expected);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('')).not.toContain('canary');
  });

  test('nor of the administrator', async () => {
    app = await startApp({ adminToken: token, info: () => Promise.reject(new Error('a fault')) });

    await app.get('/info', { authorization: `Bearer ${token}` });
    await app.get(`/info?token=${wrong}`);

    expect(app.lines).toHaveLength(2);
    expect(app.lines.join('')).not.toContain('canary');
  });
});
