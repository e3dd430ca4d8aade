import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { noticeKinds, type Notice } from '../../src/core/notice.ts';
import type { Sink } from '../../src/core/ports.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { event } from '../../src/notifiers/event.ts';
import { aMessage, aMessageOf } from '../contract/sink.ts';
import { aFolder } from '../support/running-service.ts';
import { sinkAround } from '../support/sink-around.ts';
import { grantOwnPermissions } from './own-permissions.ts';
import { testCluster, type TestCluster } from './test-cluster.ts';

const namespace = `event-${Date.now().toString(36)}`;
const workload: Notice['workload'] = { cluster: 'north', namespace, kind: 'Deployment', name: 'shop' };
const inNamespace = `--namespace=${namespace}`;
const never = new AbortController().signal;
const folder = aFolder();
let cluster: TestCluster;
let own: string;
let user: string;
let id = '';
let count = 0;

beforeAll(async () => {
  cluster = await testCluster();
  await cluster.kubectl(['create', 'namespace', namespace]);
  ({ kubeconfigPath: own, user } = await grantOwnPermissions(cluster, namespace, folder.path));
  await cluster.kubectl(['create', 'deployment', 'shop', '--image=example.test/shop:1.1.0', inNamespace]);
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  await cluster.stop();
  folder.remove();
});
beforeEach(() => {
  id = `up-${++count}-succeeded`;
});

function open(kubeconfigPath: string): Sink {
  process.env.KUBECONFIG = kubeconfigPath;
  const rest = createRest(connect({ kind: 'kubeconfig' }), systemClock, 10_000);
  return event.settings.parse({})(sinkAround({ restOf: () => rest }));
}

const get = (...more: readonly string[]): Promise<string> =>
  cluster.kubectl(['get', 'events.v1.events.k8s.io', inNamespace, ...more]);

test('kubectl describe and kubectl get events show it', async () => {
  const at = new Date(Date.now() - 125_000).toISOString();
  await open(cluster.kubeconfigPath).send(aMessage({ id, workload, at }), never);

  const described = await cluster.kubectl(['describe', 'deployment', 'shop', inNamespace]);
  const listed = await cluster.kubectl([
    'get',
    'events',
    inNamespace,
    '--field-selector=reportingComponent=updatekate.dev/updatekate',
  ]);

  const note = `shop deployed to ${namespace}; Image: quay.io/acme/shop:1.1.0; Team: checkout; app: quay.io/acme/shop:1.0.0 → quay.io/acme/shop:1.1.0; Cluster: north; Approved by: ann@acme.example; https://argo.example/till/shop?a=1&b=2`;
  const line = described.split('\n').find((each) => each.includes('UpdateSucceeded'));
  expect(line?.replace(/ +/g, ' ')).toMatch(/^ Normal UpdateSucceeded 2m\d+s updatekate\.dev\/updatekate /);
  expect(line).toContain(note);
  expect(listed).toContain('deployment/shop');
  expect(listed).toContain(note);
});

test('what is tried again is there once', async () => {
  const sink = open(cluster.kubeconfigPath);
  await sink.send(aMessage({ id, workload }), never);
  await sink.send(aMessage({ id, workload }), never);

  expect(await get(`--field-selector=metadata.name=${id}`, '--output=name')).toBe(
    `event.events.k8s.io/${id}\n`,
  );
});

test('the longest note is taken', async () => {
  const message = '🚢'.repeat(3000);
  await open(cluster.kubeconfigPath).send(aMessage({ id, workload, kind: 'update.failed', message }), never);

  expect(await get(`--field-selector=metadata.name=${id}`, '--output=jsonpath={.items[0].note}')).toMatch(
    /🚢…$/u,
  );
});

test('a workload that is gone has its event still', async () => {
  await open(cluster.kubeconfigPath).send(aMessage({ id, workload: { ...workload, name: 'gone' } }), never);

  expect(await cluster.kubectl(['get', 'events', inNamespace])).toContain('deployment/gone');
});

test('every kind is taken', async () => {
  const sink = open(cluster.kubeconfigPath);
  const names = noticeKinds.map((kind) => `${id}-${kind}`);
  for (const kind of noticeKinds) await sink.send(aMessageOf(kind, { id: `${id}-${kind}`, workload }), never);

  const taken = await get('--output=name');
  expect(names.filter((name) => !taken.includes(`event.events.k8s.io/${name}\n`))).toEqual([]);
});

test('of a namespace that is not there none will ever be taken', async () => {
  const elsewhere = { ...workload, namespace: `${namespace}-gone` };

  await expect(
    open(cluster.kubeconfigPath).send(aMessageOf('workload.deleted', { id, workload: elsewhere }), never),
  ).rejects.toMatchObject({ code: 'gone' });
});

test('needs the rule that its error names, and no other', async () => {
  const rule =
    'the Role in NAMESPACE of cluster north lacks the rule { apiGroups: [events.k8s.io], resources: [events], verbs: [create] }';
  // As it was before events were granted to it, whatever k8s/ grants.
  const withoutEvents = join(folder.path, 'role.json');
  const role = JSON.parse(
    await cluster.kubectl(['get', 'role', 'updatekate', inNamespace, '--output=json']),
  ) as {
    rules: readonly { readonly resources: readonly string[] }[];
  };
  const rules = role.rules.filter(({ resources }) => !resources.includes('events'));
  writeFileSync(withoutEvents, JSON.stringify({ ...role, rules }));
  await cluster.kubectl(['replace', '--filename', withoutEvents]);
  const sink = open(own);

  await expect(sink.send(aMessage({ id, workload }), never)).rejects.toThrow(
    rule.replace('NAMESPACE', namespace),
  );
  const granted = ['--verb=create', '--resource=events.events.k8s.io', inNamespace];
  await cluster.kubectl(['create', 'role', 'tells', ...granted]);
  await cluster.kubectl(['create', 'rolebinding', 'tells', '--role=tells', `--user=${user}`, inNamespace]);
  await sink.send(aMessage({ id, workload }), never);

  expect(await get(`--field-selector=metadata.name=${id}`, '--output=name')).toContain(id);
});

test('of the watcher of k8s/notify is taken without the uid that it may not read', async () => {
  const watcher = await grantOwnPermissions(cluster, namespace, folder.path, 'k8s/notify');
  const granted = ['--verb=create', '--resource=events.events.k8s.io', inNamespace];
  await cluster.kubectl(['create', 'role', 'watcher-tells', ...granted]);
  const bound = ['--role=watcher-tells', `--user=${watcher.user}`, inNamespace];
  await cluster.kubectl(['create', 'rolebinding', 'watcher-tells', ...bound]);

  await open(watcher.kubeconfigPath).send(aMessage({ id, workload }), never);

  const regarding = '--output=jsonpath={.items[*].regarding.name}/{.items[*].regarding.uid}';
  expect(await get(`--field-selector=metadata.name=${id}`, regarding)).toBe('shop/');
  expect(await cluster.kubectl(['get', 'events', inNamespace])).toContain('deployment/shop');
});
