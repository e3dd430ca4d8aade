import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { WorkloadKind, WorkloadTraits } from '../../src/core/workload.ts';
import { readWorkload } from '../support/workload-object.ts';

type Json = Readonly<Record<string, unknown>>;

const restartKey = 'kubectl.kubernetes.io/restartedAt';
const app = {
  name: 'app',
  image: 'quay.io/acme/shop:1.0.0',
  env: [{ name: 'MODE', value: 'test' }],
  resources: {},
};
const side = { name: 'side', image: 'quay.io/acme/side:1.0.0' };
const init = { name: 'migrate', image: 'quay.io/acme/shop:1.0.0' };
const podSpec = { containers: [app, side], initContainers: [init], restartPolicy: 'Always' };

interface Parts {
  readonly metadata?: Json;
  readonly spec?: Json;
  readonly timing?: Json;
  readonly managedFields?: readonly Json[];
}

/** The traits of an object of a kind with a pod template like this. */
function traitsOf(
  kind: WorkloadKind,
  { metadata = {}, spec = podSpec, timing = {}, managedFields = [] }: Parts = {},
): WorkloadTraits {
  const template = { metadata, spec };
  const inner = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  const object = {
    metadata: { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '1', managedFields },
    spec: { ...inner, ...timing },
  };
  const { traits } = readWorkload('prod', kind, object, { traits: true });
  if (!traits) throw new Error('they were asked for');
  return traits;
}

const templateOf = (parts: Parts): string => traitsOf('Deployment', parts).template;

test('nobody who does not ask gets any', () => {
  const metadata = { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '1' };

  expect(readWorkload('prod', 'Deployment', { metadata, spec: {} })).not.toHaveProperty('traits');
});

describe('the template', () => {
  test('is 32 hexadecimal digits', () => {
    expect(templateOf({})).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<[string, Parts]>([
    ['an image', { spec: { ...podSpec, containers: [{ ...app, image: 'quay.io/acme/shop:2' }, side] } }],
    ['the image of an init container', { spec: { ...podSpec, initContainers: [{ ...init, image: 'x:2' }] } }],
    ['a restart', { metadata: { annotations: { [restartKey]: '2026-01-01T00:00:00Z' } } }],
    ['a mark of ours', { metadata: { annotations: { 'updatekate.dev/update': 'u-1' } } }],
    ['a mark of Keel’s', { metadata: { annotations: { 'keel.sh/update-time': 'now' } } }],
    ['annotations that are none', { metadata: { annotations: {} } }],
    ['a time of creation that is none', { metadata: { creationTimestamp: null } }],
    [
      'what is empty',
      { spec: { ...podSpec, securityContext: {}, tolerations: [], affinity: { podAffinity: {} } } },
    ],
    [
      'the order of names',
      { spec: { restartPolicy: 'Always', initContainers: [init], containers: podSpec.containers } },
    ],
  ])('does not change with %s', (_what, parts) => {
    expect(templateOf(parts)).toBe(templateOf({}));
  });

  const withEnv = (env: unknown): Parts => ({ spec: { ...podSpec, containers: [{ ...app, env }, side] } });

  test.each<[string, Parts]>([
    ['a variable', withEnv([{ name: 'MODE', value: 'prod' }])],
    ['a variable less', withEnv([])],
    ['the order of containers', { spec: { ...podSpec, containers: [side, app] } }],
    ['a container less', { spec: { ...podSpec, containers: [app] } }],
    ['the name of a container', { spec: { ...podSpec, containers: [app, { ...side, name: 'other' }] } }],
    ['where a container runs', { spec: { ...podSpec, containers: [app], initContainers: [init, side] } }],
    ['an annotation', { metadata: { annotations: { 'prometheus.io/scrape': 'true' } } }],
    ['a label', { metadata: { labels: { version: '2' } } }],
    [
      'an image that is mounted',
      { spec: { ...podSpec, volumes: [{ name: 'v', image: { reference: 'x:1' } }] } },
    ],
  ])('changes with %s', (_what, parts) => {
    expect(templateOf(parts)).not.toBe(templateOf({}));
  });

  test('knows a selector of everything from none', () => {
    const spread = (more: Json): Parts => ({
      spec: { ...podSpec, topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', ...more }] },
    });

    expect(templateOf(spread({ labelSelector: {} }))).not.toBe(templateOf(spread({})));
  });

  test('knows the place of what is nothing in a list', () => {
    const args = (...values: readonly unknown[]): Parts => ({ spec: { ...podSpec, args: values } });

    expect(templateOf(args('a', {}))).not.toBe(templateOf(args({}, 'a')));
  });

  test('of a CronJob has its timing in it, that of others has not', () => {
    const changed = (kind: WorkloadKind, timing: Json): boolean =>
      traitsOf(kind, { timing }).template !== traitsOf(kind).template;
    const timings = [
      { schedule: '* * * * *' },
      { timeZone: 'UTC' },
      { suspend: true },
      { concurrencyPolicy: 'Forbid' },
    ];

    expect(timings.map((timing) => changed('CronJob', timing))).toEqual([true, true, true, true]);
    expect(timings.map((timing) => changed('Deployment', timing))).toEqual([false, false, false, false]);
    expect(changed('CronJob', { successfulJobsHistoryLimit: 1 })).toBe(false);
    expect(changed('Deployment', { replicas: 5, paused: true, minReadySeconds: 3 })).toBe(false);
  });

  test('of any JSON is the same for the same, whatever the order of its names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (spec) => {
        const turned = Object.fromEntries(Object.entries(spec).reverse());
        expect(templateOf({ spec: { ...turned, ...podSpec } })).toBe(
          templateOf({ spec: { ...spec, ...podSpec } }),
        );
      }),
    );
  });
});

