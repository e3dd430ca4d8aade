import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runCli } from '../support/cli-process.ts';
import { json, startCaptureServer, status, type CaptureServer } from '../support/capture-server.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';

const token = 'admin-canary-of-this-test';
const environment = { UK_ADMIN_TOKEN: token };

describe('updatekate replay, with a running service', () => {
  const folder = aFolder();
  let service: RunningService;
  let receiver: EventReceiver;
  let name = '';

  beforeAll(async () => {
    receiver = await startEventReceiver();
    service = await runService({
      ...{ UK_CLUSTER: 'embedded', UK_DEPLOYMENT: 'shop', UK_REPO: 'quay.io/updatekate/shop' },
      ...{ UK_DATA_DIR: folder.path, UK_ROLLOUT_POLL: '200ms', UK_EMBEDDED_POD_READY: '10ms' },
      ...{ UK_WEBHOOK: receiver.url, UK_WEBHOOK_SECRET: receiver.secret, UK_ADMIN_TOKEN: token },
    });
    const { answer } = await service.push('quay.io/updatekate/shop', '1.1.0');
    name = answer.updates[0] ?? '';
    await receiver.find(({ type }) => type === 'update.succeeded');
  });
  afterAll(async () => {
    await service.stop();
    await receiver.close();
    folder.remove();
  });

  /** The nth event that came. */
  const nth = (n: number): Promise<unknown> => receiver.find(() => receiver.events.length >= n);

  test('sends the event a second time, with the same id and words', async () => {
    const before = receiver.events.length;

    const end = await runCli(['replay', name], { ...environment, UK_URL: service.url });
    await nth(before + 1);

    expect(end).toEqual({ code: 0, stdout: `${name} is told again to webhook\n`, stderr: '' });
    expect(receiver.events).toHaveLength(before + 1);
    expect(receiver.events.at(-1)).toEqual(receiver.events[0]);
    expect(receiver.events.at(-1)?.id).toBe(`${name}-succeeded`);
  });

  test('finds the service of its own machine, and takes the token from a file: kubectl exec', async () => {
    const before = receiver.events.length;
    const file = join(folder.path, 'token');
    writeFileSync(file, `${token}\n`);

    const end = await runCli(['replay', '--receiver', 'webhook', name], {
      ...{ UK_ADMIN_TOKEN_FILE: file, UK_PORT: String(service.service.port) },
    });
    await nth(before + 1);

    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(receiver.events.at(-1)).toEqual(receiver.events[0]);
  });

  test.each([
    ['an update nobody knows', ['up-0'], '404: there is no update up-0'],
    [
      'a receiver nobody knows',
      ['up-any', '--receiver', 'sms'],
      '404: there is no receiver sms; known: webhook',
    ],
  ])('%s: one line with why, exit code 1', async (_what, args, why) => {
    const given = args.map((arg) => (arg === 'up-any' ? name : arg));

    const end = await runCli(['replay', ...given, '--url', `${service.url}/`], environment);

    expect(end).toEqual({
      code: 1,
      stdout: '',
      stderr: `updatekate replay: the service answered ${why}\n`,
    });
  });

  test('a wrong token is refused, and not shown', async () => {
    const end = await runCli(['replay', name, '--url', service.url], { UK_ADMIN_TOKEN: `${token}x` });

    expect(end).toEqual({
      code: 1,
      stdout: '',
      stderr: 'updatekate replay: the service answered 401: the secret is missing or wrong\n',
    });
  });
});

describe('updatekate replay', () => {
  const usage = 'usage: updatekate replay NAME [--receiver RECEIVER] [--url URL]\n';
  let server: CaptureServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test.each([
    ['replay', '--help'],
    ['replay', 'up-1', '-h'],
  ])('%s %s says how it is called', async (...args) => {
    const { code, stdout } = await runCli(args);

    expect(code).toBe(0);
    expect(stdout.startsWith(usage)).toBe(true);
  });

  test.each([
    ['no name', [], 'it takes the name of one update'],
    ['two names', ['up-1', 'up-2'], 'it takes the name of one update'],
    ['an option that is none', ['up-1', '--reciever', 'x'], "Unknown option '--reciever'"],
    ['an option without its value', ['up-1', '--receiver'], "Option '--receiver <value>' argument missing"],
  ])('%s is a wrong call, and nothing is sent', async (_what, args, why) => {
    server = await startCaptureServer(json(202, {}));

    const { code, stderr } = await runCli(['replay', ...args], { ...environment, UK_URL: server.url });

    expect(code).toBe(2);
    expect(stderr).toContain(`updatekate replay: ${why}`);
    expect(stderr.endsWith(usage)).toBe(true);
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['no token', {}, [], 'UK_ADMIN_TOKEN is not set: an order needs it'],
    [
      'a short token',
      { UK_ADMIN_TOKEN: 'canary' },
      [],
      'UK_ADMIN_TOKEN=*** is not allowed; allowed: at least 16 characters',
    ],
    [
      'an address that is none',
      { ...environment, UK_URL: 'updatekate:8888' },
      [],
      'UK_URL=*** is not allowed; allowed: an http or https URL',
    ],
    [
      'an option that is no address',
      environment,
      ['--url', 'joe:canary@here'],
      '--url *** is not allowed; allowed: an http or https URL',
    ],
  ])('%s is a wrong call', async (_what, variables, args, why) => {
    const end = await runCli(['replay', 'up-1', ...args], variables);

    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(`updatekate replay: ${why}\n`);
    expect(end.stderr).not.toContain('canary');
  });

  test('posts the order as administrator', async () => {
    server = await startCaptureServer(json(202, { update: 'a/b', receivers: ['webhook', 'slack'] }));

    const end = await runCli(['replay', 'a/b', '--url', `${server.url}/uk/`], environment);

    expect(end).toEqual({ code: 0, stdout: 'a/b is told again to webhook, slack\n', stderr: '' });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/uk/api/v1/updates/a%2Fb/replay',
        body: '{}',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      },
    ]);
  });

  test.each([
    ['another program', status(200, {}, '<html>'), 'the answer is not understood: is it Updatekate'],
    ['something in between', status(502, {}, 'bad gateway'), 'the service answered 502, and no reason'],
    ['one that turns the caller away', status(302, { location: '/login' }), 'the service answered 302'],
  ])('an answer of %s is a failure after one try', async (_what, answer, why) => {
    server = await startCaptureServer(answer);

    const { code, stdout, stderr } = await runCli(['replay', 'up-1', '--url', server.url], environment);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(why);
    expect(server.requests).toHaveLength(1);
  });

  test('no answer is a failure', async () => {
    const gone = await startCaptureServer(status(500));
    await gone.close();

    const { code, stderr } = await runCli(['replay', 'up-1', '--url', gone.url], environment);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^updatekate replay: no answer from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\n$/);
  });
});
