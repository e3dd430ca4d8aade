import { describe, expect, test } from '@jest/globals';
import { readWorkload } from '../support/workload-object.ts';

import { rolloutState } from '../../src/core/rollout.ts';
import type { Workload, WorkloadKind } from '../../src/core/workload.ts';

const wanted = { app: 'quay.io/acme/shop:1.1.0' };

/** An object that runs the wanted image, with these counters. */
function anObject(kind: WorkloadKind, spec: object, status: object, generation = 2): unknown {
  const pod = { containers: [{ name: 'app', image: wanted.app }] };
  const template = { spec: pod };
  return {
    metadata: { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '7', generation },
    spec: kind === 'CronJob' ? { jobTemplate: { spec: { template } }, ...spec } : { template, ...spec },
    status: { observedGeneration: 2, ...status },
  };
}

function stateOf(kind: WorkloadKind, spec: object, status: object, generation?: number): string {
  return inWords(readWorkload('default', kind, anObject(kind, spec, status, generation)));
}

/** The same for whoever tells of others' changes. */
function watched(kind: WorkloadKind, spec: object, status: object): Workload {
  return readWorkload('default', kind, anObject(kind, spec, status), { traits: true });
}

function inWords(workload: Workload): string {
  const state = rolloutState(workload, wanted, []);
  return state.kind === 'progressing' ? state.detail : state.kind;
}

describe('a StatefulSet', () => {
  const spec = { replicas: 3 };
  const done = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };

  test.each([
    ['at its end', spec, done, 'converged'],
    ['with one new pod', spec, { ...done, updatedReplicas: 1 }, '1 of 3 pods are new'],
    ['with none new, whose counter is left out', spec, { replicas: 3 }, '0 of 3 pods are new'],
    [
      'with a pod that is not available',
      spec,
      { ...done, availableReplicas: 2 },
      '2 of 3 pods are available',
    ],
    ['without replicas said', {}, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, 'converged'],
    ['scaled to nothing', { replicas: 0 }, {}, 'converged'],
  ])('%s', (_what, own, status, expected) => {
    expect(stateOf('StatefulSet', own, status)).toBe(expected);
  });

  test('is waited for until its controller has seen the change', () => {
    expect(stateOf('StatefulSet', spec, done, 3)).toBe('waiting for the controller');
  });

  test.each([
    ['the pods from there on are new', 2, { updatedReplicas: 1 }, 'converged'],
    ['they are not', 2, { updatedReplicas: 0 }, '0 of 1 pods are new'],
    [
      'an old one is not available',
      2,
      { updatedReplicas: 1, availableReplicas: 2 },
      '0 of 1 pods are available',
    ],
    ['nothing is from there on', 3, { updatedReplicas: 0 }, 'converged'],
    ['it is beyond the last', 9, { updatedReplicas: 0 }, 'converged'],
  ])('with a partition, when %s', (_what, partition, status, expected) => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition } };

    expect(stateOf('StatefulSet', { ...spec, updateStrategy }, { ...done, ...status })).toBe(expected);
  });

  test('that waits for its pods to be deleted says so', () => {
    const updateStrategy = { type: 'OnDelete' };

    expect(stateOf('StatefulSet', { ...spec, updateStrategy }, { ...done, updatedReplicas: 1 })).toBe(
      '1 of 3 pods are new (OnDelete: somebody has to delete the old ones)',
    );
    expect(stateOf('StatefulSet', { ...spec, updateStrategy }, done)).toBe('converged');
  });
});

