import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redactDeployment } from '../../src/core/redact.ts';

const canary = 'canary-7f3a';
const container = {
  name: 'app',
  image: 'quay.io/acme/shop:1.0.0',
  imagePullPolicy: 'IfNotPresent',
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP', hostIP: canary }],
  resources: { limits: { cpu: '1' }, requests: { cpu: '100m' }, claims: [{ name: canary }] },
  env: [
    { name: 'PASSWORD', value: canary },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: canary, key: canary } } },
  ],
  envFrom: [{ secretRef: { name: canary } }],
  command: ['sh', '-c', canary],
  args: [`--token=${canary}`],
  volumeMounts: [{ name: canary, mountPath: `/${canary}` }],
  livenessProbe: { httpGet: { path: '/', httpHeaders: [{ name: 'Authorization', value: canary }] } },
  lifecycle: { preStop: { exec: { command: [canary] } } },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'shop',
    namespace: 'prod',
    uid: 'uid-1',
    resourceVersion: '42',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { app: 'shop' },
    annotations: {
      'updatekate.dev/policy': 'semver',
      'deployment.kubernetes.io/revision': '7',
      'kubectl.kubernetes.io/last-applied-configuration': `{"env":"${canary}"}`,
      'kubernetes.io/change-cause': `kubectl set env deployment/shop PASSWORD=${canary} --record=true`,
      'vault.example/token': canary,
      'not-updatekate.dev/policy': canary,
    },
    managedFields: [{ manager: canary }],
    ownerReferences: [{ name: canary }],
  },
  spec: {
    replicas: 2,
    paused: false,
    minReadySeconds: 5,
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    selector: { matchLabels: { app: 'shop' } },
    strategy: { type: 'RollingUpdate' },
    template: {
      metadata: { labels: { app: 'shop' }, annotations: { checksum: canary } },
      spec: {
        containers: [container],
        initContainers: [{ ...container, name: 'migrate' }],
        ephemeralContainers: [{ ...container, name: canary }],
        volumes: [{ name: 'v', secret: { secretName: canary } }],
        imagePullSecrets: [{ name: canary }],
        hostAliases: [{ ip: canary }],
      },
    },
    unheardOf: canary,
  },
  status: {
    observedGeneration: 3,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 1,
    availableReplicas: 1,
    unavailableReplicas: 1,
    conditions: [
      {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'not yet',
        extra: canary,
      },
    ],
    unheardOf: canary,
  },
  unheardOf: canary,
};

/** The places of an object that hold a text, as paths. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]));
}

/** The object with `text` put in at `path`. */
function withText(value: unknown, [key, ...rest]: readonly string[], text: string): unknown {
  if (key === undefined) return text;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...(value as object) };
  Object.assign(copy, { [key]: withText(Reflect.get(copy, key), rest, text) });
  return copy;
}

describe('redactDeployment', () => {
  test('shows what is safe and nothing else', () => {
    const shown = redactDeployment(deployment);

    const safe = {
      name: 'app',
      image: 'quay.io/acme/shop:1.0.0',
      imagePullPolicy: 'IfNotPresent',
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      resources: { limits: { cpu: '1' }, requests: { cpu: '100m' } },
      env: [{ name: 'PASSWORD' }, { name: 'TOKEN' }],
    };
    expect(JSON.stringify(shown)).not.toContain(canary);
    expect(shown).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'shop',
        namespace: 'prod',
        uid: 'uid-1',
        resourceVersion: '42',
        generation: 3,
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { app: 'shop' },
        annotations: { 'updatekate.dev/policy': 'semver', 'deployment.kubernetes.io/revision': '7' },
      },
      spec: {
        replicas: 2,
        paused: false,
        minReadySeconds: 5,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        selector: { matchLabels: { app: 'shop' } },
        strategy: { type: 'RollingUpdate' },
        template: { spec: { containers: [safe], initContainers: [{ ...safe, name: 'migrate' }] } },
      },
      status: {
        observedGeneration: 3,
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 1,
        availableReplicas: 1,
        unavailableReplicas: 1,
        conditions: [
          { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'not yet' },
        ],
      },
    });
  });

  test('shows a Deployment that has nothing but what it must have', () => {
    const bare = {
      metadata: { name: 'shop', namespace: 'prod' },
      spec: { selector: {}, strategy: {}, template: { spec: {} } },
    };

    expect(redactDeployment(bare)).toEqual(bare);
  });

  test('lets a secret through only where a list of safe places says so', () => {
    const safe =
      /^(?:apiVersion|kind|metadata\.(?:name|namespace|uid|resourceVersion|creationTimestamp|labels\.app)|metadata\.annotations\.(?:updatekate\.dev\/policy|deployment\.kubernetes\.io\/revision)|spec\.(?:selector|strategy)\..*|spec\.template\.spec\.(?:containers|initContainers)\.0\.(?:name|image|imagePullPolicy|ports\.0\.(?:name|protocol)|resources\.(?:limits|requests)\.cpu|env\.\d\.name)|status\.conditions\.0\.(?:type|status|reason|message))$/;
    const unsafe = places(deployment).filter((path) => !safe.test(path.join('.')));

    fc.assert(
      fc.property(fc.constantFrom(...unsafe), fc.uuid(), (path, secret) => {
        const shown = redactDeployment(withText(deployment, path, secret));

        expect(JSON.stringify(shown)).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  test.each([[null], ['text'], [{}], [{ metadata: { name: 'shop', namespace: 'prod' } }]])(
    'throws for %p, which is no Deployment',
    (object) => {
      expect(() => redactDeployment(object)).toThrow(expect.objectContaining({ name: 'ZodError' }));
    },
  );
});
