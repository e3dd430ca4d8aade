import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { close, listen } from '../../src/http/server.ts';
import { bareApp, finishApp, type StatusOptions } from '../../src/http/status.ts';
import { createFakeLog } from '../support/fake-log.ts';

/** A process that answers nothing but what every process does: `updatekate notify`. */
let server: Server;
let url: string;
let reasons: string[];
let log: ReturnType<typeof createFakeLog>;
let render: StatusOptions['metrics']['render'];

beforeEach(async () => {
  [reasons, log] = [[], createFakeLog()];
  render = () => Promise.resolve('up 1\n');
  const metrics = { contentType: 'text/plain; version=0.0.4', render: () => render() };
  server = await listen(finishApp(bareApp(), { notReady: () => reasons, metrics, log }), 0);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => close(server));

describe('a process without routes of its own', () => {
  test('is alive, whatever stands in the way of its work', async () => {
    reasons.push('the workloads are not known yet');
    const response = await fetch(`${url}/healthz`);

    expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  });

  test('is ready when nothing stands in the way, and else says all that does', async () => {
    reasons.push('the workloads are not known yet', 'the watch of deployments is dead');
    const before = await fetch(`${url}/readyz`);
    reasons.length = 0;
    const after = await fetch(`${url}/readyz`);

    expect([before.status, await before.json()]).toEqual([
      503,
      { ready: false, reasons: ['the workloads are not known yet', 'the watch of deployments is dead'] },
    ]);
    expect([after.status, await after.json()]).toEqual([200, { ready: true, reasons: [] }]);
  });

  test('shows its metrics as what they are', async () => {
    const response = await fetch(`${url}/metrics`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toBe('up 1\n');
  });

  test('says nothing of what went wrong inside, but in its log', async () => {
    const error = new Error('canary');
    render = () => Promise.reject(error);
    const response = await fetch(`${url}/metrics`);

    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"error":{"code":"internal","message":"something went wrong here"}}');
    expect(JSON.stringify(log.lines.map(({ fields }) => String(fields.error ?? fields.reason)))).toContain(
      'canary',
    );
  });

  test.each(['/webhook', '/info', '/vote', '/api/v1/updates', '/nothing'])('has no %s', async (path) => {
    const post = await fetch(`${url}${path}`, { method: 'POST', body: '{}' });
    const get = await fetch(`${url}${path}`);

    expect([post.status, get.status]).toEqual([404, 404]);
    expect(await get.json()).toMatchObject({ error: { code: 'not-found' } });
  });

  test('says nothing about what it is made of, and has browsers guess nothing', async () => {
    const { headers } = await fetch(`${url}/readyz`);

    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});
