import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { notify } from '../../src/cli/notify.ts';
import { connect } from '../../src/cluster/connect.ts';
import { createRest } from '../../src/cluster/rest.ts';
import { variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { watchedPlaces } from '../../src/config/watched.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { event } from '../../src/notifiers/event.ts';
import { aMessage } from '../contract/sink.ts';
import { handsOn } from '../contract/watched-workload.ts';
import { startEventKit } from '../notifiers/kits/event.ts';
import { kubeconfigFor, openEmbedded, type EmbeddedAccess } from '../support/embedded-access.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { aFolder } from '../support/running-service.ts';
import { sinkAround } from '../support/sink-around.ts';
import { firstLook, startWatcher, toldTo } from '../support/running-watcher.ts';
import {
  manifestsIn,
  kustomization as ofTheService,
  type Manifest,
  type PolicyRule,
  type Role,
} from './manifests.ts';
import { permissionsOf, startRbacGuard, type RbacGuard } from './rbac-guard.ts';
import { podSpec as ofTheServicesPod, type DeploymentManifest } from './workload.ts';

const { files, kustomization, manifests, only, variablesIn } = manifestsIn('k8s/notify');
const roles = manifests.filter((one): one is Role => one.kind === 'Role');
const rules = roles.flatMap((role) => role.rules);
const { spec } = only('Deployment') as DeploymentManifest;
const podSpec = spec.template.spec;
const [container] = podSpec.containers;
const configMap = variablesIn('notify.env');
const name = 'updatekate-notify';

test('it may look in the watched namespace, keep notes in its own, and do nothing else', () => {
  const look = ['list', 'watch'];

  expect(roles.map(({ metadata, rules: own }) => [metadata.name, own])).toEqual([
    [
      name,
      [
        { apiGroups: ['updatekate.dev'], resources: ['journals'], verbs: ['get', 'create', 'update'] },
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        {
          ...{ apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
          ...{ resourceNames: ['updatekate-notify-leader'], verbs: ['get', 'update'] },
        },
      ],
    ],
    [
      `${name}-watched`,
      [
        { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'], verbs: look },
        { apiGroups: ['batch'], resources: ['cronjobs'], verbs: look },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      ],
    ],
  ]);
  expect(manifests.filter(({ kind }) => kind === 'RoleBinding')).toMatchObject(
    roles.map(({ metadata }) => ({
      metadata: { name: metadata.name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name }],
    })),
  );
});

test('there are these objects and no others, none of them beyond the namespace', () => {
  expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort()).toEqual([
    'apps/v1 Deployment',
    'networking.k8s.io/v1 NetworkPolicy',
    ...['rbac.authorization.k8s.io/v1 Role', 'rbac.authorization.k8s.io/v1 Role'],
    ...['rbac.authorization.k8s.io/v1 RoleBinding', 'rbac.authorization.k8s.io/v1 RoleBinding'],
    'v1 ServiceAccount',
  ]);
});

test('kustomization.yaml names every file of the folder, and the image as k8s/ does', () => {
  const named = [...kustomization.resources, ...kustomization.configMapGenerator.flatMap(({ envs }) => envs)];

  expect(['kustomization.yaml', ...named].sort()).toEqual(files);
  expect([kustomization.images, container.image]).toEqual([ofTheService.images, 'updatekate']);
});

test('nothing of it is taken for a part of the service, or the other way round', () => {
  const labels = { 'app.kubernetes.io/name': name };

  expect(manifests.map(({ metadata }) => metadata.labels)).toEqual(manifests.map(() => labels));
  expect(spec.template.metadata.labels).toEqual(labels);
  expect(spec.selector.matchLabels).toEqual(labels);
  expect(only('NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: labels } } });
});

test('the pod runs the command as the image runs the service', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  const [file, ...program] = (JSON.parse(entrypoint) as readonly string[]).toReversed();

  expect(file).toBe('dist/main.js');
  expect(container.command).toEqual([...program.toReversed(), 'dist/cli/main.js', notify.name]);
  expect(existsSync('src/cli/main.ts')).toBe(true);
  expect(container).not.toHaveProperty('args');
});

test('the pod is what Pod Security calls restricted, and writes nowhere', () => {
  const { fsGroup, fsGroupChangePolicy, ...withoutVolumes } = ofTheServicesPod.securityContext;

  expect([fsGroup, fsGroupChangePolicy]).toEqual([65532, 'OnRootMismatch']);
  expect(podSpec.securityContext).toEqual(withoutVolumes);
  expect(container.securityContext).toEqual(ofTheServicesPod.containers[0].securityContext);
  expect(podSpec.containers).toHaveLength(1);
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers', 'volumes'])
    expect(podSpec).not.toHaveProperty(field);
  expect(podSpec).toMatchObject({
    ...{ serviceAccountName: name, automountServiceAccountToken: true, enableServiceLinks: false },
  });
  expect(only('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
});

test('a pod that cannot watch replaces none that can, and is told apart by its probes', () => {
  expect(spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);

  // test/http/status.test.ts has these routes.
  expect(paths.map(({ path, port }) => `${port}${path}`)).toEqual([
    ...['http/healthz', 'http/healthz', 'http/readyz'],
  ]);
  expect(spec.template.metadata.annotations).toMatchObject({ 'prometheus.io/path': '/metrics' });
  expect(container.ports).toEqual([{ name: 'http', containerPort: Number(variables.port.fallback) }]);
});

test('the network policy denies both directions but for what it names', () => {
  const policy = only('NetworkPolicy') as Manifest & {
    readonly spec: Readonly<
      Record<'ingress' | 'egress', readonly { readonly ports: readonly { readonly port: number }[] }[]>
    >;
  };
  const portsOf = (way: 'ingress' | 'egress') =>
    policy.spec[way].map(({ ports }) => ports.map(({ port }) => port));

  expect(policy).toMatchObject({ spec: { policyTypes: ['Ingress', 'Egress'] } });
  expect(portsOf('ingress')).toEqual([[Number(variables.port.fallback)]]);
  expect(portsOf('egress')).toEqual([
    [53, 53],
    [443, 6443],
  ]);
});

test('secrets come from the Secret, which may be missing; all other variables are said once, and known', () => {
  const fromSecret = container.env.filter(({ valueFrom }) => valueFrom?.secretKeyRef);
  const names = [...Object.keys(configMap), ...container.env.map((entry) => entry.name)];
  const known = Object.values(variables).map((variable) => variable.name as string);

  expect(fromSecret.map((entry) => entry.name)).toEqual([
    ...['UK_NOTIFY_SLACK_TOKEN', 'UK_SLACK_BOT_TOKEN', 'UK_ARTIFACTORY_LOGIN'],
  ]);
  for (const { name: key, valueFrom } of fromSecret)
    expect(valueFrom).toEqual({ secretKeyRef: { name, key, optional: true } });
  expect(names.filter((one) => !known.includes(one))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  expect(container.envFrom).toEqual([{ configMapRef: { name: kustomization.configMapGenerator[0]?.name } }]);
});

test('as it is applied, it watches the namespace that it is in, and its names are of that', () => {
  const { config, unknown } = loadConfig(configMap, () => '');

  expect(config).toMatchObject({ cluster: 'in-cluster', store: 'kubernetes', port: 8888 });
  expect([...watchedPlaces(config)]).toEqual([['default', [kustomization.namespace]]]);
  expect(unknown).toEqual([]);
  expect(container.env[0]).toEqual({
    name: 'UK_OWN_NAMESPACE',
    valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
  });
});

describe('the sink `event`, allowed what the watcher is and what its page adds', () => {
  const page = readFileSync('docs/notifiers/event.md', 'utf8');
  const [create = [], get = []] = [...page.matchAll(/```yaml\n(- apiGroups.*?)```/gs)].map(
    ([, text = '']) => parse(text) as readonly PolicyRule[],
  );

  test.each([
    ['writes Events without the uid', [...rules, ...create], ['get deployments.apps'], undefined],
    ['with `get`, writes them with it', [...rules, ...create, ...get], [], expect.any(String)],
  ])('%s', async (_what, allowed, refused, uid) => {
    const kit = await startEventKit();
    const guard = await startRbacGuard(kit.url, allowed);
    const rest = createRest(connect({ kind: 'url', url: guard.url }), systemClock, 10_000);
    const sink = event.settings.parse({})(sinkAround({ restOf: () => rest }));
    try {
      await sink.send(aMessage(), AbortSignal.timeout(10_000));
    } finally {
      await Promise.all([guard.close(), kit.close()]);
    }

    expect([...kit.stored.values()].map(({ regarding }) => regarding.uid)).toEqual([uid]);
    expect([...guard.refused]).toEqual(refused);
  });

  test('is told how the rule is added', () => {
    const [, patch = ''] = /```yaml\npatches:\n(.*?)```/s.exec(page) ?? [];
    const [{ target, patch: operations }] = parse(patch) as [Readonly<Record<'target' | 'patch', unknown>>];

    expect(target).toEqual({ kind: 'Role', name: 'updatekate' });
    expect(parse(operations as string)).toEqual([{ op: 'add', path: '/rules/-', value: create[0] }]);
    expect(page).toContain(`\`${name}-watched\``);
  });
});

describe('the watcher, allowed what the Roles allow', () => {
  let embedded: EmbeddedAccess;
  let guard: RbacGuard;
  let receiver: EventReceiver;
  const folder = aFolder();

  beforeAll(async () => {
    embedded = await openEmbedded();
    [guard, receiver] = await Promise.all([
      startRbacGuard(embedded.cluster.url, rules),
      startEventReceiver(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([receiver.close(), guard.close(), embedded.close()]);
    folder.remove();
  });

  test('does all of its work, and uses every permission', async () => {
    const kubeconfig = join(folder.path, 'kubeconfig');
    const data = join(folder.path, 'data');
    writeFileSync(kubeconfig, kubeconfigFor(guard.url));
    const watcher = await startWatcher('notify', {
      ...{ UK_KUBECONFIG: kubeconfig, UK_STORE: 'kubernetes', UK_WATCH_NAMESPACES: 'default' },
      ...{ UK_DATA_DIR: data, ...toldTo(folder.path, { dashboard: receiver }) },
    });
    try {
      await firstLook(watcher);
      const hands = handsOn(embedded.call, 'Deployment', 'default', 'till');
      await hands.create('ansible');
      await receiver.find(({ type }) => type === 'workload.created');
      await hands.setImage('1.1.0_broken');
      const failed = await receiver.find(({ type }) => type === 'workload.failed');
      await hands.remove();
      await receiver.find(({ type }) => type === 'workload.deleted');

      expect(failed).toMatchObject({ reason: 'ImagePullBackOff' });
      expect((await fetch(`${watcher.url}/readyz`)).status).toBe(200);
    } finally {
      await watcher.stop();
    }
    expect([...guard.refused]).toEqual([]);
    expect([...guard.granted].sort()).toEqual([...new Set(permissionsOf(rules))].sort());
    // The root file system of its pod is read-only.
    expect(existsSync(data)).toBe(false);
  }, 60_000);
});
