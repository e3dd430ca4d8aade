import { describe, expect, test } from '@jest/globals';
import { readWorkload } from '../support/workload-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** A Deployment as the API server gives it, with another spec or status. */
function aDeployment(
  changes: { readonly metadata?: Json; readonly spec?: Json; readonly status?: Json } = {},
): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'shop',
      namespace: 'default',
      uid: '0e6e3a9e-6f0a-4c61-9a44-5f0d6c6c2f55',
      resourceVersion: '4711',
      generation: 3,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { 'updatekate.dev/policy': 'semver' },
      ...changes.metadata,
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'shop' } },
      template: {
        metadata: { creationTimestamp: null, labels: { app: 'shop' } },
        spec: {
          containers: [{ name: 'app', image: 'quay.io/acme/shop:1.0.0', resources: {} }],
          initContainers: [{ name: 'migrate', image: 'quay.io/acme/shop:1.0.0' }],
        },
      },
      ...changes.spec,
    },
    status: {
      observedGeneration: 3,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 1,
      conditions: [
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: 'done',
          lastUpdateTime: '2026-01-01T00:00:00Z',
        },
        { type: 'Odd', status: 'Unknown' },
      ],
      ...changes.status,
    },
  };
}

describe('a Deployment', () => {
  test('is of the team that the label of its pods says, else its own label', () => {
    const labels = { 'app.dbc.dk/team': 'search' };
    const template = { metadata: { labels: { 'app.dbc.dk/team': 'checkout' } } };
    const teamOf = (
      metadata: Readonly<Record<string, unknown>>,
      spec: Readonly<Record<string, unknown>>,
      teamLabel = 'app.dbc.dk/team',
    ) => readWorkload('prod', 'Deployment', aDeployment({ metadata, spec }), { teamLabel }).team;

    expect(teamOf({ labels }, { template })).toBe('checkout');
    expect(teamOf({ labels }, {})).toBe('search');
    expect([teamOf({}, {}), teamOf({ labels }, { template }, 'team')]).toEqual([undefined, undefined]);
  });

  test('keeps of its annotations ours, Keel’s, and those that are asked for', () => {
    const annotations = {
      'updatekate.dev/policy': 'semver',
      'keel.sh/policy': 'minor',
      'initializer.kubernetes.io/oga': 'slack: {}',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    };
    const object = aDeployment({ metadata: { annotations } });
    const read = (...others: readonly string[]) =>
      Object.keys(readWorkload('prod', 'Deployment', object, { annotations: others }).annotations);

    expect(read()).toEqual(['updatekate.dev/policy', 'keel.sh/policy']);
    expect(read('initializer.kubernetes.io/oga')).toEqual([
      ...['updatekate.dev/policy', 'keel.sh/policy', 'initializer.kubernetes.io/oga'],
    ]);
  });

  test('becomes a workload', () => {
    expect(readWorkload('prod', 'Deployment', aDeployment())).toEqual({
      key: { cluster: 'prod', namespace: 'default', kind: 'Deployment', name: 'shop' },
      uid: '0e6e3a9e-6f0a-4c61-9a44-5f0d6c6c2f55',
      resourceVersion: '4711',
      generation: 3,
      deleting: false,
      annotations: { 'updatekate.dev/policy': 'semver' },
      containers: [
        { name: 'app', image: 'quay.io/acme/shop:1.0.0', init: false },
        { name: 'migrate', image: 'quay.io/acme/shop:1.0.0', init: true },
      ],
      gitOpsOwners: {},
      selector: 'app=shop',
      paused: false,
      onDelete: false,
      replicas: 2,
      observedGeneration: 3,
      status: { replicas: 2, updated: 2, available: 1 },
      conditions: [
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: 'done' },
        { type: 'Odd', status: 'Unknown', reason: '', message: '' },
      ],
    });
  });

  test('without replicas wants one, with 0 wants none', () => {
    expect(readWorkload('prod', 'Deployment', aDeployment({ spec: { replicas: undefined } })).replicas).toBe(
      1,
    );
    expect(readWorkload('prod', 'Deployment', aDeployment({ spec: { replicas: 0 } })).replicas).toBe(0);
  });

  test('that was made just now has no status yet', () => {
    const { status, ...young } = aDeployment();
    const workload = readWorkload('prod', 'Deployment', young);

    expect(status).toBeDefined();
    expect(workload.observedGeneration).toBe(0);
    expect(workload.status).toEqual({ replicas: 0, updated: 0, available: 0 });
    expect(workload.conditions).toEqual([]);
    expect(readWorkload('prod', 'Deployment', { ...young, status: {} }).status).toEqual(workload.status);
  });

  test('says which revision is the new one, for whoever tells of changes, where its controller does', () => {
    const set = aDeployment({ status: { observedGeneration: 3, updateRevision: 'shop-5d6f' } });
    const watched = readWorkload('prod', 'StatefulSet', set, { traits: true });

    expect(watched.updateRevision).toBe('shop-5d6f');
    expect(readWorkload('prod', 'StatefulSet', set)).not.toHaveProperty('updateRevision');
    const other = readWorkload('prod', 'Deployment', aDeployment(), { traits: true });
    expect(other).not.toHaveProperty('updateRevision');
  });

  test('that is being deleted, or paused, says so', () => {
    const deleting = aDeployment({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });

    expect(readWorkload('prod', 'Deployment', deleting).deleting).toBe(true);
    expect(readWorkload('prod', 'Deployment', aDeployment({ spec: { paused: true } })).paused).toBe(true);
  });

  test.each([
    [{ matchLabels: { app: 'shop', tier: 'web' } }, 'app=shop,tier=web'],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['web', 'api'] }] }, 'tier in (web,api)'],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }] }, 'tier notin (db)'],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, 'tier'],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist', values: [] }] }, '!tier'],
    [
      {
        matchLabels: { 'app.kubernetes.io/name': 'shop' },
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['web'] },
          { key: 'canary', operator: 'DoesNotExist' },
        ],
      },
      'app.kubernetes.io/name=shop,tier in (web),!canary',
    ],
    [{}, ''],
  ])('with the selector %j is asked for as %s', (selector, expected) => {
    expect(readWorkload('prod', 'Deployment', aDeployment({ spec: { selector } })).selector).toBe(expected);
  });

  test('without containers is no fault', () => {
    const template = { spec: {} };

    expect(readWorkload('prod', 'Deployment', aDeployment({ spec: { template } })).containers).toEqual([]);
  });

  test.each([null, 7, 'text', [], {}, { metadata: {} }, { kind: 'Status', code: 404 }])(
    'is not %j: that is thrown, with the field that is wrong',
    (object) => {
      expect(() => readWorkload('prod', 'Deployment', object)).toThrow(
        expect.objectContaining({ name: 'ZodError' }),
      );
    },
  );
});