describe('a restart', () => {
  test('is read where the kind has its pod template', () => {
    const metadata = { annotations: { [restartKey]: '2026-01-01T00:00:00Z' } };

    expect(traitsOf('Deployment', { metadata }).restartedAt).toBe('2026-01-01T00:00:00Z');
    expect(traitsOf('CronJob', { metadata }).restartedAt).toBe('2026-01-01T00:00:00Z');
    expect(traitsOf('Deployment')).not.toHaveProperty('restartedAt');
  });
});

describe('the scale', () => {
  test.each<[WorkloadKind, Json, number | undefined]>([
    ['Deployment', { replicas: 3 }, 3],
    ['Deployment', { replicas: 0 }, 0],
    ['Deployment', {}, 1],
    ['StatefulSet', {}, 1],
    ['StatefulSet', { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } }, 3],
    ['DaemonSet', {}, undefined],
    ['CronJob', {}, undefined],
  ])('of a %s with %j is %p', (kind, timing, expected) => {
    expect(traitsOf(kind, { timing }).scale).toBe(expected);
  });
});

const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];

/** An entry as the API server writes it. */
function entry(manager: string, fieldsV1: unknown, more: Json = {}): Json {
  const type = { apiVersion: 'apps/v1', fieldsType: 'FieldsV1', operation: 'Update', time: early };
  return { manager, ...type, fieldsV1, ...more };
}

const template = (fields: Json): Json => ({ 'f:spec': { 'f:template': fields } });
const containers = (list: Json): Json => template({ 'f:spec': { 'f:containers': list } });
const image = (name: string, more: Json = {}): Json => ({
  [`k:{"name":"${name}"}`]: { 'f:image': {}, ...more },
});
const ownedTemplate = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
  'f:spec': {
    'f:containers': image('app', { '.': {}, 'f:name': {}, 'f:resources': {} }),
    'f:restartPolicy': {},
  },
};
const whole = template(ownedTemplate);

