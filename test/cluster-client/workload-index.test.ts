import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createWorkloadIndex, type WorkloadIndex } from '../../src/cluster/workload-index.ts';
import { targetId, targetsOf, type Target } from '../../src/core/target.ts';
import { workloadId, type Workload, type WorkloadKey, type WorkloadKind } from '../../src/core/workload.ts';
import { aWorkload, keyOf } from '../support/builders.ts';

const deployments = { kind: 'Deployment', namespace: undefined } as const;

function index(changed: (key: WorkloadKey) => void = () => undefined): WorkloadIndex {
  return createWorkloadIndex([deployments], (workload) => targetsOf(workload, undefined), changed);
}

function ids(targets: readonly Target[]): readonly string[] {
  return targets.map((target) => `${targetId(target)}=${target.image}`).sort();
}

/** A workload with these images, one container each. */
function running(name: string, ...images: readonly string[]): Workload {
  const containers = images.map((image, n) => ({ name: `c${n}`, image, init: false }));
  return aWorkload({ key: keyOf(name), uid: `uid-${name}`, containers });
}

describe('workload index', () => {
  test('finds workloads by key and targets by canonical repository', () => {
    const view = index();

    view.put(running('shop', 'quay.io/acme/shop:1', 'nginx:1.2'));

    expect(view.get(keyOf('shop'))?.uid).toBe('uid-shop');
    expect(view.get(keyOf('cart'))).toBeUndefined();
    expect(ids(view.targetsOf('quay.io/acme/shop'))).toEqual([
      'default/default/Deployment/shop/c0=quay.io/acme/shop:1',
    ]);
    expect(view.targetsOf('docker.io/library/nginx')).toHaveLength(1);
    expect(view.targetsOf('nginx')).toEqual([]);
    expect(view.targetsOf('quay.io/acme/shop-evil')).toEqual([]);
    expect(view.targetsOf('__proto__')).toEqual([]);
  });

  test('keeps workloads without targets, but not as targets', () => {
    const view = index();

    view.put({ ...running('shop', 'quay.io/acme/shop:1'), annotations: {} });

    expect(view.get(keyOf('shop'))).toBeDefined();
    expect(view.targets()).toEqual([]);
  });

  test('a workload that changes its image is found under the new repository only', () => {
    const view = index();
    view.put(running('shop', 'quay.io/acme/old:1'));

    view.put(running('shop', 'quay.io/acme/new:1'));

    expect(view.targetsOf('quay.io/acme/old')).toEqual([]);
    expect(view.targetsOf('quay.io/acme/new')).toHaveLength(1);
  });

  test('two containers of one repository are two targets of one workload', () => {
    const view = index();

    view.put(running('shop', 'quay.io/acme/shop:1', 'quay.io/acme/shop:2'));

    expect(view.targetsOf('quay.io/acme/shop')).toHaveLength(2);
    view.remove(keyOf('shop'));
    expect(view.targetsOf('quay.io/acme/shop')).toEqual([]);
  });

  test('tells of everything that was put or removed', () => {
    const told: string[] = [];
    const view = index(({ name }) => told.push(name));

    view.put(running('shop'));
    view.replaceAll(deployments, [running('cart'), running('till')]);
    view.remove(keyOf('cart'));

    expect(told).toEqual(['shop', 'shop', 'cart', 'till', 'cart']);
  });

  test('whoever is told finds the index as it is after the change', () => {
    const seen: (string | undefined)[] = [];
    const view: WorkloadIndex = index((key) => seen.push(view.get(key)?.containers[0]?.image));

    view.put(running('shop', 'a/a:1'));
    view.put(running('shop', 'a/a:2'));
    view.remove(keyOf('shop'));

    expect(seen).toEqual(['a/a:1', 'a/a:2', undefined]);
  });

  test('is known after the first list, whatever came before', () => {
    const view = index();
    const states = [view.known()];

    view.put(running('shop'));
    states.push(view.known());
    view.replaceAll(deployments, []);
    states.push(view.known());

    expect(states).toEqual([false, false, true]);
  });

  test('is known when every scope was listed, and a list replaces its own scope only', () => {
    const sets = { kind: 'StatefulSet', namespace: 'default' } as const;
    const others = { kind: 'StatefulSet', namespace: 'other' } as const;
    const view = createWorkloadIndex(
      [deployments, sets, others],
      (workload) => targetsOf(workload, undefined),
      () => undefined,
    );
    const inScope = (name: string, kind: WorkloadKind, namespace: string): Workload => ({
      ...running(name, 'quay.io/acme/shop:1'),
      key: { ...keyOf(name), kind, namespace },
    });
    const known = [sets, others, deployments].map((scope) => {
      view.replaceAll(scope, [inScope('shop', scope.kind, scope.namespace ?? 'default')]);
      return view.known();
    });
    expect(known).toEqual([false, false, true]);
    expect(view.targetsOf('quay.io/acme/shop')).toHaveLength(3);

    view.replaceAll(others, []);

    expect(ids(view.targetsOf('quay.io/acme/shop'))).toEqual([
      'default/default/Deployment/shop/c0=quay.io/acme/shop:1',
      'default/default/StatefulSet/shop/c0=quay.io/acme/shop:1',
    ]);
  });

  test('a question reads what was computed before: its cost does not grow with the cluster', () => {
    const compute = jest.fn((workload: Workload) => targetsOf(workload, undefined));
    const view = createWorkloadIndex([deployments], compute, () => undefined);
    const all = Array.from({ length: 2000 }, (_, n) => running(`w${n}`, `quay.io/acme/app-${n}:1`));
    view.replaceAll(deployments, all);
    expect(compute).toHaveBeenCalledTimes(2000);

    expect(view.targetsOf('quay.io/acme/app-1999')).toHaveLength(1);
    expect(view.targetsOf('quay.io/acme/nobody')).toHaveLength(0);
    expect(view.get(keyOf('w7'))).toBe(all[7]);

    expect(compute).toHaveBeenCalledTimes(2000);
    view.put(running('w7', 'quay.io/acme/app-7:2'));
    expect(compute).toHaveBeenCalledTimes(2001);
  });

  describe('against a naive model', () => {
    const images = ['quay.io/a/a:1', 'quay.io/a/b:1', 'quay.io/a/a:2', 'nginx:1', 'not an image'];
    const anyWorkload = fc
      .tuple(
        fc.constantFrom('one', 'two', 'three', 'four'),
        fc.array(fc.constantFrom(...images), { maxLength: 3 }),
        fc.boolean(),
      )
      .map(([name, own, ours]) => ({ ...running(name, ...own), ...(ours ? {} : { annotations: {} }) }));
    type Step =
      | { readonly kind: 'put'; readonly workload: Workload }
      | { readonly kind: 'remove'; readonly workload: Workload }
      | { readonly kind: 'replace'; readonly workloads: readonly Workload[] };
    const anyStep: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), workload: anyWorkload }),
      fc.record({ kind: fc.constant('remove' as const), workload: anyWorkload }),
      fc.record({
        kind: fc.constant('replace' as const),
        workloads: fc.uniqueArray(anyWorkload, { maxLength: 4, selector: ({ key }) => key.name }),
      }),
    );

    const apply = (view: WorkloadIndex, model: Map<string, Workload>, step: Step): void => {
      switch (step.kind) {
        case 'put':
          view.put(step.workload);
          model.set(workloadId(step.workload.key), step.workload);
          return;
        case 'remove':
          view.remove(step.workload.key);
          model.delete(workloadId(step.workload.key));
          return;
        case 'replace':
          view.replaceAll(deployments, step.workloads);
          model.clear();
          for (const workload of step.workloads) model.set(workloadId(workload.key), workload);
      }
    };

    test('any sequence of changes leaves both maps consistent', () => {
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
          const view = index();
          const model = new Map<string, Workload>();

          for (const step of steps) {
            apply(view, model, step);

            const all = [...model.values()].flatMap((workload) => targetsOf(workload, undefined));
            expect(ids(view.targets())).toEqual(ids(all));
            for (const repository of ['quay.io/a/a', 'quay.io/a/b', 'docker.io/library/nginx']) {
              const own = all.filter(({ ref }) => ref.repository === repository);
              expect(ids(view.targetsOf(repository))).toEqual(ids(own));
            }
            for (const name of ['one', 'two', 'three', 'four']) {
              expect(view.get(keyOf(name))).toBe(model.get(workloadId(keyOf(name))));
            }
          }
        }),
        { numRuns: 500 },
      );
    });
  });
});