describe('annotations and labels', () => {
  const read = (metadata: Json) =>
    readWorkload('default', 'Deployment', {
      metadata: { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '1', ...metadata },
      spec: { template: { spec: {} } },
    });

  test('of others are not kept: kubectl puts the whole object into one', () => {
    const ours = {
      ...{ 'updatekate.dev/policy': 'semver', 'updatekate.dev/policy.app': 'patch' },
      ...{ 'keel.sh/policy': 'all', 'keel.observer/policy': 'all' },
    };
    const theirs = { 'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{}}', 'keel.sh': 'x' };

    expect(read({ annotations: { ...theirs, ...ours } }).annotations).toEqual(ours);
  });

  test("of Keel's are the only labels that are kept", () => {
    const keel = { 'keel.sh/policy': 'all', 'keel.observer/policy': 'all' };

    expect(read({ labels: { app: 'shop', 'updatekate.dev/policy': 'all', ...keel } }).labels).toEqual(keel);
  });

  test('cost nothing when there are none: no labels, and one empty object for all', () => {
    const [first, second] = [read({ labels: { app: 'shop' } }), read({ annotations: { other: 'x' } })];

    expect(first).not.toHaveProperty('labels');
    expect(first.annotations).toEqual({});
    expect(first.annotations).toBe(second.annotations);
  });
});
