import { describe, expect, test } from '@jest/globals';
import { differenceOf, imagesOf, scaledOf } from '../../src/core/difference.ts';
import { seenOf, type Seen } from '../../src/core/seen.ts';
import type { Container, Workload, WorkloadTraits } from '../../src/core/workload.ts';
import { aWatched } from '../support/change-harness.ts';

const own = 'updatekate';
const setBy: WorkloadTraits['setBy'] = {
  ...{ images: { app: 'kubectl-set', proxy: own }, template: 'helm' },
  ...{ restart: 'kubectl-rollout', scale: 'kubectl' },
};
const app = (tag: string): Container => ({ name: 'app', image: `quay.io/acme/shop:${tag}`, init: false });
const proxy = (tag: string): Container => ({
  name: 'proxy',
  image: `quay.io/acme/proxy:${tag}`,
  init: false,
});
const both = { containers: [app('1'), proxy('1')], set: { setBy } };
const before = seenOf(aWatched(both), 'MODIFIED');
/** The workload after somebody wanted something of it. */
const next = (different: Parameters<typeof aWatched>[0] = {}): Workload =>
  aWatched({ ...both, generation: 2, ...different });
const moved = (container: string, from: string, to: string): unknown => {
  const repository = `quay.io/acme/${container === 'app' ? 'shop' : container}`;
  return { container, from: from && `${repository}:${from}`, to: `${repository}:${to}` };
};
const same = [moved('app', '1', '1'), moved('proxy', '1', '1')];
/** What the predecessor wrote of it. */
const legacy: Seen = { type: 'MODIFIED', containers: before.containers, scale: 2 };

describe('nothing is told of', () => {
  test.each<[string, Seen, Workload]>([
    ['the same', before, aWatched(both)],
    ['what no pod has anything of', before, next()],
    [
      'a generation that another version reads in another way',
      before,
      next({ generation: 1, set: { setBy, template: 't9' } }),
    ],
    ['the same as the predecessor saw it', legacy, next()],
    ['a template that the predecessor did not know', legacy, next({ set: { setBy, template: 't9' } })],
    ['a restart that the predecessor did not know', legacy, next({ set: { setBy, restartedAt: 'now' } })],
    [
      'pods that nobody had counted',
      { ...legacy, scale: 0 },
      next({ containers: both.containers, set: { setBy, scale: 0 } }),
    ],
  ])('%s', (_what, seen, workload) => {
    expect(differenceOf(seen, workload, own)).toBe('none');
  });

  test('where nobody reads more than images, all but these', () => {
    const { traits, ...plain } = next();

    expect(traits?.scale).toBe(2);
    expect(differenceOf(before, plain, own)).toBe('none');
    expect(scaledOf(before, plain)).toBeUndefined();
  });

  test('but an API server that does not count is asked every time', () => {
    const uncounted = next({ generation: 0, set: { setBy, template: 't2' } });

    expect(differenceOf({ ...before, generation: 0 }, uncounted, own)).toMatchObject({
      kind: 'workload.config-changed',
    });
  });
});

