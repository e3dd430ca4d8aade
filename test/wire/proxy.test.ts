import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { doctor } from '../../src/cli/doctor.ts';
import { lookUp } from '../../src/cli/order.ts';
import { loadConfig, type Config } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { openReceivers, type Receivers } from '../../src/wire/receivers.ts';
import { openWatcherDocuments } from '../../src/wire/documents.ts';
import { startNotify } from '../../src/wire/notify.ts';
import { wireWebhook } from '../../src/wire/webhook.ts';
import { login } from '../support/behind-proxy.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { startProxyServer, type ProxyServer } from '../support/proxy-server.ts';
import { anAskedUpdate } from '../support/slack-parts.ts';

/** It knows no names: what is asked for fails, and who asked is noted. */
let proxy: ProxyServer;
let stop: AbortController;
beforeEach(async () => {
  proxy = await startProxyServer();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await proxy.close();
});

const token = 'a-token-of-this-test';
const around = () => ({ clock: systemClock, log: createFakeLog(), random: Math.random });
const toldThere = {
  ...{ UK_SLACK_BOT_TOKEN: 'xoxb-1-of-this-test', UK_SLACK_APP_TOKEN: 'xapp-1-of-this-test' },
  ...{ UK_SLACK_CHANNEL: 'C0DEPLOYS1', UK_SLACK_API_URL: 'https://bot.slack.test/api/' },
  ...{ UK_CONFIG: 'uk.yaml', OWN: 'xoxb-2-of-this-test', HOOK: 'https://notified.test/' },
};
const file = JSON.stringify({
  notifiers: {
    hook: { webhook: { url: { env: 'HOOK' } } },
    usual: { slack: { channel: 'C0DEPLOYS1' } },
    own: { slack: { channel: 'C0DEPLOYS1', token: { env: 'OWN' }, apiUrl: 'https://own.slack.test/api/' } },
  },
});

const environment = (variables: Readonly<Record<string, string>>) => ({
  https_proxy: `http://${login.written}@${proxy.host}`,
  ...variables,
});

function configOf(variables: Readonly<Record<string, string>>): Config {
  return loadConfig(environment(variables), () => file).config;
}

/** Resolves when the proxy has been asked for all of these. */
async function expectAsked(...hosts: readonly string[]): Promise<void> {
  const wanted = hosts.map((host) => `CONNECT ${host}:443 as ${login.sent}`);
  while (!wanted.every((one) => proxy.asked.includes(one))) await new Promise(setImmediate);
  expect(new Set(proxy.asked)).toEqual(new Set(wanted));
}

function receiversOf(config: Config): Promise<Receivers> {
  const restOf = () => {
    throw new Error('there is no cluster here');
  };
  const parts = { ...around(), metrics: createFakeMetrics() };
  return openReceivers(config, { ...parts, restOf, links: undefined, teamOf: () => undefined });
}

test('whoever is told or asked is reached through the proxy', async () => {
  const { all } = await receiversOf(configOf({ ...toldThere, UK_WEBHOOK: 'https://told.test/' }));

  for (const receiver of all)
    void receiver.tell(anAskedUpdate(), 'update.awaiting-approval', stop.signal).catch(() => undefined);

  await expectAsked('told.test', 'bot.slack.test', 'notified.test', 'own.slack.test');
});

test('clicks come through it', async () => {
  const { slack } = await receiversOf(configOf(toldThere));
  const face = slack?.attach({} as never, stop.signal);

  face?.listener.acquired();
  await expectAsked('bot.slack.test');

  face?.listener.lost();
  await face?.settled();
});

test('senders are checked through it', async () => {
  const { options } = wireWebhook(configOf({}), { ...around(), metrics: createFakeMetrics() });

  await expect(options.confirm('https://sns.test/', stop.signal)).rejects.toThrow('(the proxy answered 502)');

  await expectAsked('sns.test');
});

test('what was seen is kept through it', async () => {
  const art = { UK_ARTIFACTORY_URL: 'https://art.test/seen', UK_ARTIFACTORY_LOGIN: `ann:${token}` };
  const config = configOf({ ...art, UK_STORE: 'memory' });
  const { cache, close } = await openWatcherDocuments({ ...around(), config, cluster: {} as never });

  await expect(cache.read('seen.json', stop.signal)).rejects.toThrow();

  await expectAsked('art.test');
  await close();
});

test('changes are told through it', async () => {
  const embedded = { UK_CLUSTER: 'embedded', UK_EMBEDDED_PORT: '0', UK_EMBEDDED_POD_READY: '10ms' };
  const config = configOf({
    ...{ ...embedded, ...toldThere, UK_STORE: 'memory', UK_PORT: '0', UK_WATCH_NAMESPACES: 'default' },
    UK_ROLLOUT_POLL: '500ms',
  });
  const service = await startNotify(config, around());
  await service.ready;
  const call = (...given: [string, string, unknown?, string?]) =>
    kubernetesCall({ server: service.kubernetesUrl ?? '' }, ...given);
  const shop = '/apis/apps/v1/namespaces/default/deployments';
  await call('POST', shop, {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'new' } },
    spec: {
      selector: { matchLabels: { app: 'new' } },
      template: {
        metadata: { labels: { app: 'new' } },
        spec: { containers: [{ name: 'app', image: 'quay.io/acme/new:1.0.0' }] },
      },
    },
  });

  await expectAsked('notified.test', 'bot.slack.test', 'own.slack.test');

  await service.stop();
});

test('the command line asks Slack, and the service, through it', async () => {
  const lines: string[] = [];
  const terminal = {
    environment: environment({ ...toldThere, UK_ADMIN_TOKEN: token }),
    readFile: () => '',
    print: (line: string) => void lines.push(line),
    warn: () => undefined,
  };

  await doctor.run(['slack'], terminal);
  const order = lookUp(terminal, 'https://updatekate.test', { path: '/info', answer: z.unknown() });

  // Both of its tokens are tried.
  expect(lines.filter((line) => line.includes('the proxy answered 502'))).toHaveLength(2);
  await expect(order).rejects.toThrow('(the proxy answered 502)');
  await expectAsked('bot.slack.test', 'updatekate.test');
});
