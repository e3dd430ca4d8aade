import { afterEach, describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/core/errors.ts';
import type { Cluster } from '../../src/core/ports.ts';
import { targetsOf } from '../../src/core/target.ts';
import { createWorkloadIndex } from '../../src/cluster/workload-index.ts';
import { describeTarget } from '../../src/flows/describe-target.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { anUpdate, aWorkload, keyOf } from '../support/builders.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';
import { quayPush, startApp, type StartedApp } from '../support/http-app.ts';
import { parsePrometheus } from '../support/prometheus.ts';

let app: StartedApp | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A Deployment with a secret in every place where people and tools put them. */
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'shop',
    namespace: 'default',
    uid: 'uid-1',
    resourceVersion: '7',
    labels: { app: 'shop' },
    annotations: {
      'updatekate.dev/policy': 'semver',
      'deployment.kubernetes.io/revision': '3',
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":[{"value":"canary"}]}',
      'example.com/password': 'canary',
    },
    managedFields: [{ manager: 'canary' }],
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'shop' } },
    strategy: { type: 'RollingUpdate' },
    template: {
      metadata: { annotations: { 'vault.example.com/secret': 'canary' } },
      spec: {
        imagePullSecrets: [{ name: 'canary' }],
        containers: [
          {
            name: 'app',
            image: 'quay.io/acme/shop:1.0.0',
            env: [
              { name: 'PASSWORD', value: 'canary' },
              { name: 'FROM', valueFrom: { secretKeyRef: { name: 'canary', key: 'canary' } } },
            ],
            envFrom: [{ secretRef: { name: 'canary' } }],
            args: ['--password=canary'],
            command: ['sh', '-c', 'echo canary'],
            livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'canary' }] } },
            lifecycle: { preStop: { exec: { command: ['canary'] } } },
          },
        ],
        initContainers: [
          { name: 'init', image: 'a:1', env: [{ name: 'A', value: 'canary' }], args: ['canary'] },
        ],
        volumes: [{ name: 'v', secret: { secretName: 'canary' } }],
      },
    },
  },
  status: { replicas: 2, conditions: [{ type: 'Available', status: 'True' }] },
};

/** `/info` as it is wired, over this Deployment. */
async function startInfo(raw: Cluster['readRaw'], adminToken?: string): Promise<StartedApp> {
  const store = createMemoryStore();
  await store.create([anUpdate()]);
  const scope = { kind: 'Deployment', namespace: undefined } as const;
  const view = createWorkloadIndex(
    [scope],
    (workload) => targetsOf(workload, undefined),
    () => undefined,
  );
  view.replaceAll(scope, [aWorkload(), aWorkload({ key: keyOf('cart'), uid: 'uid-2' })]);
  const cluster: Cluster = { ...createFakeCluster([]).port, readRaw: raw };
  app = await startApp({
    adminToken,
    info: (signal) => describeTarget({ cluster, store, view }, keyOf(), signal),
  });
  return app;
}

