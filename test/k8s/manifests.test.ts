import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Variable } from '../../src/config/variable.ts';
import { startApp } from '../support/http-app.ts';
import { parse } from 'yaml';
import {
  files,
  kustomization,
  manifests,
  only,
  textOf,
  variablesIn,
  type Manifest,
  type Role,
} from './manifests.ts';
import { container, deployment, podSpec, template } from './workload.ts';

const declared = new Map<string, Variable<unknown>>(
  Object.values(variables).map((variable) => [variable.name, variable as Variable<unknown>]),
);
const configMap = variablesIn('updatekate.env');
const generated = kustomization.configMapGenerator.map(({ name }) => name);

test('the service may do exactly this', () => {
  const role = only('Role') as Role;

  expect(role.rules).toEqual([
    {
      ...{ apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'daemonsets'] },
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    {
      apiGroups: ['updatekate.dev'],
      resources: ['imageupdates'],
      verbs: ['get', 'list', 'watch', 'create', 'delete'],
    },
    { apiGroups: ['updatekate.dev'], resources: ['imageupdates/status'], verbs: ['update'] },
    { apiGroups: ['updatekate.dev'], resources: ['journals'], verbs: ['get', 'create', 'update'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    {
      ...{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['updatekate-leader'] },
      verbs: ['get', 'update'],
    },
  ]);
  expect(only('RoleBinding')).toMatchObject({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: only('ServiceAccount').metadata.name }],
  });
});

test('there are these objects and no others: beyond the namespace only the definitions of our records', () => {
  expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort()).toEqual([
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    'apps/v1 Deployment',
    'networking.k8s.io/v1 NetworkPolicy',
    'policy/v1 PodDisruptionBudget',
    'rbac.authorization.k8s.io/v1 Role',
    'rbac.authorization.k8s.io/v1 RoleBinding',
    'v1 Service',
    'v1 ServiceAccount',
  ]);
});

test('the Lease has a name of its own: kustomize would rename it with an object of that name', () => {
  const names = [...manifests.map(({ metadata }) => metadata.name), ...generated];
  const limited = (only('Role') as Role).rules.flatMap(({ resourceNames = [] }) => resourceNames);

  expect(limited).toHaveLength(1);
  expect(limited.filter((name) => names.includes(name))).toEqual([]);
});

test('kustomization.yaml names every file of the folder', () => {
  const named = [...kustomization.resources, ...kustomization.configMapGenerator.flatMap(({ envs }) => envs)];

  expect(['kustomization.yaml', ...named].sort()).toEqual(files);
});

test('whoever wants votes of Kubernetes users adds this, and nobody has it without wanting it', () => {
  const read = (file: string): unknown => parse(textOf(`kubernetes-votes/${file}`));

  expect(readdirSync('k8s/kubernetes-votes').sort()).toEqual([
    'cluster-role-binding.yaml',
    'kustomization.yaml',
  ]);
  expect(read('kustomization.yaml')).toEqual({
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    resources: ['cluster-role-binding.yaml'],
    configMapGenerator: [
      { name: 'updatekate', behavior: 'merge', literals: [`${variables.approvalKubernetes.name}=true`] },
    ],
  });
  expect(read('cluster-role-binding.yaml')).toMatchObject({
    kind: 'ClusterRoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name: only('ServiceAccount').metadata.name }],
  });
  expect(JSON.stringify(kustomization)).not.toContain('kubernetes-votes');
  expect(configMap).not.toHaveProperty(variables.approvalKubernetes.name);
});

