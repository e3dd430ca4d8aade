import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createServer, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { aDeployment } from '../support/deployment-object.ts';
import { kubeconfigFor, openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { aFolder } from '../support/running-service.ts';

/** The service as it is shipped: `main.ts` in a process of its own. */
function start(environment: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    env: { PATH: process.env.PATH, UK_PORT: '0', UK_EMBEDDED_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  const listening = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (line) => {
    const entry = JSON.parse(line) as Record<string, unknown>;
    lines.push(entry);
    if (entry.msg === 'listening') listening.resolve(`http://127.0.0.1:${String(entry.port)}`);
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { child, lines, listening: listening.promise, exited, stderr: text(child.stderr) };
}

describe('a start that cannot work', () => {
  test.each([
    ['a wrong value', { UK_INFO: 'maybe' }, 'UK_INFO=maybe is not allowed; allowed: true or false'],
    [
      'a wrong secret, which is not shown',
      { UK_WEBHOOK_SECRET: 'hunter2' },
      'UK_WEBHOOK_SECRET=*** is not allowed',
    ],
    [
      'a policy that is none',
      { UK_POLICY: 'newest-ish' },
      'UK_POLICY=newest-ish is not allowed; allowed: semver',
    ],
    [
      'a file that is not there',
      { UK_WEBHOOK_TOKEN_FILE: '/nowhere' },
      'UK_WEBHOOK_TOKEN_FILE=/nowhere cannot be read',
    ],
    [
      'a secret where the path of one belongs',
      { UK_WEBHOOK_TOKEN_FILE: '/run/xoxb-1-canary' },
      "UK_WEBHOOK_TOKEN_FILE=/run/*** cannot be read: ENOENT: no such file or directory, open '/run/***'",
    ],
    ['one where the file belongs', { UK_CONFIG: 'ghp_canary' }, 'UK_CONFIG=*** cannot be read'],
    [
      'one where manifests belong',
      { UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: 'whsec_canary' },
      'UK_EMBEDDED_MANIFESTS=*** cannot be read',
    ],
    [
      'a wrong value under an old name',
      { NAMESPACES: 'Shop' },
      'NAMESPACES=Shop is not allowed; allowed: namespaces separated by spaces or commas, or *',
    ],
    [
      'variables that do not fit each other',
      { ARTIFACTORY_LOGIN: 'seen:canary' },
      'UK_ARTIFACTORY_LOGIN (or ARTIFACTORY_LOGIN) is set, but not where',
    ],
    [
      'manifests that are not there',
      { UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: '/nowhere' },
      'UK_EMBEDDED_MANIFESTS=/nowhere cannot be read',
    ],
  ])('%s: one line, exit code 2', async (_what, environment, message) => {
    const { exited, stderr, lines } = start(environment);

    expect(await exited).toEqual({ code: 2, signal: null });
    expect(await stderr).toContain(`updatekate: ${message}`);
    expect((await stderr).trim().split('\n')).toHaveLength(1);
    expect([JSON.stringify(lines), await stderr].join()).not.toContain('canary');
  });
});

test.each([[['notify', 'shop']], [['--slack-token', 'xoxb-canary']], [['']]])(
  'the service is not what the arguments %j ask for: one line, exit code 2',
  async (args) => {
    const { exited, stderr, lines } = start(
      { UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: '/nowhere' },
      args,
    );

    expect(await exited).toEqual({ code: 2, signal: null });
    expect(await stderr).toBe(
      'updatekate: the service takes no arguments; orders go to updatekate …, or node dist/cli/main.js …\n',
    );
    expect(lines).toEqual([]);
  },
);

test('what is odd about the configuration is said at the start, without what is secret', async () => {
  const { exited, lines } = start({
    ...{ UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: '/nowhere', UK_PROT: '80' },
    ...{ NAMESPACES: 'shop', SLACK_CHANNEL: 'deploys', SLACK_TOKEN: 'xoxb-canary-token' },
    ARTIFACTORY_URL: 'https://art.example/seen',
  });
  await exited;

  expect(lines.map(({ level, msg, variables }) => [level, msg, variables])).toEqual([
    ['info', 'updatekate starts', undefined],
    ['warn', 'these variables mean nothing to this version', ['UK_PROT']],
    [
      ...['info', 'these variables are read by their old names'],
      ['NAMESPACES', 'SLACK_TOKEN', 'SLACK_CHANNEL', 'ARTIFACTORY_URL'],
    ],
    ['warn', expect.stringMatching(/^UK_ARTIFACTORY_URL is not used/), undefined],
  ]);
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test.each([
  [
    'UK_CONFIG',
    'notifiers: { deploys: { slack: { channel: deploys, token: { env: SLACK } } } }',
    { SLACK: 'xoxb-canary-token' },
  ],
  ['SLACK_TOKEN_FILE', 'xoxb-canary-token', { SLACK_CHANNEL: 'deploys' }],
] satisfies [string, string, Record<string, string>][])(
  'updatekate notify reads %s once: it may be a pipe',
  async (name, written, environment) => {
    const { PATH } = process.env;
    const child = spawn('/bin/sh', ['-c', 'printf %s "$PIPED" | "$NODE" src/cli/main.ts notify shop'], {
      env: {
        ...{ PATH, NODE: process.execPath, PIPED: written, [name]: '/dev/stdin', ...environment },
        ...{ UK_CLUSTER: 'embedded', UK_EMBEDDED_MANIFESTS: '/nowhere', UK_PORT: '0' },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [lines, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);

    expect(stderr).toMatch(/^updatekate: UK_EMBEDDED_MANIFESTS=\/nowhere cannot be read/);
    expect(lines).toContain('"msg":"updatekate starts"');
    expect(lines).not.toMatch(/nobody is told|canary/);
  },
);

describe('a running process', () => {
  let embedded: EmbeddedAccess;
  let receiver: EventReceiver;
  let folder: ReturnType<typeof aFolder>;
  beforeEach(async () => {
    folder = aFolder();
    [embedded, receiver] = await Promise.all([openEmbedded(), startEventReceiver()]);
    const deployment = aDeployment('shop-2', ['app=quay.io/acme/shop:1.0.0']);
    await kubernetesCall(
      { server: embedded.cluster.url },
      'POST',
      '/apis/apps/v1/namespaces/default/deployments',
      deployment,
    );
  });
  afterEach(async () => {
    await receiver.close();
    await embedded.close();
    folder.remove();
  });

  const environment = (kubeconfigPath: string): Record<string, string> => ({
    UK_CLUSTER: 'kubeconfig',
    KUBECONFIG: kubeconfigPath,
    UK_DEPLOYMENT: 'shop-2',
    UK_DATA_DIR: join(folder.path, 'data'),
    UK_WEBHOOK: receiver.url,
    UK_WEBHOOK_SECRET: receiver.secret,
    UK_WEBHOOK_TOKEN: 'a token that must not be printed',
    UK_ROLLOUT_POLL: '200ms',
  });
  const push = (url: string): Promise<Response> =>
    fetch(`${url}/webhook?token=${encodeURIComponent('a token that must not be printed')}`, {
      method: 'POST',
      body: JSON.stringify({ docker_url: 'quay.io/acme/shop', updated_tags: ['1.1.0'] }),
    });
  const readied = async (url: string): Promise<string> => {
    while (!(await fetch(`${url}/readyz`)).ok);
    return url;
  };

  test('stops on SIGTERM with code 0 after it has delivered what it accepted, and prints no secret', async () => {
    const service = start(environment(embedded.kubeconfigPath));
    const url = await service.listening.then(readied);

    const response = await push(url);
    service.child.kill('SIGTERM');

    expect(response.status).toBe(202);
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(service.lines.map(({ msg }) => msg)).toContain('update delivered');
    expect(JSON.stringify(service.lines)).not.toContain('must not be printed');
    expect(JSON.stringify(service.lines)).not.toContain(receiver.secret);
  });

  test('killed before it knew the workloads, has kept what came: the next one delivers it', async () => {
    const kubeconfigPath = join(folder.path, 'kubeconfig');
    writeFileSync(kubeconfigPath, kubeconfigFor('http://127.0.0.1:9'));
    const first = start(environment(kubeconfigPath));

    const response = await push(await first.listening);
    first.child.kill('SIGKILL');
    await first.exited;
    const second = start(environment(embedded.kubeconfigPath));
    const event = await receiver.find(({ type }) => type === 'update.succeeded');
    second.child.kill('SIGTERM');
    await second.exited;

    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ parked: true });
    expect(event).toMatchObject({ image: 'quay.io/acme/shop:1.1.0' });
  });

  test.each(['before the patch arrives', 'after the patch, before its answer'])(
    'killed with SIGKILL %s, is finished by the next one with exactly one patch',
    async (moment) => {
      let killed = false;
      let patches = 0;
      const proxy = await startProxy(embedded.cluster.url, async (forward) => {
        if (killed) {
          patches += Number((await forward(true)) === 200);
          return;
        }
        killed = true;
        if (moment.startsWith('after')) patches += Number((await forward(false)) === 200);
        first.child.kill('SIGKILL');
      });
      const kubeconfigPath = join(folder.path, 'kubeconfig');
      writeFileSync(kubeconfigPath, kubeconfigFor(proxy.url));
      const first = start(environment(kubeconfigPath));

      const response = await push(await first.listening);
      expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
      const second = start(environment(kubeconfigPath));
      const event = await receiver.find(({ type }) => type === 'update.succeeded');
      second.child.kill('SIGTERM');
      await second.exited;
      await proxy.close();

      expect(response.status).toBe(202);
      expect(event).toMatchObject({ image: 'quay.io/acme/shop:1.1.0' });
      expect(patches).toBe(1);
      expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(1);
    },
  );
});

/** Passes everything on to `target`; what happens with a PATCH, `onPatch` says. */
async function startProxy(
  target: string,
  onPatch: (forward: (answer: boolean) => Promise<number>) => Promise<void>,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    const forward = async (answer: boolean): Promise<number> => {
      const { method, headers, url } = incoming;
      const outgoing = request(new URL(url ?? '/', target), { method, headers });
      incoming.pipe(outgoing);
      const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
      if (answer) {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      } else await text(reply);
      return reply.statusCode ?? 502;
    };
    const done = incoming.method === 'PATCH' ? onPatch(forward) : forward(true);
    done.catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
