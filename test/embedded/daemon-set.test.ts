import { describe, expect, test } from '@jest/globals';
import { createBareCluster, podReadyMs, shown, webSpec, webTemplate } from './bare-cluster.ts';

function start(spec: object = {}, image = 'web:1') {
  const cluster = createBareCluster();
  cluster.create('daemonsets', { metadata: { name: 'web' }, spec: webSpec(image, spec) });
  return {
    ...cluster,
    setImage: (image: string) => cluster.patch('daemonsets', 'web', { template: webTemplate(image) }),
    status: () => cluster.daemonSet().status ?? {},
    images: () => shown(cluster.pods()).map((text) => text.split(' ')[1]),
  };
}

const counters = { currentNumberScheduled: 1, desiredNumberScheduled: 1, numberMisscheduled: 0 };

describe('DaemonSet over time', () => {
  test('the one node gets a pod, and the status says whether it serves', async () => {
    const cluster = start();
    await cluster.clock.advance(0);
    const before = cluster.status();
    await cluster.clock.advance(podReadyMs);

    expect(before).toEqual({
      ...{ ...counters, observedGeneration: 1, numberReady: 0 },
      ...{ updatedNumberScheduled: 1, numberUnavailable: 1 },
    });
    expect(cluster.status()).toEqual({
      ...{ ...counters, observedGeneration: 1, numberReady: 1 },
      ...{ updatedNumberScheduled: 1, numberAvailable: 1 },
    });
    expect(cluster.pods()[0]?.spec.nodeName).toBe('embedded');
    expect(cluster.clock.pending()).toBe(0);
  });

  test('the old pod goes before the new one comes, whether it serves or not', async () => {
    const cluster = start();
    await cluster.clock.advance(podReadyMs);
    const seen: string[] = [];
    cluster.state.subscribe(({ object }) => {
      if (object.kind === 'Pod') seen.push(cluster.images().join('+'));
    });
    cluster.setImage('web:2-broken');
    await cluster.clock.advance(podReadyMs);
    cluster.setImage('web:3');
    await cluster.clock.advance(podReadyMs);

    expect([...new Set(seen)]).toEqual(['', 'web:2-broken?', 'web:3?', 'web:3']);
    expect(cluster.status()).toMatchObject({ observedGeneration: 3, updatedNumberScheduled: 1 });
    expect(cluster.events().filter((message) => message.startsWith('Deleted pod: web-'))).toHaveLength(2);
  });

  test('with a surge the new pod comes first, and the old one serves until the new one does', async () => {
    const cluster = start({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    await cluster.clock.advance(podReadyMs);
    cluster.setImage('web:2-broken');
    await cluster.clock.advance(podReadyMs);
    const both = [cluster.images().toSorted(), cluster.status().numberAvailable];
    cluster.setImage('web:3');
    await cluster.clock.advance(podReadyMs);

    expect(both).toEqual([['web:1', 'web:2-broken?'], 1]);
    expect(cluster.images()).toEqual(['web:3']);
  });

  test('with a surge, an old pod that does not serve does not wait for the new one', async () => {
    const updateStrategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const cluster = start({ updateStrategy }, 'web:1-broken');
    await cluster.clock.advance(podReadyMs);
    cluster.setImage('web:2-broken');
    await cluster.clock.advance(0);

    expect(cluster.images()).toEqual(['web:2-broken?']);
  });

  test('OnDelete: a surge means nothing', async () => {
    const cluster = start({ updateStrategy: { type: 'OnDelete', rollingUpdate: { maxSurge: 1 } } });
    await cluster.clock.advance(podReadyMs);
    cluster.setImage('web:2');
    await cluster.clock.advance(podReadyMs);

    expect(cluster.images()).toEqual(['web:1']);
  });

  test('OnDelete: the old pod stays until somebody deletes it', async () => {
    const cluster = start({ updateStrategy: { type: 'OnDelete' } });
    await cluster.clock.advance(podReadyMs);
    cluster.setImage('web:2');
    await cluster.clock.advance(podReadyMs);
    const held = [cluster.images(), cluster.status()];
    cluster.remove('pods', cluster.pods()[0]?.metadata.name ?? '');
    await cluster.clock.advance(podReadyMs);

    expect(held).toEqual([
      ['web:1'],
      { ...counters, observedGeneration: 2, numberReady: 1, numberAvailable: 1 },
    ]);
    expect(cluster.images()).toEqual(['web:2']);
  });

  test('revisions beyond the limit go', async () => {
    const cluster = start({ revisionHistoryLimit: 0 });
    for (const tag of ['2', '3']) {
      await cluster.clock.advance(podReadyMs);
      cluster.setImage(`web:${tag}`);
    }
    await cluster.clock.advance(podReadyMs);

    expect(cluster.revisions().map(({ revision }) => revision)).toEqual([3]);
  });

  test('a second pod of the same set is one too many', async () => {
    const cluster = start();
    await cluster.clock.advance(podReadyMs);
    const [pod] = cluster.pods();
    const { labels, ownerReferences } = pod?.metadata ?? {};
    cluster.create('pods', {
      metadata: { name: 'extra', labels, ownerReferences },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    });
    cluster.patch('pods', pod?.metadata.name ?? '', { priority: 1 });
    await cluster.clock.advance(podReadyMs);

    expect(cluster.pods().map(({ metadata }) => metadata.name)).toEqual([pod?.metadata.name]);
  });
});

test('a CronJob runs no job', async () => {
  const cluster = createBareCluster();
  const template = { spec: { containers: [{ name: 'web', image: 'web:1' }], restartPolicy: 'Never' } };
  const spec = { schedule: '@hourly', jobTemplate: { spec: { template } } };
  const { status } = cluster.create('cronjobs', { metadata: { name: 'web' }, spec });
  await cluster.clock.advance(2 * 3600_000);

  expect(status).toEqual({});
  expect(cluster.pods()).toEqual([]);
});
