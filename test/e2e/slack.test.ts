import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Service } from '../../src/wire/service.ts';
import { startService } from '../../src/wire.ts';
import { clickBody } from '../chat/slack/payloads.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';
import type { FakeMessage } from '../support/fake-slack/workspace.ts';

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: default
  annotations:
    updatekate.dev/policy: minor
    updatekate.dev/approvers: ada@acme.example
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, image: 'quay.io/acme/shop:1.0.0' }] }
`;

let folder: string;
let slack: FakeSlack;
let service: Service;
let log: ReturnType<typeof createFakeLog>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'updatekate-slack-'));
  slack = await startFakeSlack();
  log = createFakeLog();
});

afterEach(async () => {
  await service.stop();
  await slack.close();
  rmSync(folder, { recursive: true });
});

/** The whole service over the embedded cluster, with clicks as `clicks` says. */
async function start(clicks: Environment, shop = manifest): Promise<void> {
  writeFileSync(join(folder, 'shop.yaml'), shop);
  const environment = {
    ...{ UK_PORT: '0', UK_EMBEDDED_PORT: '0', UK_CLUSTER: 'embedded', UK_STORE: 'memory' },
    ...{ UK_EMBEDDED_MANIFESTS: join(folder, 'shop.yaml'), UK_EMBEDDED_POD_READY: '1ms' },
    ...{ UK_SLACK_BOT_TOKEN: slack.workspace.botToken, UK_SLACK_CHANNEL: 'deploys' },
    ...{ UK_SLACK_API_URL: slack.apiUrl, ...clicks },
  };
  const { config } = loadConfig(environment, () => '');
  service = await startService(config, { clock: systemClock, log, random: () => 0.5 });
  await service.ready;
}

/** A push of the next version; resolves to the message in the channel. */
async function ask(): Promise<FakeMessage> {
  await fetch(`http://127.0.0.1:${service.port}/webhook`, {
    method: 'POST',
    body: JSON.stringify({ docker_url: 'quay.io/acme/shop', updated_tags: ['1.1.0'] }),
  });
  for (;;) {
    const [message] = slack.messages('C0DEPLOY1');
    if (message) return message;
    await new Promise(setImmediate);
  }
}

/** Resolves when the thread of the request has the result of the rollout. */
async function result(): Promise<FakeMessage> {
  for (;;) {
    const reply = slack.messages('C0DEPLOY1')[1];
    if (reply) return reply;
    await new Promise(setImmediate);
  }
}

/** The first system's annotation, as the cluster has it now. */
async function annotationOfShop(): Promise<string | undefined> {
  const response = await fetch(`${service.kubernetesUrl}/apis/apps/v1/namespaces/default/deployments/shop`);
  const { metadata } = (await response.json()) as {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  };
  return metadata.annotations['initializer.kubernetes.io/oga'];
}

function expectDelivered(reply: FakeMessage): void {
  expect(reply.metadata).toMatchObject({ event_type: 'updatekate_result' });
  expect(JSON.stringify(slack.messages('C0DEPLOY1')[0])).toContain('1.1.0');
  expect(log.lines).toContainEqual(
    expect.objectContaining({
      message: 'vote counted',
      fields: expect.objectContaining({ by: 'ada@acme.example', via: 'slack', state: 'approved' }) as unknown,
    }),
  );
  expect(log.lines.map(({ message }) => message)).toContain('update delivered');
}

test('a click over Socket Mode releases the update, and the thread gets the result', async () => {
  await start({ UK_SLACK_APP_TOKEN: slack.workspace.appToken });
  const message = await ask();
  await slack.socket.untilOpen();

  await slack.socket.send('interactive', clickBody(slack, message));

  expectDelivered(await result());
});

test("the first system's annotation asks as ours does, and gets who approved written into it", async () => {
  const legacy = manifest
    .replace(/ *updatekate.dev\/approvers: .*\n/, '')
    .replace(
      'updatekate.dev/policy: minor',
      `updatekate.dev/policy: minor\n    initializer.kubernetes.io/oga: '{"slack": {"channel": "#deploys", "approvers": ["@ada"]}}'`,
    );
  await start({ UK_SLACK_APP_TOKEN: slack.workspace.appToken }, legacy);
  const message = await ask();
  expect(await annotationOfShop()).not.toContain('approved_by');
  await slack.socket.untilOpen();

  await slack.socket.send('interactive', clickBody(slack, message));

  expectDelivered(await result());
  expect(await annotationOfShop()).toContain('Email: ada@acme.example');
});

test('a signed click over HTTP releases it; one that is not signed does not', async () => {
  await start({ UK_SLACK_SIGNING_SECRET: slack.workspace.signingSecret });
  const body = new URLSearchParams({ payload: JSON.stringify(clickBody(slack, await ask())) }).toString();
  const seconds = Math.floor(Date.now() / 1000);
  const post = async (secret: string): Promise<number> => {
    const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
    const response = await fetch(`http://127.0.0.1:${service.port}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(seconds),
        'x-slack-signature': `v0=${signature}`,
      },
      body,
    });
    return response.status;
  };

  expect(await post('another secret')).toBe(401);
  expect(log.lines.map(({ message }) => message)).not.toContain('vote counted');
  expect(await post(slack.workspace.signingSecret)).toBe(200);

  expectDelivered(await result());
  expect((await fetch(`http://127.0.0.1:${service.port}/slack/events`)).status).toBe(405);
});