describe('what is told, the most important of it', () => {
  test.each<[string, Seen | undefined, Workload, unknown]>([
    [
      'a new image, of the container that has it',
      before,
      next({ containers: [app('2'), proxy('1')], set: { setBy, template: 't2', scale: 5 } }),
      {
        ...{ kind: 'workload.image-changed', images: [moved('app', '1', '2')], by: 'kubectl-set' },
        scale: { from: 2, to: 5 },
      },
    ],
    [
      'a new image of an init container',
      { ...before, containers: [app('1'), { ...proxy('1'), init: true }] },
      next({
        containers: [app('1'), { ...proxy('2'), init: true }],
        set: { setBy: { images: { proxy: 'argocd' } } },
      }),
      { kind: 'workload.image-changed', images: [moved('proxy', '1', '2')], by: 'argocd' },
    ],
    [
      'an image of somebody else than us, without ours',
      before,
      next({ containers: [app('2'), proxy('2')] }),
      { kind: 'workload.image-changed', images: [moved('app', '1', '2')], by: 'kubectl-set' },
    ],
    [
      'an image that the predecessor saw another one of',
      legacy,
      next({ containers: [app('2'), proxy('1')] }),
      { kind: 'workload.image-changed', images: [moved('app', '1', '2')], by: 'kubectl-set' },
    ],
    [
      'another template, before a restart and pods',
      before,
      next({ set: { setBy, template: 't2', restartedAt: 'now', scale: 5 } }),
      { kind: 'workload.config-changed', images: same, by: 'helm', scale: { from: 2, to: 5 } },
    ],
    [
      'another template alone',
      before,
      next({ set: { setBy, template: 't2' } }),
      { kind: 'workload.config-changed', images: same, by: 'helm' },
    ],
    [
      'another template beside our image',
      before,
      next({ containers: [app('1'), proxy('2')], set: { setBy, template: 't2' } }),
      {
        ...{ kind: 'workload.config-changed', by: 'helm' },
        images: [moved('app', '1', '1'), moved('proxy', '2', '2')],
      },
    ],
    [
      'a container more',
      { ...before, containers: [app('1')] },
      next({ set: { setBy, template: 't2' } }),
      {
        ...{ kind: 'workload.config-changed', by: 'helm' },
        images: [moved('app', '1', '1'), moved('proxy', '', '1')],
      },
    ],
    [
      'a container more, that somebody else set',
      { ...before, containers: [proxy('1')] },
      next({ set: { setBy, template: 't2' } }),
      {
        ...{ kind: 'workload.config-changed', by: 'helm' },
        images: [moved('app', '', '1'), moved('proxy', '1', '1')],
      },
    ],
    [
      'another image and, after it, a container more',
      { ...before, containers: [proxy('1')] },
      next({
        containers: [app('1'), proxy('2')],
        set: { setBy: { images: { proxy: 'x' } }, template: 't2' },
      }),
      { kind: 'workload.image-changed', images: [moved('proxy', '1', '2'), moved('app', '', '1')], by: 'x' },
    ],
    [
      'a container less',
      before,
      next({ containers: [app('1')], set: { setBy, template: 't2' } }),
      { kind: 'workload.config-changed', images: [moved('app', '1', '1')], by: 'helm' },
    ],
    [
      'a restart, before pods',
      before,
      next({ set: { setBy, restartedAt: 'now', scale: 5 } }),
      { kind: 'workload.restarted', images: same, by: 'kubectl-rollout', scale: { from: 2, to: 5 } },
    ],
    [
      'a restart alone',
      before,
      next({ set: { setBy, restartedAt: 'now' } }),
      { kind: 'workload.restarted', images: same, by: 'kubectl-rollout' },
    ],
    [
      'more pods',
      before,
      next({ set: { setBy, scale: 5 } }),
      { kind: 'workload.scaled', images: same, scale: { from: 2, to: 5 }, by: 'kubectl' },
    ],
    [
      'no pods',
      legacy,
      next({ set: { setBy, scale: 0 } }),
      { kind: 'workload.scaled', images: same, scale: { from: 2, to: 0 }, by: 'kubectl' },
    ],
    [
      'pods that an autoscaler wants',
      before,
      next({ set: { scale: 7, setBy: { ...setBy, scale: 'kube-controller-manager' } } }),
      { kind: 'workload.autoscaled', images: same, scale: { from: 2, to: 7 }, by: 'kube-controller-manager' },
    ],
    [
      'pods of which nobody knows who wanted them',
      before,
      next({ set: { scale: 7, setBy: { images: {} } } }),
      { kind: 'workload.scaled', images: same, scale: { from: 2, to: 7 }, by: undefined },
    ],
    [
      'what was not there',
      undefined,
      next(),
      {
        ...{ kind: 'workload.created', by: 'helm' },
        images: [moved('app', '', '1'), moved('proxy', '', '1')],
      },
    ],
    [
      'what was deleted, and is here again',
      { ...before, type: 'DELETED' },
      next({ containers: [app('2'), proxy('1')], set: { setBy: { images: { app: 'argocd' } } } }),
      {
        ...{ kind: 'workload.created', by: 'argocd' },
        images: [moved('app', '1', '2'), moved('proxy', '1', '1')],
      },
    ],
    [
      'another object of that name, even of this generation',
      before,
      aWatched({ ...both, uid: 'uid-2' }),
      { kind: 'workload.created', images: same, by: 'helm' },
    ],
  ])('%s', (_what, seen, workload, difference) => {
    expect(differenceOf(seen, workload, own)).toEqual(difference);
  });
});

test.each([
  ...['kube-controller-manager', 'k3s', 'kubelite', 'keda'].map((by) => [by, 'workload.autoscaled']),
  ...['kubectl', 'kubectl-k3s', 'helm', ''].map((by) => [by, 'workload.scaled']),
])('who scales as %p: %s', (scale, kind) => {
  const scaled = next({ set: { scale: 7, setBy: { ...setBy, scale } } });

  expect(differenceOf(before, scaled, own)).toMatchObject({ kind, by: scale });
});

describe('what our updates did', () => {
  const ours = next({ containers: [app('1'), proxy('2')] });

  test('they tell of themselves', () => {
    expect(differenceOf(before, ours, own)).toBe('ours');
  });

  test.each<[string, string | undefined]>([
    ['there are none here', undefined],
    ['they are called something else', 'updatekate-blue'],
  ])('is told like anybody’s where %s', (_what, manager) => {
    expect(differenceOf(before, ours, manager)).toMatchObject({ kind: 'workload.image-changed', by: own });
  });
});

test('where there are no updates of ours, what nobody is known to have set is not ours', () => {
  const nobodys = next({ containers: [app('2'), proxy('1')], set: { setBy: { images: {} } } });

  expect(differenceOf(before, nobodys, undefined)).toEqual({
    ...{ kind: 'workload.image-changed', images: [moved('app', '1', '2')], by: undefined },
  });
});

test('nobody set the image of a container that is called like what every object has', () => {
  const odd = (tag: string): Container => ({
    name: 'constructor',
    image: `quay.io/acme/odd:${tag}`,
    init: false,
  });
  const seen = seenOf(aWatched({ containers: [odd('1')] }), 'ADDED');

  expect(differenceOf(seen, aWatched({ generation: 2, containers: [odd('2')] }), own)).toMatchObject({
    ...{ kind: 'workload.image-changed', by: undefined },
    images: [{ from: 'quay.io/acme/odd:1', to: 'quay.io/acme/odd:2' }],
  });
});

test('what is compared with nothing comes from nothing', () => {
  expect(imagesOf(undefined, [app('1')])).toEqual([moved('app', '', '1')]);
  expect(differenceOf(undefined, aWatched({ containers: [], set: { setBy: { images: {} } } }), own)).toEqual({
    ...{ kind: 'workload.created', images: [], by: undefined },
  });
  const { traits, ...plain } = aWatched();
  expect(traits).toBeDefined();
  expect(differenceOf(undefined, plain, own)).toMatchObject({ kind: 'workload.created', by: undefined });
});
