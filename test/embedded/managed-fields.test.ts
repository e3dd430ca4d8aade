import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { difference, isEmptySet, union, noFields } from '../../src/embedded/field-set.ts';
import { compareFields } from '../../src/embedded/compare-fields.ts';
import { withOwners } from '../../src/embedded/managed-fields.ts';
import type { KubeObject, ManagedEntry } from '../../src/embedded/objects.ts';
import { createBareCluster, webSpec } from './bare-cluster.ts';

type Bare = ReturnType<typeof createBareCluster>;

const [merge, strategic] = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

/** A Deployment without pods, made by `maker`. */
function start(plural = 'deployments', spec: object = { replicas: 0 }) {
  const cluster = createBareCluster();
  const resource = cluster.resource(plural);
  const name = { resource, namespace: 'default', name: 'web', subresource: undefined };
  const labels = { app: 'web' };
  const body = { metadata: { name: 'web', labels }, spec: webSpec('web:1', spec) };
  cluster.api.create(name, body, { dryRun: false, manager: 'maker' });
  const patch = (manager: string, body: object, type = strategic, more: object = {}): KubeObject =>
    cluster.api.patch({ ...name, ...more }, type, body, { dryRun: false, manager });
  return { cluster, patch, entries: () => entriesOf(cluster, plural) };
}

function entriesOf({ state, resource }: Bare, plural: string): readonly ManagedEntry[] {
  return state.get(resource(plural), 'default', 'web')?.metadata.managedFields ?? [];
}

function podPatch(container: object): object {
  return { spec: { template: { spec: { containers: [{ name: 'web', ...container }] } } } };
}

const imageOf = {
  'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } } },
};