test('the pod is what Pod Security calls restricted', () => {
  expect(podSpec.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
    fsGroup: 65532,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(podSpec.containers).toHaveLength(1);
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers', 'ephemeralContainers'])
    expect(podSpec).not.toHaveProperty(field);
  expect(podSpec.volumes.map(({ name, ...source }) => [name, ...Object.keys(source)])).toEqual([
    ['data', 'emptyDir'],
    ['tmp', 'emptyDir'],
  ]);
  expect(container.ports.filter(({ hostPort }) => hostPort !== undefined)).toEqual([]);
});

test('a token of the account is only in the pod that asks for it', () => {
  expect(only('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
  expect(podSpec).toMatchObject({
    serviceAccountName: only('ServiceAccount').metadata.name,
    automountServiceAccountToken: true,
  });
});

test('a webhook always finds a pod: also while one is replaced, or its node drained', () => {
  const budget = only('PodDisruptionBudget') as Manifest & { readonly spec: unknown };

  expect(deployment.spec).toMatchObject({
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
  expect(budget.spec).toEqual({ minAvailable: 1, selector: deployment.spec.selector });
  expect(container).toMatchObject({ lifecycle: { preStop: { sleep: { seconds: 8 } } } });
});

test('the spool is where the image keeps its data', () => {
  expect(podSpec.volumes[0]).toMatchObject({ name: 'data', emptyDir: {} });
  expect(container.volumeMounts[0]).toEqual({ name: 'data', mountPath: '/data' });
  expect(container.env).toContainEqual({ name: 'UK_DATA_DIR', value: '/data' });
});

test('the kubelet waits longer than a stop takes', () => {
  expect(podSpec.terminationGracePeriodSeconds).toBeGreaterThan(8 + 30);
});

test('services of the namespace cannot set variables of ours', () => {
  expect(podSpec.enableServiceLinks).toBe(false);
});

test('every variable is one that the service knows, said once', () => {
  const names = [...Object.keys(configMap), ...container.env.map(({ name }) => name)];

  expect(names.filter((name) => !declared.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('secrets come from the Secret, which may be missing, and from nowhere else', () => {
  const ofTheCommandLine = 'UK_TOKEN';
  const secret = [
    'UK_ADMIN_TOKEN',
    'UK_APPROVAL_TOKENS',
    'UK_APPROVAL_WEBHOOK',
    'UK_APPROVAL_WEBHOOK_SECRET',
    'UK_ARTIFACTORY_LOGIN',
    'UK_NOTIFY_SLACK_TOKEN',
    'UK_SLACK_APP_TOKEN',
    'UK_SLACK_BOT_TOKEN',
    'UK_SLACK_SIGNING_SECRET',
    'UK_VOTE_LINK_SECRET',
    'UK_WEBHOOK',
    'UK_WEBHOOK_SECRET',
    'UK_WEBHOOK_TOKEN',
    'UK_WEBHOOK_TOKENS',
  ];
  const fromSecret = container.env.filter(({ valueFrom }) => valueFrom?.secretKeyRef);

  expect(
    [...declared.values()]
      .filter((variable) => variable.secret && variable.name !== ofTheCommandLine)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(secret);
  expect(fromSecret.map(({ name }) => name).sort()).toEqual(secret);
  for (const { name, valueFrom } of fromSecret)
    expect(valueFrom).toEqual({ secretKeyRef: { name: 'updatekate', key: name, optional: true } });
  expect(Object.keys(configMap).filter((name) => secret.includes(name))).toEqual([]);
});

test('the service takes the configuration as it is applied, and watches the namespace of its pod', () => {
  const fixed = container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  const environment = {
    ...configMap,
    ...(Object.fromEntries(fixed) as Record<string, string>),
    UK_NAMESPACE: 'shop',
    UK_OWN_NAMESPACE: 'shop',
  };

  const { config, unknown } = loadConfig(environment, () => '');

  expect(config).toMatchObject({
    namespace: 'shop',
    ownNamespace: 'shop',
    cluster: 'in-cluster',
    store: 'kubernetes',
    port: 8888,
  });
  expect(config.deployment).toBeUndefined();
  expect(unknown).toEqual([]);
  const ofPod = { fieldRef: { fieldPath: 'metadata.namespace' } };
  expect(container.env.slice(0, 2)).toEqual([
    { name: 'UK_NAMESPACE', valueFrom: ofPod },
    { name: 'UK_OWN_NAMESPACE', valueFrom: ofPod },
  ]);
  expect(container.envFrom).toEqual([{ configMapRef: { name: kustomization.configMapGenerator[0]?.name } }]);
});

test('probes and scrapes go to routes that are there', async () => {
  const app = await startApp();
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  const { 'prometheus.io/path': metrics = '', ...scrape } = template.metadata.annotations;
  const paths = [...probes.map(({ httpGet }) => httpGet.path), metrics];

  const answers = await Promise.all(paths.map((path) => app.get(path)));
  await app.close();

  expect(paths).toEqual(['/healthz', '/healthz', '/readyz', '/metrics']);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(probes.map(({ httpGet }) => httpGet.port)).toEqual(['http', 'http', 'http']);
  expect(scrape).toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': variables.port.fallback });
});

test('all ports are the default of UK_PORT', () => {
  const port = Number(variables.port.fallback);
  const service = only('Service');
  const policy = only('NetworkPolicy');

  expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
  expect(service).toMatchObject({
    spec: { type: 'ClusterIP', ports: [{ name: 'http', port, targetPort: 'http' }] },
  });
  expect(policy).toMatchObject({ spec: { ingress: [{ ports: [{ protocol: 'TCP', port }] }] } });
  expect(configMap).not.toHaveProperty('UK_PORT');
});

test('the network policy denies both directions but for what it names', () => {
  const { spec } = only('NetworkPolicy') as Manifest & {
    readonly spec: { readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[] };
  };

  expect(spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
  expect(spec.egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
    [53, 53],
    [443, 6443],
  ]);
});

test('every selector finds the pod', () => {
  const labels = { 'app.kubernetes.io/name': 'updatekate' };

  expect(template.metadata.labels).toEqual(labels);
  expect(deployment.spec.selector.matchLabels).toEqual(labels);
  expect(only('Service')).toMatchObject({ spec: { selector: labels } });
  expect(only('NetworkPolicy')).toMatchObject({ spec: { podSelector: { matchLabels: labels } } });
});

test('the image has the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

  expect(kustomization.images).toEqual([{ name: 'updatekate', newName: 'updatekate', newTag: version }]);
  expect(container.image).toBe('updatekate');
});