describe('who set it', () => {
  const setBy = (...managedFields: readonly Json[]) => traitsOf('Deployment', { managedFields }).setBy;

  test('is nobody where nothing is noted', () => {
    expect(setBy()).toEqual({ images: {} });
    expect(setBy({}, { manager: 'x' }, entry('', whole))).toEqual({ images: {} });
  });

  test('is said of each image, of init containers too', () => {
    const inits = template({ 'f:spec': { 'f:initContainers': image('migrate') } });

    expect(
      setBy(entry('helm', containers({ ...image('app'), ...image('side') })), entry('x', inits)).images,
    ).toEqual({
      ...{ app: 'helm', side: 'helm', migrate: 'x' },
    });
  });

  // As the API server had it when Argo CD applied an image that somebody had set before.
  test('an image that is applied as it already was is of who set it', () => {
    const applied = entry('argocd-controller', whole, { operation: 'Apply', time: late });
    const set = entry('kubectl-set', containers(image('app')));

    expect(setBy(applied, set)).toEqual({ images: { app: 'kubectl-set' }, template: 'argocd-controller' });
    expect(setBy(set, applied)).toEqual(setBy(applied, set));
  });

  test('of several who apply an image it is the latest', () => {
    const applied = (manager: string, time: string): Json =>
      entry(manager, whole, { operation: 'Apply', time });

    expect(setBy(applied('b', late), applied('a', early)).images).toEqual({ app: 'b' });
    expect(setBy(applied('b', early), applied('a', late)).images).toEqual({ app: 'a' });
  });

  test('the template is of who set anything of it last', () => {
    const env = containers({ 'k:{"name":"app"}': { 'f:env': { 'k:{"name":"MODE"}': { 'f:value': {} } } } });

    expect(setBy(entry('helm', whole), entry('kubectl-edit', env, { time: late })).template).toBe(
      'kubectl-edit',
    );
    expect(setBy(entry('kubectl-edit', env, { time: late }), entry('helm', whole)).template).toBe(
      'kubectl-edit',
    );
    expect(setBy(entry('helm', whole, { time: late }), entry('kubectl-edit', env)).template).toBe('helm');
  });

  test('what pods are made of is as old as the last entry that owns any of it', () => {
    const changedAt = (...managedFields: readonly Json[]) =>
      traitsOf('Deployment', { managedFields }).changedAt;
    const replicas = { 'f:spec': { 'f:replicas': {} } };
    const moved = containers(image('app'));

    expect(changedAt()).toBeUndefined();
    expect(changedAt(entry('x', replicas, { time: late }))).toBeUndefined();
    expect(changedAt(entry('helm', whole, { time: undefined }))).toBeUndefined();
    expect(changedAt(entry('helm', whole), entry('x', replicas, { time: late }))).toBe(early);
    expect(changedAt(entry('x', moved, { time: late }), entry('helm', whole))).toBe(late);
    expect(changedAt(entry('helm', whole), entry('x', notes(restartKey), { time: late }))).toBe(late);
  });

  test('within one second it is who updates, then the later in the list', () => {
    const applied = entry('x', whole, { operation: 'Apply' });

    expect(setBy(entry('a', whole), applied).template).toBe('a');
    expect(setBy(entry('a', whole), entry('b', whole)).template).toBe('b');
  });

  const notes = (...keys: readonly string[]): Json =>
    template({
      'f:metadata': {
        'f:annotations': { '.': {}, ...Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
      },
    });

  test.each<[string, Json]>([
    ['images', containers({ ...image('app'), ...image('side') })],
    [
      'images, naming their containers as who applies them must',
      containers(image('app', { '.': {}, 'f:name': {} })),
    ],
    ['the restart', notes(restartKey)],
    ['marks of ours and Keel’s', notes('updatekate.dev/update', 'keel.sh/update-time')],
    ['no annotation', template({ 'f:metadata': { 'f:annotations': {} } })],
    ['a time of creation', template({ 'f:metadata': { 'f:creationTimestamp': {} } })],
    ['the containers as such', template({ 'f:spec': { 'f:containers': { '.': {} } } })],
    ['what is beside the template', { 'f:spec': { 'f:replicas': {}, 'f:selector': {}, 'f:schedule': {} } }],
    ['metadata of its own', { 'f:metadata': { 'f:labels': { 'f:app': {} } } }],
    ['nothing', {}],
  ])('the template is not of who set %s', (_what, fields) => {
    expect(setBy(entry('helm', whole), entry('x', fields, { time: late })).template).toBe('helm');
  });

  test.each<[string, Json]>([
    ['an annotation', notes(restartKey, 'prometheus.io/scrape')],
    ['a label', template({ 'f:metadata': { 'f:labels': { 'f:version': {} } } })],
    [
      'a volume',
      template({ 'f:spec': { 'f:volumes': { '.': {}, 'k:{"name":"v"}': { '.': {}, 'f:name': {} } } } }),
    ],
    ['a policy', template({ 'f:spec': { 'f:restartPolicy': {} } })],
    ['a container’s arguments', containers(image('app', { 'f:args': {} }))],
  ])('the template is of who set %s', (_what, fields) => {
    expect(setBy(entry('helm', whole), entry('x', fields, { time: late })).template).toBe('x');
  });

  test('of a CronJob it is who set its timing, too', () => {
    const managedFields = [entry('x', { 'f:spec': { 'f:suspend': {} } })];

    expect(traitsOf('CronJob', { managedFields }).setBy.template).toBe('x');
  });

  test('of a CronJob it is read below its job template', () => {
    const inner = { 'f:template': ownedTemplate };
    const managedFields = [entry('x', { 'f:spec': { 'f:jobTemplate': { 'f:spec': inner } } })];

    expect(traitsOf('CronJob', { managedFields }).setBy).toEqual({ images: { app: 'x' }, template: 'x' });
  });

  test('a restart is of who asked for it', () => {
    expect(setBy(entry('helm', whole), entry('kubectl-rollout', notes(restartKey))).restart).toBe(
      'kubectl-rollout',
    );
    expect(setBy(entry('helm', whole), entry('x', notes('other')))).not.toHaveProperty('restart');
  });

  test('the scale is of who set it, through its own resource or not', () => {
    const replicas = { 'f:spec': { 'f:replicas': {} } };
    const scaled = entry('kube-controller-manager', replicas, { subresource: 'scale', time: undefined });

    expect(setBy(entry('helm', whole), scaled).scale).toBe('kube-controller-manager');
    expect(setBy(entry('helm', replicas)).scale).toBe('helm');
    expect(setBy(entry('helm', replicas, { operation: 'Apply', time: late }), scaled).scale).toBe(
      'kube-controller-manager',
    );
  });

  test('a status sets nothing', () => {
    const fields = { 'f:spec': { 'f:template': ownedTemplate, 'f:replicas': {} } };

    expect(setBy(entry('x', fields, { subresource: 'status', time: late }))).toEqual({ images: {} });
  });

  test('is read of any fields without a fault', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (fields) => {
        expect(setBy(entry('x', fields)).images).toEqual({});
      }),
    );
  });
});
