import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readWorkload } from '../support/workload-object.ts';

type Json = Readonly<Record<string, unknown>>;

/** Entries as `kubectl get deployment -o json --show-managed-fields` prints them. */
function managedBy(manager: string, fields: Json, operation = 'Apply'): Json {
  return {
    manager,
    operation,
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  };
}

function ownsImages(...containers: readonly string[]): Json {
  const owned = Object.fromEntries(
    containers.map((name) => [
      `k:{"name":"${name}"}`,
      { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {} },
    ]),
  );
  return {
    'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:selector': {},
      'f:template': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': { 'f:containers': owned },
      },
    },
  };
}

describe('owners of images', () => {
  const ownersOf = (...managedFields: readonly Json[]): Readonly<Record<string, string>> =>
    readWorkload('prod', 'Deployment', {
      metadata: { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '1', managedFields },
      spec: {},
    }).gitOpsOwners;

  test.each([
    'argocd-controller',
    'argocd-application-controller',
    'kustomize-controller',
    'helm-controller',
    'flux',
  ])('%s applies from Git', (manager) => {
    expect(ownersOf(managedBy(manager, ownsImages('app')))).toEqual({ app: manager });
    expect(ownersOf(managedBy(manager, ownsImages('app'), 'Update'))).toEqual({ app: manager });
  });

  test.each([
    'kubectl-client-side-apply',
    'kubectl-edit',
    'kubectl',
    'helm',
    'updatekate',
    'kube-controller-manager',
    'my-argocd-controller',
    '',
  ])('%s does not', (manager) => {
    expect(ownersOf(managedBy(manager, ownsImages('app')))).toEqual({});
  });

  test('own those images that are theirs, init containers too, and no others', () => {
    const init: Json = {
      'f:spec': {
        'f:template': { 'f:spec': { 'f:initContainers': { 'k:{"name":"migrate"}': { 'f:image': {} } } } },
      },
    };
    const withoutImage: Json = {
      'f:spec': {
        'f:template': {
          'f:spec': { 'f:containers': { 'k:{"name":"sidecar"}': { '.': {}, 'f:name': {}, 'f:env': {} } } },
        },
      },
    };

    expect(
      ownersOf(
        managedBy('kubectl', ownsImages('other')),
        managedBy('kustomize-controller', ownsImages('app', 'worker')),
        managedBy('kustomize-controller', init),
        managedBy('kustomize-controller', withoutImage),
        {
          ...managedBy('kube-controller-manager', { 'f:status': { 'f:replicas': {} } }),
          subresource: 'status',
        },
      ),
    ).toEqual({
      app: 'kustomize-controller',
      worker: 'kustomize-controller',
      migrate: 'kustomize-controller',
    });
  });

  test('that only own labels or replicas own no image', () => {
    const scaled = managedBy('argocd-controller', { 'f:spec': { 'f:replicas': {} } });

    expect(ownersOf(scaled)).toEqual({});
  });

  test('are read from any fields without a fault', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (fields) => {
        const entry = { ...managedBy('flux', {}), fieldsV1: fields };
        expect(ownersOf(entry)).toEqual({});
      }),
    );
    expect(ownersOf({ manager: 'flux' }, {})).toEqual({});
  });
});
