import { describe, expect, test } from '@jest/globals';
import { nothingElse } from '../support/workload-object.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes.ts';
import type { Rest, RestCall } from '../../src/core/rest.ts';
import type { WorkloadKind } from '../../src/core/workload.ts';
import { aWorkload, keyOf } from '../support/builders.ts';

const { signal } = new AbortController();

/** An API that notes what it is asked and answers with this. */
function anApi(answer: unknown): { readonly rest: Rest; readonly calls: RestCall[] } {
  const calls: RestCall[] = [];
  const json: Rest['json'] = (call) => {
    calls.push(call);
    return Promise.resolve(answer);
  };
  return { rest: { json, lines: () => Promise.reject(new Error('nobody watches here')) }, calls };
}

const metadata = { name: 'shop', namespace: 'default', uid: 'uid-1', resourceVersion: '8' };
const move = { container: 'app', init: false, from: 'a/shop:1', to: 'a/shop:2' };
const podSpec = { containers: [{ name: 'app', image: 'a/shop:2' }] };
const template = { template: { spec: podSpec } };

describe('patching images', () => {
  test.each<[WorkloadKind, string, object]>([
    ['Deployment', '/apis/apps/v1/namespaces/default/deployments/shop', template],
    ['StatefulSet', '/apis/apps/v1/namespaces/default/statefulsets/shop', template],
    ['DaemonSet', '/apis/apps/v1/namespaces/default/daemonsets/shop', template],
    ['CronJob', '/apis/batch/v1/namespaces/default/cronjobs/shop', { jobTemplate: { spec: template } }],
  ])('of a %s changes its pod spec, under the version that was read', async (kind, path, spec) => {
    const { rest, calls } = anApi({ metadata, spec });
    const cluster = createKubernetesCluster('default', rest, nothingElse);
    const workload = { ...keyOf('shop'), kind };

    const patched = await cluster.patchImages(
      { workload, resourceVersion: '7', moves: [move], annotations: { a: 'b' } },
      signal,
    );

    expect(calls).toMatchObject([{ method: 'PATCH', path }]);
    expect(calls[0]?.body).toEqual({ metadata: { resourceVersion: '7', annotations: { a: 'b' } }, spec });
    expect(patched).toMatchObject({ key: workload, containers: [{ name: 'app', image: 'a/shop:2' }] });
  });
});

test('the pods of a workload without a selector are not asked for: those of all would come', async () => {
  const { rest, calls } = anApi({ items: [{}] });

  const pods = await createKubernetesCluster('default', rest, nothingElse).pods(
    aWorkload({ selector: '' }),
    signal,
  );

  expect([pods, calls]).toEqual([[], []]);
});

describe('the pods of a workload', () => {
  const aPod = (name: string): unknown => ({ metadata: { name }, spec: { containers: [] }, status: {} });

  test('come page by page', async () => {
    const pages: unknown[] = [
      { metadata: { continue: 'two' }, items: [aPod('shop-1')] },
      { metadata: { continue: 'three' }, items: null },
      { metadata: { continue: '' }, items: [aPod('shop-2')] },
    ];
    const calls: RestCall[] = [];
    const rest: Rest = {
      ...anApi(undefined).rest,
      json(call) {
        calls.push(call);
        return Promise.resolve(pages.shift());
      },
    };

    const pods = await createKubernetesCluster('default', rest, nothingElse).pods(aWorkload(), signal);

    expect(pods.map(({ name }) => name)).toEqual(['shop-1', 'shop-2']);
    expect(calls.map(({ query = {} }) => [query.labelSelector, query.limit, query.continue])).toEqual([
      [aWorkload().selector, '500', undefined],
      [aWorkload().selector, '500', 'two'],
      [aWorkload().selector, '500', 'three'],
    ]);
  });

  test('may come without a word on pages', async () => {
    const { rest, calls } = anApi({ items: [aPod('shop-1')] });

    const pods = await createKubernetesCluster('default', rest, nothingElse).pods(aWorkload(), signal);

    expect([pods.map(({ name }) => name), calls.length]).toEqual([['shop-1'], 1]);
  });
});
