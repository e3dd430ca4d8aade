import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  json,
  startCaptureServer,
  status,
  type Answer,
  type CaptureServer,
} from '../support/capture-server.ts';
import { runCli } from '../support/cli-process.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';

const tokens = { ann: 'ann-token-of-this-test', bob: 'bob-token-of-this-test', admin: 'admin-of-this-test' };
const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  annotations:
    updatekate.dev/policy: semver
    updatekate.dev/approvals: '2'
    updatekate.dev/approvers: token:ann, token:bob
spec:
  replicas: 1
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      initContainers: [{ name: migrate, image: 'quay.io/acme/shop:1.0.0' }]
      containers: [{ name: app, image: 'quay.io/acme/shop:1.0.0' }]
`;

describe('approvals on the command line, with a running service', () => {
  const folder = aFolder();
  let service: RunningService;

  beforeAll(async () => {
    const file = `${folder.path}/shop.yaml`;
    writeFileSync(file, manifests);
    service = await runService({
      ...{ UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: file, UK_STORE: 'memory' },
      ...{ UK_ROLLOUT_POLL: '200ms', UK_EMBEDDED_POD_READY: '10ms', UK_ADMIN_TOKEN: tokens.admin },
      UK_APPROVAL_TOKENS: `ann:${tokens.ann} bob:${tokens.bob}`,
    });
  });
  afterAll(async () => {
    await service.stop();
    folder.remove();
  });

  const as = (token: string, ...args: readonly string[]) =>
    runCli([...args, '--url', service.url], { UK_TOKEN: token });
  /** Pushes, and waits until people are asked. */
  const pushed = async (tag: string): Promise<string> => {
    const { answer } = await service.push('quay.io/acme/shop', tag);
    const [name = ''] = answer.updates;
    const headers = { authorization: `Bearer ${tokens.ann}` };
    while (!(await (await fetch(`${service.url}/api/v1/approvals`, { headers })).text()).includes(name));
    return name;
  };

  test('lists, shows, approves twice, and says what came of it', async () => {
    const name = await pushed('1.1.0');

    const listed = await as(tokens.ann, 'approvals');
    const ann = await as(tokens.ann, 'approve', name);
    const bob = await as(tokens.bob, 'approve', name, '--reason', 'fine');
    const left = await as(tokens.ann, 'approvals');

    const move = 'quay.io/acme/shop:1.0.0 -> quay.io/acme/shop:1.1.0';
    const [head = '', first = '', second = ''] = listed.stdout.split('\n');
    expect(head).toMatch(/^NAME +WORKLOAD +VOTES +UNTIL +APPROVERS +CHANGE$/);
    expect(first).toMatch(
      new RegExp(
        `^${name}  default/Deployment/shop  0/2 +\\d{4}-\\S+Z  token:ann, token:bob  \\w+: ${move}$`,
      ),
    );
    expect(second).toMatch(new RegExp(`^ +\\w+: ${move}$`));
    expect(ann).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^${name} of default/Deployment/shop\n(  \\w+: ${move}\n){2}` +
            `${name} is pending \\(1 of 2 approvals\\), phase AwaitingApproval\n$`,
        ),
      ) as unknown,
      stderr: '',
    });
    expect(bob.stdout).toContain(`${name} is approved (2 of 2 approvals)`);
    expect(left.stdout).toBe('nothing awaits approval\n');
  });

  test('rejects, and refuses every vote after that', async () => {
    const name = await pushed('1.2.0');

    const bob = await as(tokens.bob, 'reject', name, '--reason', 'not today');
    const ann = await as(tokens.ann, 'approve', name);

    expect(bob).toMatchObject({ code: 0, stderr: '' });
    expect(bob.stdout).toContain(`${name} is rejected (0 of 2 approvals), phase Rejected\n`);
    expect(ann).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('the service answered 409: ') as unknown },
    });
  });

  test('the administrator releases alone, by his own variable', async () => {
    const name = await pushed('1.3.0');
    const args = ['approve', name, '--override', '--url', service.url];

    const without = await runCli(args, { UK_ADMIN_TOKEN: tokens.admin });
    const end = await runCli([...args, '--reason', 'down'], { UK_ADMIN_TOKEN: tokens.admin });

    expect(without.stderr).toContain('has to say why');
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(end.stdout).toContain(`${name} is approved (1 of 2 approvals)`);
  });

  test.each([
    ['approvals', [], '401: the secret is missing or wrong'],
    ['approve', ['up-0'], '401: the secret is missing or wrong'],
  ])('%s with a token that is wrong is refused, and the token not shown', async (command, args, why) => {
    const end = await as('canary-of-nobody-x', command, ...args);

    expect(end).toEqual({
      ...{ code: 1, stdout: '', stderr: `updatekate ${command}: the service answered ${why}\n` },
    });
  });
});

