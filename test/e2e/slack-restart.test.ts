import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clickBody } from '../chat/slack/payloads.ts';
import { aDeployment } from '../support/deployment-object.ts';
import { openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';
import { aWorkspace, type FakeMessage } from '../support/fake-slack/workspace.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';

const names = ['basket', 'mailer', 'search'];
const kubeconfigBefore = process.env.KUBECONFIG;
let folder: ReturnType<typeof aFolder>;
let access: EmbeddedAccess;
let slack: FakeSlack;
let running: RunningService;

beforeEach(async () => {
  folder = aFolder();
  // What is older than an update is not looked through for it: Slack's clock and the service's are one.
  slack = await startFakeSlack(aWorkspace(new Date()));
  access = await openEmbedded();
  process.env.KUBECONFIG = access.kubeconfigPath;
  const annotations = { 'updatekate.dev/policy': 'minor', 'updatekate.dev/approvers': 'ada@acme.example' };
  for (const name of names)
    await fetch(`${access.cluster.url}/apis/apps/v1/namespaces/default/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(aDeployment(name, [`app=quay.io/acme/${name}:1.0.0`], [], annotations)),
    });
  running = await start();
});
afterEach(async () => {
  await running.stop();
  await slack.close();
  await access.close();
  folder.remove();
  if (kubeconfigBefore === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = kubeconfigBefore;
});

function start(): Promise<RunningService> {
  return runService({
    ...{ UK_CLUSTER: 'kubeconfig', UK_STORE: 'sqlite', UK_DATA_DIR: join(folder.path, 'data') },
    ...{ UK_SLACK_BOT_TOKEN: slack.workspace.botToken, UK_SLACK_CHANNEL: 'deploys' },
    ...{ UK_SLACK_APP_TOKEN: slack.workspace.appToken, UK_SLACK_API_URL: slack.apiUrl },
  });
}

const requests = (): readonly FakeMessage[] =>
  slack.messages().filter(({ threadTs }) => threadTs === undefined);

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise(setImmediate);
}

test('what was open before a restart is decided after it, each in its own message', async () => {
  for (const name of names) await running.push(`quay.io/acme/${name}`, '1.1.0');
  await until(() => requests().length === names.length);
  await running.stop();
  await until(() => slack.socket.open() === 0);

  running = await start();
  await slack.socket.untilOpen();
  for (const request of requests()) await slack.socket.send('interactive', clickBody(slack, request));
  await until(() => slack.messages().length === 2 * names.length);

  const posted = slack.workspace.calls.filter(
    ({ method, body }) => method === 'chat.postMessage' && body.thread_ts === undefined,
  );
  expect(posted).toHaveLength(names.length);
  for (const request of requests()) {
    expect(JSON.stringify(request.blocks)).toContain('approved by Ada Lovelace');
    expect(slack.messages().filter(({ threadTs }) => threadTs === request.ts)).toHaveLength(1);
  }
  expect(running.log.lines.filter(({ message }) => message === 'update delivered')).toHaveLength(3);
});
