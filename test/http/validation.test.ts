import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Way } from '../../src/http/authentication/way.ts';
import { startApp, type AppChanges, type StartedApp } from '../support/http-app.ts';

const token = 'the-right-token-1';
let app: StartedApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function ask(
  changes: AppChanges['webhook'],
  path: string,
  headers: Readonly<Record<string, string>> = { 'webhook-request-origin': 'eventgrid.azure.net' },
): Promise<Response> {
  app = await startApp({ webhook: changes ?? {} });
  return fetch(`${app.url}${path}`, { method: 'OPTIONS', headers });
}

describe('a sender that asks whether it may deliver here', () => {
  test.each([
    ['with the token in the path', { token }, `/webhook/quay/${token}`],
    ['with the token in the query', { token }, `/webhook/quay?token=${token}`],
    ['at plain /webhook', { token }, `/webhook?token=${token}`],
    ['where nothing is asked for', {}, '/webhook/quay'],
  ])('may, %s', async (_how, changes, path) => {
    const response = await ask(changes, path);

    expect(response.status).toBe(200);
    expect(response.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
    expect(response.headers.get('webhook-allowed-rate')).toBe('*');
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(await response.text()).toBe('');
  });

  test('is told the rate, per minute', async () => {
    const response = await ask({ ratePerSecond: 10 }, '/webhook');

    expect(response.headers.get('webhook-allowed-rate')).toBe('600');
  });

  test.each([
    ['without the token', { token }, '/webhook/quay', 401],
    ['with a wrong one', { token }, `/webhook/quay/${token}x`, 401],
    ['at plain /webhook without it', { token }, '/webhook', 401],
    ['for a source that is not there', { token }, `/webhook/nope/${token}`, 404],
  ])('may not, %s', async (_how, changes, path, status) => {
    const response = await ask(changes, path);

    expect(response.status).toBe(status);
    expect(response.headers.get('webhook-allowed-origin')).toBeNull();
  });

  test.each<readonly [string, Way['admits'], number]>([
    ['lets it in', () => Promise.resolve(true), 200],
    ['does not', () => Promise.resolve(false), 401],
    ['cannot tell', () => Promise.reject(new AppError('unavailable', 'no keys')), 503],
  ])('may, if a way besides secrets %s', async (_how, admits, status) => {
    const ways = [{ serves: () => true, admits }];

    expect((await ask({ ways }, '/webhook')).status).toBe(status);
  });

  test.each([
    ['does not say who it is', {}],
    ['says nothing about who it is', { 'webhook-request-origin': '' }],
    ['says what is no host', { 'webhook-request-origin': 'a b<script>' }],
  ])('is answered 405 when it %s', async (_how, headers) => {
    const response = await ask({}, '/webhook/quay', headers);

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  test('cannot guess faster than the rate', async () => {
    app = await startApp({ webhook: { token, ratePerSecond: 1 } });
    const { url } = app;
    const headers = { 'webhook-request-origin': 'x' };
    const guess = (): Promise<Response> => fetch(`${url}/webhook?token=x`, { method: 'OPTIONS', headers });

    const statuses: number[] = [];
    // However slow the machine is, two of these fall into one second before long.
    while (!statuses.includes(429))
      statuses.push(...(await Promise.all([guess(), guess()])).map(({ status }) => status));

    expect(statuses[0]).toBe(401);
  });
});

test('behind a proxy of ours the rate is counted by client', async () => {
  app = await startApp({ webhook: { ratePerSecond: 1, trusted: ['127.0.0.1'] } });
  const { post } = app;
  const from = (client: string): Promise<Response> =>
    post('/webhook/quay', '{}', { 'x-forwarded-for': client });

  // A hundred clients at once: counted as one, ninety-nine would be too many in any second.
  const many = await Promise.all(Array.from({ length: 100 }, (_, n) => from(`198.51.100.${n}`)));
  const statuses: number[] = [];
  while (!statuses.includes(429))
    statuses.push(
      ...(await Promise.all([from('203.0.113.1'), from('203.0.113.1')])).map(({ status }) => status),
    );

  expect(many.map(({ status }) => status)).not.toContain(429);
});