describe('GET /info', () => {
  test('shows the Deployment and what is known of it', async () => {
    const { get } = await startInfo(() => Promise.resolve(deployment));

    const response = await get('/info');

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      deployment: {
        metadata: { name: 'shop', annotations: { 'updatekate.dev/policy': 'semver' } },
        spec: {
          replicas: 2,
          template: {
            spec: {
              containers: [
                {
                  name: 'app',
                  image: 'quay.io/acme/shop:1.0.0',
                  env: [{ name: 'PASSWORD' }, { name: 'FROM' }],
                },
              ],
            },
          },
        },
      },
      targets: [{ container: 'app', repository: 'quay.io/acme/shop', policy: 'semver', held: null }],
      updates: [{ tag: '1.1.0', phase: 'Pending' }],
      workloads: ['default/default/Deployment/cart', 'default/default/Deployment/shop'],
    });
  });

  test('shows no secret, wherever it stands', async () => {
    const { get } = await startInfo(() => Promise.resolve(deployment));

    const text = await (await get('/info')).text();

    expect(text).toContain('PASSWORD');
    expect(text).not.toContain('canary');
    expect(text).not.toContain('last-applied');
  });

  test('says null where the Deployment is not there', async () => {
    const { get } = await startInfo(() => Promise.resolve(undefined));

    expect(await (await get('/info')).json()).toMatchObject({ deployment: null });
  });

  test('is 404 when it is switched off, for every method', async () => {
    app = await startApp({ info: undefined });

    expect((await app.get('/info')).status).toBe(404);
    expect((await app.post('/info', {})).status).toBe(404);
  });

  test('asks for the token, if there is one', async () => {
    const { get } = await startInfo(() => Promise.resolve(deployment), 'admin-token-123456');

    expect((await get('/info')).status).toBe(401);
    expect((await get('/info', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await get('/info', { authorization: 'Bearer admin-token-123456' })).status).toBe(200);
  });

  test('is there for GET only', async () => {
    const { post } = await startInfo(() => Promise.resolve(deployment));

    const response = await post('/info', {});

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
  });

  test.each([
    ['refuses us', new AppError('forbidden', 'kubernetes: canary is forbidden')],
    ['does not know our token', new AppError('unauthorized', 'kubernetes: canary')],
    ['is away', new AppError('unavailable', 'kubernetes: canary: ECONNREFUSED')],
    ['is too slow', new AppError('timeout', 'kubernetes: canary')],
  ])('is 503 when the cluster %s, without its words', async (_name, error) => {
    const { get, lines } = await startInfo(() => Promise.reject(error));

    const response = await get('/info');

    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('canary');
    expect(lines.join('')).toContain('canary');
  });

  test('is 500 when what comes is no Deployment, without a word of it', async () => {
    const { get } = await startInfo(() => Promise.resolve({ kind: 'canary', spec: 'canary' }));

    const response = await get('/info');

    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"error":{"code":"internal","message":"something went wrong here"}}');
  });
});

describe('GET /healthz and /readyz', () => {
  test('/healthz is 200 whatever stands in the way', async () => {
    app = await startApp({ notReady: () => ['the workloads are not known'] });

    const response = await app.get('/healthz');

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('ok\n');
  });

  test('/readyz is 503 and says why, until nothing stands in the way', async () => {
    const reasons = ['the workloads are not known'];
    app = await startApp({ notReady: () => reasons });

    const before = await app.get('/readyz');
    reasons.pop();
    const after = await app.get('/readyz');

    expect(before.status).toBe(503);
    expect(await before.json()).toEqual({ ready: false, reasons: ['the workloads are not known'] });
    expect(after.status).toBe(200);
    expect(await after.json()).toEqual({ ready: true, reasons: [] });
  });
});

describe('GET /metrics', () => {
  test('is Prometheus text with everything that is promised', async () => {
    app = await startApp();
    const { metrics } = app.page;
    await app.post('/webhook', quayPush('1.1.0'));
    await app.post('/webhook', 'junk');
    metrics.decision({ verdict: 'skip', reason: 'not-newer' });
    metrics.delivery('delivered', 0.1);
    metrics.rollout('succeeded', 10);

    const response = await app.get('/metrics');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const { valueOf, types } = parsePrometheus(await response.text());
    const webhooks = 'updatekate_webhook_duration_seconds_count';
    expect(valueOf(webhooks, { source: 'quay', status: '202' })).toBe(1);
    expect(valueOf(webhooks, { source: 'unknown', status: '400' })).toBe(1);
    expect(valueOf('updatekate_decisions_total', { verdict: 'skip', reason: 'not-newer' })).toBe(1);
    for (const name of ['webhook', 'delivery', 'rollout', 'announcement']) {
      expect(types.get(`updatekate_${name}_duration_seconds`)).toBe('histogram');
    }
  });

  test('a stranger cannot make series', async () => {
    app = await startApp({ webhook: { token: 'a-token-of-16-chars' } });
    const series = async (): Promise<number> =>
      parsePrometheus(await (await fetch(`${app?.url ?? ''}/metrics`)).text()).samples.filter(({ name }) =>
        name.startsWith('updatekate_'),
      ).length;
    await app.post('/webhook/one', quayPush('1'));
    const before = await series();

    for (let n = 0; n < 50; n++)
      await app.post(`/webhook/source-${n}/secret-${n}?registry=host-${n}`, `{"a":${n}}`);

    expect(await series()).toBe(before);
  });
});

describe('every answer', () => {
  test.each(['/healthz', '/webhook', '/nothing'])(
    '%s carries security headers and no banner',
    async (path) => {
      app = await startApp();

      const { headers } = await app.get(path);

      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    },
  );
});
