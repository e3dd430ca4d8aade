import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Service } from '../../src/wire/service.ts';
import { startService } from '../../src/wire.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: default
  annotations: { updatekate.dev/policy: minor }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, image: 'quay.io/acme/shop:1.0.0' }] }
`;

let folder: string;
let slack: FakeSlack;
let service: Service | undefined;
let log: ReturnType<typeof createFakeLog>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'updatekate-slack-'));
  slack = await startFakeSlack();
  [service, log] = [undefined, createFakeLog()];
});

afterEach(async () => {
  await service?.stop();
  await slack.close();
  rmSync(folder, { recursive: true });
});

/** The whole service over the embedded cluster, with a bot token and nothing that takes clicks. */
async function start(told: Environment, file = ''): Promise<number> {
  writeFileSync(join(folder, 'shop.yaml'), manifest);
  const environment = {
    ...{ UK_PORT: '0', UK_EMBEDDED_PORT: '0', UK_CLUSTER: 'embedded', UK_STORE: 'memory' },
    ...{ UK_EMBEDDED_MANIFESTS: join(folder, 'shop.yaml'), UK_EMBEDDED_POD_READY: '1ms' },
    ...{ UK_SLACK_BOT_TOKEN: slack.workspace.botToken, UK_SLACK_API_URL: slack.apiUrl },
    ...{ UK_CONFIG: 'uk.yaml', ...told },
  };
  const { config } = loadConfig(environment, () => file);
  service = await startService(config, { clock: systemClock, log, random: () => 0.5 });
  await service.ready;
  return service.port;
}

/** What people are told of a push. */
async function toldOfPush(port: number): Promise<readonly string[]> {
  await fetch(`http://127.0.0.1:${port}/webhook`, {
    method: 'POST',
    body: JSON.stringify({ docker_url: 'quay.io/acme/shop', updated_tags: ['1.1.0'] }),
  });
  while (!log.lines.some(({ message }) => message === 'announcement sent')) await new Promise(setImmediate);
  return slack.messages('C0DEPLOY1').map(({ text }) => text);
}

const shown = [expect.stringContaining('shop deployed to default') as unknown];

test('the example of the docs is enough, with the token of an app that takes no clicks', async () => {
  const page = readFileSync(new URL('../../docs/notifiers/slack.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(notifiers:[^]*?)```/.exec(page) ?? [];

  expect(await toldOfPush(await start({}, example))).toEqual(shown);
});

test.each(['deploys', 'C0DEPLOY1'])(
  'a channel and a bot token that may do nothing but post are enough: %s',
  async (channel) => {
    slack.workspace.scopes = ['chat:write'];

    expect(await toldOfPush(await start({ UK_NOTIFY_SLACK_CHANNEL: channel }))).toEqual(shown);

    expect(log.lines.filter(({ message }) => message.startsWith('slack: posted without'))).toHaveLength(1);
  },
);