describe('a StatefulSet with a partition, for whoever tells of changes', () => {
  const of = (partition: number, status: object): Workload => {
    const all = { replicas: 3, updatedReplicas: 3, availableReplicas: 3, ...status };
    return watched('StatefulSet', { replicas: 3, updateStrategy: { rollingUpdate: { partition } } }, all);
  };

  test.each([
    ['holds back all of them', 3, 0],
    ['is beyond the last', 9, 0],
    ['lets one through, which is there', 2, 1],
  ])('is on its way as long as it %s, which is up to a person', (_what, partition, updatedReplicas) => {
    const workload = of(partition, { updatedReplicas });

    expect(inWords(workload)).toContain(`${updatedReplicas} of 3 pods are new`);
    expect(workload.onDelete).toBe(true);
  });

  test.each([0, 1, 3, 9])('of %d is what it is to be when every pod is', (partition) => {
    const workload = of(partition, {});

    expect([inWords(workload), workload.onDelete]).toEqual(['converged', false]);
  });

  test('of 0 is nothing that a person is waited for', () => {
    expect(of(0, { updatedReplicas: 1 }).onDelete).toBe(false);
  });

  test.each([0, 2, 3, 9])('of %d is not well while a pod is not available', (partition) => {
    expect(inWords(of(partition, { availableReplicas: 2 }))).toBe('2 of 3 pods are available');
  });

  test('waits for pods to be deleted as without one', () => {
    const updateStrategy = { type: 'OnDelete' };

    expect(watched('StatefulSet', { replicas: 3, updateStrategy }, {}).onDelete).toBe(true);
  });
});

describe.each<WorkloadKind>(['Deployment', 'StatefulSet'])('a %s of fewer pods than there are', (kind) => {
  const ten = { replicas: 10, updatedReplicas: 10, availableReplicas: 10 };

  test('is on its way for whoever tells of changes until the others are gone', () => {
    expect(inWords(watched(kind, { replicas: 1 }, ten))).toBe('9 old pods are still there');
    expect(inWords(watched(kind, { replicas: 1 }, { ...ten, replicas: 1 }))).toBe('converged');
  });

  test('is nothing that an update waits for', () => {
    expect(stateOf(kind, { replicas: 1 }, ten)).toBe('converged');
  });
});

describe('a DaemonSet', () => {
  const done = {
    ...{ desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 2 },
    numberAvailable: 2,
  };

  test.each([
    ['at its end', done, 'converged'],
    ['with an old pod', { ...done, updatedNumberScheduled: 1 }, '1 of 2 pods are new'],
    ['with a pod that is not available', { ...done, numberAvailable: 1 }, '1 of 2 pods are available'],
    ['without a node to run on', { desiredNumberScheduled: 0 }, 'converged'],
  ])('%s', (_what, status, expected) => {
    expect(stateOf('DaemonSet', {}, status)).toBe(expected);
  });

  test('is waited for until its controller has seen the change', () => {
    expect(stateOf('DaemonSet', {}, done, 3)).toBe('waiting for the controller');
  });

  test('that waits for its pods to be deleted says so', () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };

    expect(stateOf('DaemonSet', spec, { ...done, updatedNumberScheduled: 0 })).toBe(
      '0 of 2 pods are new (OnDelete: somebody has to delete the old ones)',
    );
  });
});

describe('a CronJob', () => {
  test.each([{ schedule: '@daily' }, { schedule: '@daily', suspend: true }])(
    'has its new image at once: %j',
    (spec) => {
      expect(stateOf('CronJob', spec, {}, 9)).toBe('converged');
    },
  );

  test('has no selector, so that nobody asks for its pods', () => {
    expect(readWorkload('default', 'CronJob', anObject('CronJob', {}, {})).selector).toBe('');
  });
});

test('an image that a GitOps controller owns is found in every kind', () => {
  const image = { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } };
  const template = { 'f:template': { 'f:spec': image } };
  const owners = (kind: WorkloadKind, spec: object) => {
    const object = anObject(kind, {}, {}) as { readonly metadata: object };
    const managedFields = [{ manager: 'argocd-controller', fieldsV1: { 'f:spec': spec } }];
    return readWorkload('default', kind, { ...object, metadata: { ...object.metadata, managedFields } })
      .gitOpsOwners;
  };

  expect(owners('StatefulSet', template)).toEqual({ app: 'argocd-controller' });
  expect(owners('DaemonSet', template)).toEqual({ app: 'argocd-controller' });
  expect(owners('CronJob', { 'f:jobTemplate': { 'f:spec': template } })).toEqual({
    app: 'argocd-controller',
  });
  expect(owners('CronJob', template)).toEqual({});
});
