import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { signVoteLink } from '../../src/core/vote-link.ts';
import { failuresPerAddress } from '../../src/http/limits.ts';
import { startApp, type StartedApp } from '../support/http-app.ts';

const { most, windowMs } = failuresPerAddress;
const adminToken = 'admin-token-canary';
const key = Buffer.alloc(32, 7);
const time = { ms: 0 };
let app: StartedApp;

beforeEach(async () => {
  time.ms = 0;
  app = await startApp({
    ...{ adminToken, nowMs: () => time.ms, webhook: { trusted: ['127.0.0.1'] } },
    replay: () => Promise.resolve({ kind: 'not-found', message: 'there is no such update' }),
    info: () => Promise.reject(new Error('nobody asks for it')),
    voteLinks: {
      ...{ keys: [key], publicUrl: 'https://updatekate.example', now: () => new Date(0) },
      find: () => Promise.resolve(undefined),
      vote: () => Promise.reject(new Error('nobody votes here')),
    },
  });
});
afterEach(() => app.close());

const link = signVoteLink(
  { update: 'up-1', hash: 'h', vote: 'approve', voter: 'ann@acme.example', untilS: 60 },
  key,
);
/** Things to ask with a token or a link, from an address behind our proxy; each gives the status. */
const order = async (token: string, from: string): Promise<Response> =>
  app.post('/api/v1/updates/up-1/replay', '', {
    ...{ authorization: `Bearer ${token}`, 'x-forwarded-for': from },
  });
const info = async (token: string, from: string): Promise<Response> =>
  app.get('/info', { authorization: `Bearer ${token}`, 'x-forwarded-for': from });
const open = async (text: string, from: string): Promise<Response> =>
  app.get(`/vote/${text}`, { 'x-forwarded-for': from });

const guesser = '198.51.100.1';
const other = '198.51.100.2';

async function statuses(times: number, ask: () => Promise<Response>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let count = 0; count < times; count++) all.push((await ask()).status);
  return [...new Set(all)];
}

describe('an address that guesses', () => {
  test('is refused after so many, in the form of the API, and says when to come again', async () => {
    const wrong = await statuses(most, () => order('wrong', guesser));
    time.ms = 1500;
    const refused = await order('wrong', guesser);

    expect(wrong).toEqual([401]);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('59');
    expect(await refused.json()).toEqual({
      error: {
        code: 'rate-limited',
        message: 'too many wrong tokens or links from this address: try again in 59 s',
      },
    });
  });

  test('learns nothing any more, not even by a right token or link, until the time is over', async () => {
    await statuses(most, () => order('wrong', guesser));
    const meanwhile = [
      (await order(adminToken, guesser)).status,
      (await open(link, guesser)).status,
      (await info(adminToken, guesser)).status,
    ];
    time.ms = windowMs;

    expect(meanwhile).toEqual([429, 429, 429]);
    expect((await order(adminToken, guesser)).status).toBe(404);
  });

  test.each([
    ['tokens at /info', () => info('wrong', guesser), 401],
    ['links', () => open(`${link.slice(0, -1)}_`, guesser), 403],
  ])('is as well by %s, and they are counted together', async (_what, guess, status) => {
    const first = await statuses(most - 1, guess);
    const last = await order('wrong', guesser);

    expect([first, last.status, (await guess()).status]).toEqual([[status], 401, 429]);
  });

  test('is in nobody’s way at another address, nor are webhooks and probes', async () => {
    await statuses(most, () => order('wrong', guesser));

    expect((await order(adminToken, other)).status).toBe(404);
    expect((await open(link, other)).status).toBe(404);
    const from = { 'x-forwarded-for': guesser };
    expect((await app.post('/webhook', {}, from)).status).toBe(400);
    expect((await app.get('/healthz', from)).status).toBe(200);
  });

  test('is one network where it has IPv6', async () => {
    let host = 0;
    await statuses(most, () => order('wrong', `2001:db8::${(++host).toString(16)}`));

    expect((await order(adminToken, '2001:db8::ffff')).status).toBe(429);
    expect((await order(adminToken, '2001:db9::1')).status).toBe(404);
  });

  test('cannot take another one by a header where no proxy is trusted', async () => {
    await app.close();
    app = await startApp({ adminToken, nowMs: () => time.ms });
    let host = 0;
    await statuses(most, () => order('wrong', `198.51.100.${++host}`));

    expect((await order('wrong', '192.0.2.1')).status).toBe(429);
  });
});

test('what is right counts for nothing: many people behind one address are not in each other’s way', async () => {
  const right = await statuses(most + 1, () => order(adminToken, guesser));
  const opened = await statuses(most + 1, () => open(link, guesser));
  const together = await Promise.all(Array.from({ length: most + 1 }, () => order(adminToken, guesser)));

  expect([right, opened]).toEqual([[404], [404]]);
  expect(new Set(together.map(({ status }) => status))).toEqual(new Set([404]));
});