describe('who owns the fields of a Deployment', () => {
  // As kube-apiserver 1.36 writes it of `kubectl create deployment web --image=web:1`.
  test('is at first who made it', () => {
    expect(start().entries()).toEqual([
      {
        manager: 'maker',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:progressDeadlineSeconds': {},
            'f:replicas': {},
            'f:revisionHistoryLimit': {},
            'f:selector': {},
            'f:strategy': {
              'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
              'f:type': {},
            },
            'f:template': {
              'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': {
                    '.': {},
                    'f:image': {},
                    'f:imagePullPolicy': {},
                    'f:name': {},
                    'f:resources': {},
                    'f:terminationMessagePath': {},
                    'f:terminationMessagePolicy': {},
                  },
                },
                'f:dnsPolicy': {},
                'f:restartPolicy': {},
                'f:schedulerName': {},
                'f:securityContext': {},
                'f:terminationGracePeriodSeconds': {},
              },
            },
          },
        },
      },
    ]);
  });

  test('its controller owns the status and the revision', async () => {
    const { cluster, entries } = start();
    await cluster.clock.advance(1000);

    expect(entries().find(({ manager }) => manager === 'kube-controller-manager')).toMatchObject({
      subresource: 'status',
      fieldsV1: {
        'f:metadata': { 'f:annotations': { '.': {}, 'f:deployment.kubernetes.io/revision': {} } },
        'f:status': {
          'f:conditions': { '.': {}, 'k:{"type":"Available"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
          'f:observedGeneration': {},
        },
      },
    });
  });

  test('of what was changed it is who changed it, at that time', async () => {
    const { cluster, patch, entries } = start();
    await cluster.clock.advance(5000);
    patch('setter', podPatch({ image: 'web:2' }));
    const [maker] = entries();

    expect(entries().find(({ manager }) => manager === 'setter')).toEqual({
      ...{ manager: 'setter', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' },
      ...{ time: '2026-01-01T00:00:05Z', fieldsV1: imageOf },
    });
    expect(JSON.stringify(maker)).not.toContain('f:image"');
    expect(maker?.time).toBe('2026-01-01T00:00:00Z');
  });

  test('who changes nothing owns nothing', () => {
    const { patch, entries } = start();
    const before = entries();
    patch('idle', podPatch({ image: 'web:1' }));

    expect(entries()).toEqual(before);
  });

  test('who has lost the last of it is no owner any more', () => {
    const { patch, entries } = start();
    patch('setter', podPatch({ image: 'web:2' }));
    patch('other', podPatch({ image: 'web:1' }));

    expect(entries().map(({ manager }) => manager)).toEqual(['maker', 'other']);
  });

  test('who sets more has it in one entry', async () => {
    const { cluster, patch, entries } = start();
    patch('setter', podPatch({ image: 'web:2' }));
    await cluster.clock.advance(3000);
    patch('setter', podPatch({ args: ['serve'] }));
    const own = entries().filter(({ manager }) => manager === 'setter');

    expect(own).toMatchObject([
      {
        time: '2026-01-01T00:00:03Z',
        fieldsV1: {
          'f:spec': {
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:args': {}, 'f:image': {} } } },
            },
          },
        },
      },
    ]);
  });

  test('of what is removed it is nobody, and who removed it owns nothing by that', () => {
    const { patch, entries } = start();
    patch('adder', podPatch({ env: [{ name: 'A', value: '1' }] }));
    patch('remover', podPatch({ env: [{ name: 'A', $patch: 'delete' }] }));
    patch('remover', podPatch({ env: null }));

    expect(entries().map(({ manager }) => manager)).toEqual(['maker']);
  });

  test('a removal is no time at which something was set', async () => {
    const { cluster, patch, entries } = start();
    patch('setter', podPatch({ args: ['a'], command: ['b'] }));
    await cluster.clock.advance(5000);
    patch('setter', podPatch({ args: null }));

    expect(entries().find(({ manager }) => manager === 'setter')?.time).toBe('2026-01-01T00:00:00Z');
  });

  test('who writes the status owns that, apart from the rest', () => {
    const { patch, entries } = start();
    const body = { spec: { replicas: 5 }, status: { collisionCount: 1 } };
    patch('maker', body, merge, { subresource: 'status' });

    expect(entries().filter(({ subresource }) => subresource === 'status')).toMatchObject([
      { manager: 'maker', fieldsV1: { 'f:status': { 'f:collisionCount': {} } } },
    ]);
    expect(entries()).toHaveLength(2);
  });

  test('who scales owns the scale, without a time, and none of nothing', () => {
    const { patch, entries } = start();
    patch('scaler', { spec: { replicas: 2 } }, merge, { subresource: 'scale' });
    const scaled = entries();
    patch('scaler', { spec: { replicas: 0 } }, merge, { subresource: 'scale' });

    expect(scaled[0]).toEqual({
      ...{ manager: 'scaler', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' },
      ...{ subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    });
    expect(JSON.stringify(entries())).not.toContain('f:replicas');
  });

  test('a dry run answers and notes nothing', () => {
    const { cluster, entries } = start();
    const before = entries();
    const target = { resource: cluster.resource('deployments'), namespace: 'default', name: 'web' };
    const dry = { dryRun: true, manager: 'dry' };
    const answer = cluster.api.patch(
      { ...target, subresource: undefined },
      strategic,
      podPatch({ image: 'web:2' }),
      dry,
    );

    expect(answer.metadata.managedFields?.map(({ manager }) => manager)).toContain('dry');
    expect(entries()).toEqual(before);
  });

  test.each([[[]], [[{}]]])('notes that are made %j end', async (managedFields) => {
    const { cluster, patch, entries } = start();
    const before = cluster.state.version();
    patch('resetter', { metadata: { managedFields } }, merge);
    expect([entries(), cluster.state.version()]).toEqual([[], before + 1]);

    patch('setter', podPatch({ image: 'web:2' }));
    await cluster.clock.advance(1000);
    expect(entries()).toEqual([]);
  });

  test('notes that a client makes up are not taken', () => {
    const { patch, entries } = start();
    const before = entries();
    patch('liar', { metadata: { managedFields: [{ manager: 'nobody', fieldsV1: 7 }] } }, merge);

    expect(entries()).toEqual(before);
  });
});

test.each([
  ['statefulsets', { replicas: 0 }],
  ['daemonsets', {}],
])('of %s the controller owns the status', async (plural, spec) => {
  const { cluster, entries } = start(plural, spec);
  await cluster.clock.advance(5000);

  expect(entries().map(({ manager, subresource }) => [manager, subresource])).toContainEqual([
    'kube-controller-manager',
    'status',
  ]);
});

test('what is no workload has no notes', async () => {
  const { cluster } = start('deployments', { replicas: 1 });
  await cluster.clock.advance(5000);
  const others = ['pods', 'replicasets', 'namespaces', 'events'].flatMap((plural) =>
    cluster.state.list(cluster.resource(plural)),
  );

  expect(others.length).toBeGreaterThan(3);
  expect(others.filter(({ metadata }) => metadata.managedFields)).toEqual([]);
});

test('after any writes every field has one owner', () => {
  const value = fc.constantFrom('1', '2', '3');
  const items = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('A', 'B', 'C'), value }, { requiredKeys: ['name'] }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const spec = fc.record(
    { replicas: value, args: fc.array(value, { minLength: 1 }), env: items, volumes: items },
    { requiredKeys: [] },
  );
  const write = fc.record({ manager: fc.constantFrom('a', 'b', 'c'), spec });
  const base = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  const always = {
    metadata: {},
    spec: { strategy: {}, template: { metadata: {}, spec: { containers: [] } } },
  };
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 8 }), (writes) => {
      let object: KubeObject | undefined;
      for (const { manager, spec: given } of writes) {
        const metadata = { ...base.metadata, managedFields: object?.metadata.managedFields };
        const whole = { ...always.spec, ...given };
        const next: KubeObject = { ...base, metadata, spec: whole };
        object = withOwners(object, next, { manager, subresource: undefined, now: new Date(0) });
      }
      const sets = object?.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1) ?? [];
      const all = compareFields(always, { metadata: {}, spec: object?.spec }).set;
      const owned = sets.reduce((both, one) => union(both, one), noFields);

      expect([difference(all, owned), difference(owned, all)]).toEqual([{}, {}]);
      for (const [index, one] of sets.entries())
        for (const other of sets.slice(index + 1)) expect(difference(one, other)).toEqual(one);
      expect(sets.some(isEmptySet)).toBe(false);
    }),
  );
});
