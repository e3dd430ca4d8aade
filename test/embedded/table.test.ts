import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEmbeddedCluster, type EmbeddedCluster } from '../../src/embedded/index.ts';
import { shortDuration } from '../../src/embedded/short-duration.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const clock = createFakeClock();
let cluster: EmbeddedCluster;

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ clock, port: 0 });
  await clock.advance(90_000);
});

afterAll(() => cluster.close());

interface Table {
  readonly kind: string;
  readonly metadata: { readonly resourceVersion: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object?: { readonly kind: string };
  }[];
}

async function get(path: string, url = cluster.url): Promise<Table> {
  const response = await fetch(`${url}${path}`, { headers: { accept } });
  return (await response.json()) as Table;
}

/** The table as kubectl prints it without -o wide. */
function printed({ columnDefinitions, rows }: Table): readonly string[] {
  const shown = columnDefinitions.map(({ priority }) => priority === 0);
  const line = (cells: readonly unknown[]) => cells.filter((_cell, index) => shown[index]).join(' ');
  return [
    line(columnDefinitions.map(({ name }) => name.toUpperCase())),
    ...rows.map(({ cells }) => line(cells)),
  ];
}

describe('tables', () => {
  test('deployments', async () => {
    expect(printed(await get('/apis/apps/v1/deployments'))).toEqual([
      'NAME READY UP-TO-DATE AVAILABLE AGE',
      'cart 1/1 1 1 90s',
      'payments 1/1 1 1 90s',
      'shop 2/2 2 2 90s',
    ]);
  });

  test.each([
    ['/apis/apps/v1/replicasets', 'NAME DESIRED CURRENT READY AGE', /^cart-\w{10} 1 1 1 90s$/],
    ['/api/v1/pods', 'NAME READY STATUS RESTARTS AGE', /^cart-\w{10}-\w{5} 1\/1 Running 0 90s$/],
    ['/api/v1/namespaces', 'NAME STATUS AGE', /^default Active 90s$/],
    [
      '/api/v1/events',
      'LAST SEEN TYPE REASON OBJECT MESSAGE',
      /^90s Normal ScalingReplicaSet deployment\/cart Scaled up replica set cart-\w{10} from 0 to 1$/,
    ],
  ])('%s', async (path, head, first) => {
    const [header, row] = printed(await get(path));

    expect(header).toBe(head);
    expect(row).toMatch(first);
  });

  test('a row carries what the client asks for', async () => {
    const kinds = async (query: string) =>
      (await get(`/apis/apps/v1/deployments${query}`)).rows[0]?.object?.kind;

    expect(await kinds('')).toBe('PartialObjectMetadata');
    expect(await kinds('?includeObject=Object')).toBe('Deployment');
    expect(await kinds('?includeObject=None')).toBeUndefined();
  });

  test('a watch sends tables of one row', async () => {
    const stop = new AbortController();
    const url = `${cluster.url}/apis/apps/v1/deployments?watch=true`;
    const response = await fetch(url, { headers: { accept }, signal: stop.signal });
    const chunk = await response.body?.pipeThrough(new TextDecoderStream()).getReader().read();
    stop.abort();
    const event = JSON.parse(chunk?.value?.split('\n')[0] ?? '') as { type: string; object: Table };

    expect(event.type).toBe('ADDED');
    expect(printed(event.object)).toEqual(['NAME READY UP-TO-DATE AVAILABLE AGE', 'cart 1/1 1 1 90s']);
  });

  test('StatefulSets, DaemonSets, their revisions and CronJobs, with -o wide', async () => {
    const own = createFakeClock();
    const cluster = await startEmbeddedCluster({ clock: own, port: 0 });
    const labels = { app: 'web' };
    const containers = [{ name: 'web', image: 'web:1' }];
    const template = { metadata: { labels }, spec: { containers, nodeSelector: { disk: 'ssd' } } };
    const job = { template: { spec: { containers, restartPolicy: 'Never' } } };
    const workload = { selector: { matchLabels: labels }, template };
    const kinds: readonly [string, object][] = [
      ['apps/v1/namespaces/default/statefulsets', workload],
      ['apps/v1/namespaces/default/daemonsets', workload],
      ['batch/v1/namespaces/default/cronjobs', { schedule: '@daily', jobTemplate: { spec: job } }],
    ];
    for (const [path, spec] of kinds) {
      const body = JSON.stringify({ metadata: { name: 'web' }, spec });
      const headers = { 'content-type': 'application/json' };
      const created = await fetch(`${cluster.url}/apis/${path}`, { method: 'POST', headers, body });
      expect(created.status).toBe(201);
    }
    await own.advance(5000);
    const wide = async (path: string) =>
      (await get(`/apis/${path}`, cluster.url)).rows.map(({ cells }) => cells.join(' '));

    const statefulSets = await wide('apps/v1/statefulsets');
    const daemonSets = await wide('apps/v1/daemonsets');
    const revisions = await wide('apps/v1/controllerrevisions');
    const cronJobs = await wide('batch/v1/cronjobs');
    await cluster.close();

    expect(statefulSets).toEqual(['web 1/1 5s web web:1']);
    expect(daemonSets).toEqual(['web 1 1 1 1 1 disk=ssd 5s web web:1 app=web']);
    expect(revisions.toSorted()).toEqual([
      expect.stringMatching(/^web-\w{10} daemonset.apps\/web 1 5s$/),
      expect.stringMatching(/^web-\w{10} statefulset.apps\/web 1 5s$/),
    ]);
    expect(cronJobs).toEqual(['web @daily <none> False 0 <none> 5s web web:1 <none>']);
  });

  test.each([
    [-5000, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [125_000, '2m5s'],
    [600_000, '10m'],
    [3 * 3600_000, '3h'],
    [3 * 3600_000 + 60_000, '3h1m'],
    [30 * 3600_000, '30h'],
    [49 * 3600_000, '2d1h'],
    [100 * 86_400_000, '100d'],
    [800 * 86_400_000, '2y70d'],
  ])('%d ms is %s', (ms, expected) => {
    expect(shortDuration(ms)).toBe(expected);
  });
});
