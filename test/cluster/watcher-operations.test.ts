import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workloadKinds } from '../../src/core/workload.ts';
import { handsOn, imageOf, type ApiCall, type Hands } from '../contract/watched-workload.ts';
import { startEventReceiver, type EventReceiver, type ReceivedEvent } from '../support/event-receiver.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { kubernetesCall } from '../support/kubernetes-call.ts';
import { startNotifyProcess } from '../support/notify-process.ts';
import { aFolder } from '../support/running-service.ts';
import { firstLook, startWatcher, toldTo } from '../support/running-watcher.ts';
import { grantOwnPermissions, type OwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';
import { onOwnCluster } from './own-cluster.ts';
import { waitFor } from './wait-for.ts';

/** Where the watcher runs, and what it watches. */
const run = Date.now().toString(36);
const [tools, shop] = [`tools-${run}`, `shop-${run}`];
const inShop = `--namespace=${shop}`;
const folder = aFolder();
let cluster: TestCluster;
let receiver: EventReceiver;
let own: OwnPermissions;

beforeAll(async () => {
  [cluster, receiver] = await Promise.all([testCluster(), startEventReceiver()]);
  for (const name of [tools, shop]) await cluster.kubectl(['create', 'namespace', name]);
  own = await grantOwnPermissions(cluster, tools, folder.path, 'k8s/notify');
  for (const command of allowedBy('k8s/notify/kustomization.yaml')) await cluster.kubectl(command);
});
afterAll(async () => {
  await receiver.close();
  await cluster.kubectl(['delete', 'namespace', tools, shop, '--wait=false']);
  await cluster.stop();
  folder.remove();
});

/** The commands that allow a further namespace, as the file says them. */
function allowedBy(file: string): readonly (readonly string[])[] {
  const text = readFileSync(file, 'utf8').replace(/\\\n#/g, '');
  return [...text.matchAll(/^# +kubectl (--namespace till .*)$/gm)].map(([, command = '']) =>
    command
      .replace('--namespace till', inShop)
      .replace('shop:updatekate-notify', `${tools}:updatekate-notify`)
      .trim()
      .split(/\s+/),
  );
}

const api: ApiCall = (...call) =>
  kubernetesCall({ server: cluster.server, caPem: cluster.caPem, token: cluster.adminToken }, ...call);
const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl([...args, inShop]);
const wordsOf = ({ events }: EventReceiver, name: string): readonly string[] =>
  events.filter(({ workload }) => workload === name).map(({ type }) => type);
/** The first such message, of this tag where it is given. */
const told = (to: EventReceiver, name: string, word: string, tag = ''): Promise<ReceivedEvent> =>
  to.find(({ workload, type, images }) => {
    const [first] = images as readonly { readonly to: string }[];
    return workload === name && type === `workload.${word}` && (first?.to.endsWith(tag) ?? false);
  });
const environment = (owner: string): Readonly<Record<string, string>> => ({
  ...{ UK_KUBECONFIG: own.kubeconfigPath, UK_STORE: 'sqlite', UK_DATA_DIR: folder.path },
  ...{ UK_OWN_NAMESPACE: owner, UK_WATCH_NAMESPACES: shop, UK_ROLLOUT_POLL: '500ms' },
});

/** Makes a Deployment, or others, and waits until they run. */
async function made(...names: readonly string[]): Promise<readonly Hands[]> {
  const all = names.map((name) => handsOn(api, 'Deployment', shop, name));
  for (const one of all) await one.create('ansible');
  for (const name of names) await kubectl('rollout', 'status', `deployment/${name}`, '--timeout=60s');
  return all;
}

/** What a gauge of ours is. */
async function gauge(url: string, name: string): Promise<string | undefined> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const line = page.split('\n').find((one) => one.startsWith(`${name} `));
  return line?.slice(name.length + 1);
}

test('a watched namespace allows the watcher to look, its own to keep notes, and nothing else is allowed', async () => {
  const granted = async (where: string): Promise<readonly string[]> => {
    const list = await cluster.kubectl([
      'auth',
      'can-i',
      '--list',
      `--as=${own.user}`,
      `--namespace=${where}`,
    ]);
    const lines = list.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
    return lines
      .filter((line) => /^[a-z]+(\.[a-z0-9./]+)? \[\] /.test(line) && !line.startsWith('selfsubject'))
      .sort();
  };
  const look = [
    ...['cronjobs.batch [] [] [list watch]', 'daemonsets.apps [] [] [list watch]'],
    ...['deployments.apps [] [] [list watch]', 'pods [] [] [list]', 'statefulsets.apps [] [] [list watch]'],
  ];

  expect(await granted(shop)).toEqual(look);
  expect(await granted(tools)).toEqual(
    [
      ...look,
      'journals.updatekate.dev [] [] [get create update]',
      'leases.coordination.k8s.io [] [] [create]',
      'leases.coordination.k8s.io [] [updatekate-notify-leader] [get update]',
    ].sort(),
  );
  expect(await granted('default')).toEqual([]);
});

test('what is done with kubectl is told by the names that it has there', async () => {
  await made('by-hand');
  const watcher = await startWatcher('notify', {
    ...environment('kubectl'),
    ...toldTo(folder.path, { dashboard: receiver }),
  });
  try {
    await firstLook(watcher);
    const by: unknown[] = [];
    const done = async (word: string, tag: string, ...args: readonly string[]): Promise<void> => {
      await kubectl(...args);
      by.push([word, (await told(receiver, 'by-hand', word, tag)).by]);
    };

    const deployment = 'deployment/by-hand';
    await done('image-changed', ':1.1.0', 'set', 'image', deployment, `app=${imageOf('by-hand', '1.1.0')}`);
    await done('config-changed', '', 'set', 'env', deployment, 'MODE=test');
    await done('scaled', '', 'scale', deployment, '--replicas=1');
    await done('restarted', '', 'rollout', 'restart', deployment);
    await done('image-changed', ':1.0.0', 'rollout', 'undo', deployment, '--to-revision=1');
    await done('deleted', '', 'delete', deployment);
    await done('created', '', 'create', 'deployment', 'by-hand', `--image=${imageOf('by-hand', '2.0.0')}`);

    expect(by).toEqual([
      ['image-changed', ['kubectl-set']],
      ['config-changed', ['kubectl-set']],
      ['scaled', ['kubectl']],
      ['restarted', ['kubectl-rollout']],
      // It gives no name of its own.
      ['image-changed', ['kubectl']],
      ['deleted', []],
      ['created', ['kubectl-create']],
    ]);
    expect(wordsOf(receiver, 'by-hand')).toHaveLength(by.length);
  } finally {
    await watcher.stop();
  }
}, 60_000);

test('of two replicas one tells; when it is killed the other goes on: nothing is lost, nothing told twice', async () => {
  const [told1, slow, gone] = await made('told', 'slow', 'gone', 'as-ever');
  const pager = await startEventReceiver();
  // The first one reaches the dashboard alone.
  const nowhere = { url: 'http://127.0.0.1:9/', secret: pager.secret };
  const both = { ...environment('replicas'), UK_STORE: 'kubernetes' };
  const first = startNotifyProcess([], {
    ...both,
    ...toldTo(folder.path, { dashboard: receiver, pager: nowhere }),
  });
  const clock = createJumpingClock();
  try {
    const url = await first.listening;
    await firstLook(first);
    const second = await startWatcher(
      'notify',
      { ...both, ...toldTo(folder.path, { dashboard: receiver, pager }) },
      clock,
    );
    await second.service.ready;
    const leading = async (): Promise<unknown> => [
      await gauge(url, 'updatekate_replica_leads'),
      await gauge(second.url, 'updatekate_replica_leads'),
    ];
    const before = await leading();
    const leases = await cluster.kubectl(['get', 'leases', `--namespace=${tools}`, '--output=name']);

    await told1?.setImage('1.1.0');
    await told(receiver, 'told', 'image-changed');
    const logged = (words: string, name: string): Promise<true> =>
      waitFor(words, 60_000, () =>
        Promise.resolve(first.lines.some((one) => one.includes(words) && one.includes(name)) || undefined),
      );
    await logged('announcement sent', 'notify-dashboard');
    await logged('announcement not taken', 'notify-pager');
    await slow?.pause(true);
    await slow?.setImage('1.1.0');
    first.kill('SIGKILL');
    await first.exited;
    await gone?.remove();
    await waitFor('the other one to lead', 60_000, async () => {
      if ((await gauge(second.url, 'updatekate_replica_leads')) === '1') return true;
      // A lease lasts 15 seconds; a call under way may take five.
      clock.jump(3000);
      return undefined;
    });
    await slow?.pause(false);
    for (const to of [receiver, pager]) {
      await told(to, 'told', 'image-changed');
      await told(to, 'gone', 'deleted');
      await told(to, 'slow', 'image-changed');
    }
    await second.stop();

    expect(before).toEqual(['1', '0']);
    expect(leases).toBe('lease.coordination.k8s.io/updatekate-notify-leader\n');
    const journals = await cluster.kubectl(['get', 'journals', `--namespace=${tools}`, '--output=name']);
    expect(journals.trim().split('\n')).toEqual(
      ['events-v2', 'notices-v1'].map(
        (name) => `journal.updatekate.dev/deployment-${name}-replicas-${shop}.json`,
      ),
    );
    for (const to of [receiver, pager]) {
      expect(wordsOf(to, 'told')).toEqual(['workload.image-changed']);
      expect(wordsOf(to, 'slow')).toEqual(['workload.image-changed']);
      expect(wordsOf(to, 'gone')).toEqual(['workload.deleted']);
      expect(wordsOf(to, 'as-ever')).toEqual([]);
    }
    const ids = [receiver, pager].map((to) => to.events.find(({ workload }) => workload === 'told')?.id);
    expect(ids[0]).toBe(ids[1]);
  } finally {
    first.kill('SIGKILL');
    await pager.close();
  }
}, 120_000);

onOwnCluster(
  'an API server that is killed and comes back: what is changed then is told, once, and nothing else',
  async () => {
    const [moved] = await made('moved', 'left-alone');
    const watcher = await startWatcher('notify', {
      ...environment('outage'),
      ...toldTo(folder.path, { dashboard: receiver }),
    });
    try {
      await firstLook(watcher);
      await cluster.apiServer?.kill('SIGKILL');
      await waitFor('the watches to break', 30_000, () => {
        const broken = watcher.lines.filter((line) => line.includes('watch interrupted'));
        return Promise.resolve(broken.length >= workloadKinds.length || undefined);
      });
      await cluster.apiServer?.start();
      await moved?.setImage('1.1.0');
      await told(receiver, 'moved', 'image-changed');
      await moved?.remove();
      await told(receiver, 'moved', 'deleted');

      expect(wordsOf(receiver, 'moved')).toEqual(['workload.image-changed', 'workload.deleted']);
      expect(wordsOf(receiver, 'left-alone')).toEqual([]);
    } finally {
      await watcher.stop();
    }
  },
  120_000,
);

describe('a Role that is taken away from one watch', () => {
  test('makes the watcher unready after a minute, by the name of the watch; given back, nothing was missed', async () => {
    const [shopFront] = await made('front');
    const report = handsOn(api, 'CronJob', shop, 'report');
    await report.create('ansible');
    const clock = createJumpingClock();
    const watcher = await startWatcher(
      'notify',
      { ...environment('taken-away'), ...toldTo(folder.path, { dashboard: receiver }) },
      clock,
    );
    const readiness = async (): Promise<unknown> => {
      const response = await fetch(`${watcher.url}/readyz`);
      return [response.status, await response.json()];
    };
    const count = (words: string): number => watcher.lines.filter((line) => line.includes(words)).length;
    const watchedAgain = (): Promise<true> =>
      waitFor('the watches', 30_000, async () => {
        const jobs = await gauge(
          watcher.url,
          'updatekate_watch_alive{cluster="default",resource="cronjobs/changes"}',
        );
        return (jobs === '0' && count('watch goes on') === 3) || undefined;
      });
    try {
      await firstLook(watcher);
      const before = await readiness();
      const role = ['role', 'updatekate-notify-watched'];
      await kubectl('patch', ...role, '--type=json', '--patch=[{"op":"remove","path":"/rules/1"}]');
      await waitFor('the Role to be in force', 30_000, async () => {
        const asked = ['auth', 'can-i', 'watch', 'cronjobs.batch', `--as=${own.user}`];
        // It ends with 1 when the answer is no.
        return (await kubectl(...asked).catch(String)).startsWith('yes') ? undefined : true;
      });

      // Watches are open for so long at most; only a new one is refused.
      clock.jump(270_000, 0);
      await watchedAgain();
      const early = await readiness();
      clock.jump(60_000);
      const late = await readiness();
      await shopFront?.setImage('1.1.0');
      await report.setImage('1.1.0');
      await told(receiver, 'front', 'image-changed');
      const meanwhile = wordsOf(receiver, 'report');
      await kubectl('apply', '--filename', 'k8s/notify/watched-role.yaml');
      await told(receiver, 'report', 'image-changed');
      const after = await readiness();

      const ready = [200, { ready: true, reasons: [] }];
      expect([before, early, after]).toEqual([ready, ready, ready]);
      expect(late).toEqual([
        503,
        {
          ready: false,
          reasons: [`the watch of cronjobs in namespace ${shop} of cluster default is dead`],
        },
      ]);
      expect(meanwhile).toEqual([]);
      expect(count('workloads of a kind cannot be listed')).toBe(1);
      expect(wordsOf(receiver, 'report')).toEqual(['workload.image-changed']);
    } finally {
      await watcher.stop();
    }
  }, 90_000);
});