describe.each(['approve', 'reject'])('updatekate %s', (command) => {
  const shown = {
    ...{ name: 'up-1', workload: { namespace: 'shop', kind: 'Deployment', name: 'web' } },
    ...{
      phase: 'AwaitingApproval',
      moves: [{ container: 'app', from: 'web:1', to: 'web:\u001b[2J2' }],
      hash: 'h-1',
    },
  };
  const counted = {
    ...{ update: 'up-1', phase: 'AwaitingApproval', state: 'pending', votes: 3 },
    given: ['ann', 'ann', 'bob'].map((by) => ({ by, vote: 'approve', at: '' })),
  };
  const environment = { UK_TOKEN: 'token-canary', UK_ADMIN_TOKEN: 'the-administrators' };
  let server: CaptureServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test('votes for what was shown, and shows what a terminal can bear', async () => {
    server = await startCaptureServer(json(200, shown), json(200, counted));

    const end = await runCli([command, 'a/b', '--url', `${server.url}/uk/`], environment);

    expect(end).toEqual({
      code: 0,
      stdout:
        'up-1 of shop/Deployment/web\n  app: web:1 -> "web:\\u001b[2J2"\n' +
        'up-1 is pending (2 of 3 approvals), phase AwaitingApproval\n',
      stderr: '',
    });
    const headers = { authorization: 'Bearer token-canary' };
    expect(server.requests).toMatchObject([
      { method: 'GET', url: '/uk/api/v1/updates/a%2Fb', body: '', headers },
      { method: 'POST', url: `/uk/api/v1/updates/a%2Fb/${command}`, body: '{"hash":"h-1"}', headers },
    ]);
  });

  test('with a hash asks nothing before, and says the reason', async () => {
    server = await startCaptureServer(json(200, counted));
    const args = [command, 'up-1', '--hash', 'h-2', '--reason', 'why', '--url', server.url];

    await runCli(args, { UK_ADMIN_TOKEN: 'the-administrators' });

    expect(server.requests).toMatchObject([
      {
        ...{ method: 'POST', body: '{"hash":"h-2","reason":"why"}' },
        headers: { authorization: 'Bearer the-administrators' },
      },
    ]);
  });

  test('for what nobody is asked about does not vote', async () => {
    server = await startCaptureServer(json(200, { ...shown, hash: undefined, phase: 'Pending' }));

    const end = await runCli([command, 'up-1', '--url', server.url], environment);

    expect(end).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `updatekate ${command}: update up-1 (Pending) has not been put to the vote\n`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['no name', [], environment, 'it takes the name of one update'],
    ['two names', ['up-1', 'up-2'], environment, 'it takes the name of one update'],
    ['an option that is none', ['up-1', '--force'], environment, "Unknown option '--force'"],
    ['no token', ['up-1'], {}, 'neither UK_TOKEN nor UK_ADMIN_TOKEN is set: one of them says who you are'],
  ])('%s is a wrong call, and nothing is sent', async (_what, args, variables, why) => {
    server = await startCaptureServer(json(200, shown));

    const end = await runCli([command, ...args, '--url', server.url], variables);

    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(`updatekate ${command}: ${why}`);
    expect(server.requests).toHaveLength(0);
  });

  test.each([
    ['another program', status(200, {}, '{}'), 'the answer is not understood'],
    [
      'a refusal',
      json(404, { error: { message: 'there is no update up-1' } }),
      '404: there is no update up-1',
    ],
  ])('an answer of %s ends it before the vote', async (_what, answer, why) => {
    server = await startCaptureServer(answer);

    const end = await runCli([command, 'up-1', '--url', server.url], environment);

    expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) as unknown });
    expect(server.requests).toHaveLength(1);
  });
});

describe('updatekate approvals', () => {
  const one = {
    ...{ name: 'up-1', workload: { namespace: 'shop', kind: 'Deployment', name: 'web' } },
    ...{ phase: 'x', moves: [], message: 'x'.repeat(1000) },
  };
  let server: CaptureServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  /** What it prints as JSON of a service that gives these answers. */
  const listed = async (...answers: readonly Answer[]) => {
    server = await startCaptureServer(...answers);
    const end = await runCli(['approvals', '--json', '--url', server.url], { UK_TOKEN: 'any' });
    return { end, urls: server.requests.map(({ method, url }) => `${method} ${url}`) };
  };

  // A service before there were pages says nothing of more.
  test.each([{}, { continue: null }])(
    '--json prints what the service said, also when it is long: %j',
    async (rest) => {
      const approvals = Array.from({ length: 200 }, () => one);

      const { end, urls } = await listed(json(200, { approvals, ...rest }));

      expect(end).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(end.stdout)).toEqual(approvals);
      expect(urls).toEqual(['GET /api/v1/approvals']);
    },
  );

  test('follows the pages to the end', async () => {
    const page = (name: string, next: string | null) =>
      json(200, { approvals: [{ ...one, name }], continue: next });

    const { end, urls } = await listed(page('up-1', 'a+b'), page('up-2', 'c'), page('up-3', null));

    const names = (JSON.parse(end.stdout) as readonly { readonly name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['up-1', 'up-2', 'up-3']);
    const path = 'GET /api/v1/approvals';
    expect(urls).toEqual([path, `${path}?continue=a%2Bb`, `${path}?continue=c`]);
  });

  test('does not go round in a circle for ever', async () => {
    const { end, urls } = await listed(json(200, { approvals: [one], continue: 'again' }));

    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toContain('its list has no end');
    expect(urls).toHaveLength(2);
  });
});
