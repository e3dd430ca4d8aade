import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deadAfterMs } from '../../src/cluster/watch-health.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { handsOn, imageOf, type Hands } from '../contract/watched-workload.ts';
import { startRbacGuard } from '../k8s/rbac-guard.ts';
import { startArtifactoryServer, type ArtifactoryServer } from '../support/artifactory-server.ts';
import { kubeconfigFor, openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { startEventReceiver, type EventReceiver, type ReceivedEvent } from '../support/event-receiver.ts';
import { startFakeSlack } from '../support/fake-slack/index.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { aFolder } from '../support/running-service.ts';
import { firstLook, startWatcher, toldTo, type RunningWatcher } from '../support/running-watcher.ts';

let folder: ReturnType<typeof aFolder>;
let receiver: EventReceiver;
let clusters: EmbeddedAccess[];
let watcher: RunningWatcher | undefined;

beforeEach(async () => {
  [folder, clusters, watcher] = [aFolder(), [], undefined];
  receiver = await startEventReceiver();
});
afterEach(async () => {
  await watcher?.stop();
  await Promise.all([receiver.close(), ...clusters.map(({ close }) => close())]);
  folder.remove();
});

async function aCluster(): Promise<EmbeddedAccess> {
  const access = await openEmbedded();
  clusters.push(access);
  return access;
}

const handsIn = ({ call }: EmbeddedAccess, name: string, namespace = 'default'): Hands =>
  handsOn(call, 'Deployment', namespace, name);
const told = (name: string, word: string): Promise<ReceivedEvent> =>
  receiver.find(({ workload, type }) => workload === name && type === `workload.${word}`);
const logged = (words: string, count = 1): Promise<true> =>
  waitFor(words, 30_000, () => {
    const found = watcher?.lines.filter((line) => line.includes(words)) ?? [];
    return Promise.resolve(found.length >= count ? true : undefined);
  });

describe('further clusters of the file', () => {
  test('are watched like the first, named in what is told, and one that is away silences no other', async () => {
    const [own, east] = [await aCluster(), await aCluster()];
    for (const access of [own, east]) await handsIn(access, 'till').create('ansible');
    const clock = createJumpingClock();
    const sections = {
      clusters: { east: { kubeconfig: east.kubeconfigPath, context: 'test' } },
      watch: { default: ['default'], east: ['*'] },
    };
    watcher = await startWatcher(
      'notify',
      {
        ...{ UK_KUBECONFIG: own.kubeconfigPath, UK_DATA_DIR: folder.path },
        ...toldTo(folder.path, { dashboard: receiver }, sections),
      },
      clock,
    );
    const { url } = watcher;
    const reasons = async (): Promise<unknown> => {
      const response = await fetch(`${url}/readyz`);
      return ((await response.json()) as { readonly reasons: unknown }).reasons;
    };
    await watcher.service.ready;
    await logged('seen for the first time', 8);

    await handsIn(east, 'till').setImage('2.0.0');
    const inEast = await told('till', 'image-changed');
    const before = await reasons();
    await east.cluster.close();
    await logged('watch interrupted', 4);
    clock.jump(deadAfterMs);
    const after = await reasons();
    await handsIn(own, 'till').setImage('1.1.0');
    const ofOwn = await receiver.find(({ cluster }) => cluster === 'default');

    expect(inEast).toMatchObject({ cluster: 'east', images: [{ to: imageOf('till', '2.0.0') }] });
    expect(inEast.text).toContain('\nCluster: east\n');
    expect(before).toEqual([]);
    expect(after).toEqual(
      ['deployments', 'statefulsets', 'daemonsets', 'cronjobs'].map(
        (kind) => `the watch of ${kind} in all namespaces of cluster east is dead`,
      ),
    );
    expect(ofOwn).toMatchObject({ workload: 'till', images: [{ from: imageOf('till', '1.0.0') }] });
    expect(receiver.events).toHaveLength(2);
  });

  test('a namespace that is made while all are watched is new, with all that is in it', async () => {
    const own = await aCluster();
    watcher = await startWatcher('notify', {
      ...{ UK_KUBECONFIG: own.kubeconfigPath, UK_DATA_DIR: folder.path, UK_WATCH_NAMESPACES: '*' },
      ...toldTo(folder.path, { dashboard: receiver }),
    });
    await watcher.service.ready;
    await logged('seen for the first time', 4);

    await own.newNamespace('new');
    await handsIn(own, 'first', 'new').create('helm');

    expect(await told('first', 'created')).toMatchObject({ namespace: 'new', by: ['helm'] });
    expect(receiver.events).toHaveLength(1);
  });
});

test('a notifier of the file that has no token of its own posts with UK_SLACK_BOT_TOKEN', async () => {
  const [own, slack] = [await aCluster(), await startFakeSlack()];
  const till = handsIn(own, 'till');
  await till.create('ansible');
  const file = join(folder.path, 'uk.yaml');
  writeFileSync(file, 'notifiers: { deploys: { slack: { channel: deploys } } }');
  watcher = await startWatcher('notify', {
    ...{ UK_KUBECONFIG: own.kubeconfigPath, UK_DATA_DIR: folder.path, UK_WATCH_NAMESPACES: 'default' },
    ...{ UK_CONFIG: file, UK_SLACK_API_URL: slack.apiUrl, UK_SLACK_BOT_TOKEN: slack.workspace.botToken },
  });
  await firstLook(watcher);

  await till.setImage('1.1.0');
  await logged('announcement sent');
  const texts = slack.messages().map(({ text }) => text);
  await slack.close();

  expect(texts).toEqual([expect.stringContaining(`Image: ${imageOf('till', '1.1.0')}`)]);
  expect(watcher.lines.join('')).not.toContain(slack.workspace.botToken);
});

describe('what cannot be opened is named as the file has it', () => {
  test.each<[string, string, RegExp]>([
    [
      'a notifier without a token',
      'notifiers: { one: { slack: { channel: a, token: { env: TOKEN } } }, two: { slack: { channel: b } } }',
      /^notifiers\.two\.slack: no token to post with: set token, or UK_SLACK_BOT_TOKEN$/,
    ],
    [
      'a kubeconfig that is not there',
      'clusters: { west: { kubeconfig: OWN }, east: { kubeconfig: /nowhere } }',
      /^clusters\.east\.kubeconfig: kubernetes: cannot load \/nowhere: .*ENOENT/,
    ],
    [
      'a context that is not there',
      'clusters: { west: { kubeconfig: OWN }, east: { kubeconfig: OWN, context: prod } }',
      /^clusters\.east\.kubeconfig: kubernetes: cannot load .*: it has no context prod; it has: test$/,
    ],
  ])('%s', async (_what, sections, message) => {
    const [own, file] = [join(folder.path, 'own'), join(folder.path, 'uk.yaml')];
    writeFileSync(own, kubeconfigFor('http://127.0.0.1:1'));
    writeFileSync(file, sections.replaceAll('OWN', own));
    const starting = startWatcher('notify', {
      ...{ UK_KUBECONFIG: own, UK_DATA_DIR: folder.path, UK_WATCH_NAMESPACES: 'shop' },
      ...{ UK_CONFIG: file, TOKEN: 'xoxb-canary-token' },
    });

    await expect(starting).rejects.toHaveProperty('code', 'bad-config');
    await expect(starting).rejects.toThrow(message);
  });
});

test('a plain HTTP server of a kubeconfig is watched, such as kubectl proxy', async () => {
  const own = await aCluster();
  const file = join(folder.path, 'plain');
  const unmarked = kubeconfigFor(own.cluster.url).replace(',"insecure-skip-tls-verify":true', '');
  writeFileSync(file, unmarked);
  await handsIn(own, 'till').create('ansible');

  watcher = await startWatcher('notify', {
    ...{ UK_KUBECONFIG: file, UK_DATA_DIR: folder.path, UK_WATCH_NAMESPACES: 'default' },
    ...toldTo(folder.path, { dashboard: receiver }),
  });
  await firstLook(watcher);

  expect(unmarked).not.toContain('skip');
  expect(watcher.lines.join('')).not.toContain('no credentials');
});

describe('the whole service', () => {
  const allOf = async (path: string) => {
    const clock = createJumpingClock();
    watcher = await startWatcher(
      'all',
      {
        ...{ UK_KUBECONFIG: path, UK_DATA_DIR: folder.path, UK_WATCH_NAMESPACES: 'default' },
        ...toldTo(folder.path, { dashboard: receiver }),
      },
      clock,
    );
    const { url, service } = watcher;
    await service.ready;
    return { clock, readiness: async () => (await fetch(`${url}/readyz`)).json() };
  };

  test('is unready when one watch alone is dead, which nobody would see otherwise', async () => {
    const own = await aCluster();
    const look = { apiGroups: ['apps', 'batch'], verbs: ['list', 'watch'] };
    const resources = ['deployments', 'statefulsets', 'daemonsets'];
    const guard = await startRbacGuard(own.cluster.url, [{ ...look, resources }]);
    const path = join(folder.path, 'guarded');
    writeFileSync(path, kubeconfigFor(guard.url));
    const { clock, readiness } = await allOf(path);
    await logged('seen for the first time', 3);

    const before = await readiness();
    clock.jump(deadAfterMs);
    const after = await readiness();
    await guard.close();

    expect(before).toEqual({ ready: true, reasons: [] });
    expect(after).toEqual({
      ready: false,
      reasons: ['the watch of cronjobs in namespace default of cluster default is dead'],
    });
  });

  test('is ready while the whole cluster is away: webhooks are taken meanwhile', async () => {
    const own = await aCluster();
    const { clock, readiness } = await allOf(own.kubeconfigPath);
    await logged('seen for the first time', 4);

    await own.cluster.close();
    // Those of targets are four, too.
    await logged('watch interrupted', 8);
    clock.jump(deadAfterMs);

    expect(await readiness()).toEqual({ ready: true, reasons: [] });
  });
});

describe('the file of the predecessor', () => {
  let artifactory: ArtifactoryServer;
  beforeEach(async () => {
    artifactory = await startArtifactoryServer();
  });
  afterEach(() => artifactory.close());

  /** As the Python client's `to_dict()` has it: snake_case, and null for everything that is not set. */
  const seenThen = (image: string): unknown => ({
    type: 'MODIFIED',
    object: {
      ...{ api_version: null, kind: null, metadata: null, status: null },
      spec: {
        ...{ min_ready_seconds: null, paused: null, replicas: 2, revision_history_limit: 10 },
        selector: { match_expressions: null, match_labels: { app: 'shop' } },
        template: {
          metadata: { annotations: null, labels: { 'app.dbc.dk/team': 'checkout' }, name: null },
          spec: {
            containers: [
              {
                ...{ name: 'app', image, command: null, args: null, image_pull_policy: 'Always' },
                env: [{ name: 'MODE', value: 'prod', value_from: null }],
              },
              { name: 'side', image: 'quay.io/acme/side:1.0.0', env: null },
            ],
            ...{ init_containers: null, volumes: null },
          },
        },
      },
    },
  });

  test('is read and written on: what changed since is told at the first start, and nothing else', async () => {
    const own = await aCluster();
    for (const name of ['moved', 'steady', 'unheard-of']) await handsIn(own, name).create('ansible');
    const { folder: address, user, password } = artifactory;
    const url = `${address}/deployment-events-v2-platform-default.json`;
    const events = {
      moved: seenThen(imageOf('moved', '0.9.0')),
      steady: seenThen(imageOf('steady', '1.0.0')),
      gone: seenThen(imageOf('gone', '1.0.0')),
    };
    const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
    await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ events }) });
    watcher = await startWatcher('notify', {
      ...{ KUBE_CONFIG: own.kubeconfigPath, UK_DATA_DIR: folder.path, NAMESPACES: 'default' },
      ...{ OWN_NAMESPACE: 'platform', ARTIFACTORY_URL: address, ARTIFACTORY_LOGIN: `${user}:${password}` },
      ...toldTo(folder.path, { dashboard: receiver }),
    });

    const moved = await told('moved', 'image-changed');
    const written = await waitFor('the file', 30_000, async () => {
      const text = await (await fetch(url, { headers })).text();
      return text.includes('"type":"DELETED"') && text.includes(imageOf('moved', '1.0.0')) ? text : undefined;
    });

    expect(moved).toMatchObject({
      ...{ team: 'checkout', by: ['ansible'] },
      images: [{ from: imageOf('moved', '0.9.0'), to: imageOf('moved', '1.0.0') }],
    });
    // It did not note every deletion: what is gone may be so for years.
    expect(receiver.events).toHaveLength(1);
    expect(JSON.parse(written)).toMatchObject({
      events: {
        steady: {
          object: { spec: { replicas: 2, template: { spec: { containers: [{ name: 'app' }, {}] } } } },
        },
      },
    });
    expect(written).not.toContain('prod');
    expect(watcher.lines.join('')).not.toContain('canary');
  });
});
