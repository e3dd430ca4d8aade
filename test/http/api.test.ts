import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { ReplayResult } from '../../src/flows/replay.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';

const token = 'admin-canary-7f1c9a';
const bearer = { authorization: `Bearer ${token}` };
const path = '/api/v1/updates/up-1/replay';
const due: ReplayResult = { kind: 'due', receivers: ['webhook'] };
let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** The server over a flow that gives this result; the orders that reach it are kept. */
async function start(
  result: ReplayResult | Error = due,
  adminToken: string | undefined = token,
): Promise<StartedApp & { readonly orders: readonly (readonly [string, string | undefined])[] }> {
  const orders: (readonly [string, string | undefined])[] = [];
  app = await startApp({
    adminToken,
    replay(name, receiver) {
      orders.push([name, receiver]);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
  });
  return { ...app, orders };
}

async function errorOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { readonly error: unknown }).error;
}

describe('POST /api/v1/updates/:name/replay', () => {
  test.each([
    ['no body', '', undefined],
    ['an empty object', {}, undefined],
    ['a receiver', { receiver: 'webhook' }, 'webhook'],
  ])('with %s is 202 and says who is told', async (_what, body, receiver) => {
    const { post, orders } = await start();

    const response = await post(path, body, bearer);

    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ update: 'up-1', receivers: ['webhook'] });
    expect(orders).toEqual([['up-1', receiver]]);
  });

  test('takes the name out of the path, decoded', async () => {
    const { post, orders } = await start();

    await post('/api/v1/updates/a%2Fb%20c/replay', '', bearer);

    expect(orders).toEqual([['a/b c', undefined]]);
  });

  test.each([
    ['not-found', 404],
    ['conflict', 409],
  ] as const)('that is %s is %i, with why', async (kind, status) => {
    const { post } = await start({ kind, message: 'because' });

    const response = await post(path, '', bearer);

    expect(response.status).toBe(status);
    expect(await errorOf(response)).toEqual({ code: kind, message: 'because' });
  });

  test.each([
    ['no JSON', 'junk'],
    ['a list', []],
    ['null', 'null'],
    ['a receiver that is no text', { receiver: 1 }],
    ['a key that means nothing', { reciever: 'webhook' }],
  ])('with %s is 400', async (_what, body) => {
    const { post, orders } = await start();

    expect((await post(path, body, bearer)).status).toBe(400);
    expect(orders).toEqual([]);
  });

  test('with a body over the limit is 413', async () => {
    const { post } = await start();

    expect((await post(path, 'x'.repeat(1024 * 1024 + 1), bearer)).status).toBe(413);
  });

  test('by another method is 405', async () => {
    const { get } = await start();

    const response = await get(path, bearer);

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test.each([
    ['the store away', new AppError('unavailable', 'sqlite: canary'), 503],
    // What the store's server forbids us is not what we forbid the caller.
    ['the store forbidden', new AppError('forbidden', 'kubernetes: canary'), 503],
    ['a fault', new Error('canary'), 500],
  ])('with %s says nothing about the inside', async (_what, error, status) => {
    const { post } = await start(error);

    const response = await post(path, '', bearer);

    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('canary');
  });
});

describe('the administrator', () => {
  test.each([
    ['no token', {}],
    ['a wrong one', { authorization: `Bearer ${token}x` }],
    ['a shorter one', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['another scheme', { authorization: `Digest ${token}` }],
  ])('with %s is refused before the body is looked at', async (_what, headers) => {
    const { post, orders } = await start();

    const response = await post(path, 'junk', headers);

    expect(response.status).toBe(401);
    expect(await errorOf(response)).toEqual({
      code: 'unauthorized',
      message: 'the secret is missing or wrong',
    });
    expect(orders).toEqual([]);
  });

  test.each([bearer, {}])(
    'cannot be where no token is configured, whatever is presented: %p',
    async (headers) => {
      app = await startApp({ adminToken: undefined });

      const response = await app.post(path, '', headers);

      expect(response.status).toBe(403);
      expect(await errorOf(response)).toEqual({
        code: 'forbidden',
        message: 'orders are refused as long as the service has no UK_ADMIN_TOKEN',
      });
    },
  );

  test('leaves no token in the log', async () => {
    const { post, lines } = await start(new Error('a fault'));

    await post(path, '', bearer);
    await post(path, '', { authorization: `Bearer ${token}x` });
    await post(`${path}?token=${token}`, '');

    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain('canary');
  });
});
