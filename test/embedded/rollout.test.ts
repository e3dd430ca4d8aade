import { describe, expect, test } from '@jest/globals';
import type { Api } from '../../src/embedded/api.ts';
import type { Deployment, Pod } from '../../src/embedded/objects.ts';
import { resourceNamed } from '../../src/embedded/resources.ts';
import { limitsOf } from '../../src/embedded/rollout-limits.ts';
import { createBareCluster, podReadyMs } from './bare-cluster.ts';

const deployments = resourceNamed('deployments');
const patchType = 'application/merge-patch+json';

const write = { dryRun: false, manager: 'test' };
const target = { resource: deployments, namespace: 'default', name: 'web', subresource: undefined };

function create(api: Api, spec: object = {}, image = 'web:1'): void {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
  const body = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
  api.create(target, body, write);
}

function patch(api: Api, spec: object): void {
  api.patch(target, patchType, { spec }, write);
}

function setImage(api: Api, image: string): void {
  patch(api, { template: { spec: { containers: [{ name: 'web', image }] } } });
}

function reasonOf({ status }: Deployment, type: string): string | undefined {
  return status?.conditions?.find((condition) => condition.type === type)?.reason;
}

describe('limits', () => {
  const deployment = (replicas: number | undefined, strategy: object) =>
    ({ spec: { replicas, strategy } }) as unknown as Deployment;

  test.each([
    [undefined, {}, { replicas: 1, maxSurge: 1, maxUnavailable: 0 }],
    [4, {}, { replicas: 4, maxSurge: 1, maxUnavailable: 1 }],
    [10, {}, { replicas: 10, maxSurge: 3, maxUnavailable: 2 }],
    [
      10,
      { rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } },
      { replicas: 10, maxSurge: 0, maxUnavailable: 5 },
    ],
    [
      2,
      { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      { replicas: 2, maxSurge: 0, maxUnavailable: 1 },
    ],
    [
      2,
      { rollingUpdate: { maxSurge: 5, maxUnavailable: 9 } },
      { replicas: 2, maxSurge: 5, maxUnavailable: 2 },
    ],
    [0, {}, { replicas: 0, maxSurge: 0, maxUnavailable: 0 }],
    [3, { type: 'Recreate' }, { replicas: 3, maxSurge: 0, maxUnavailable: 0 }],
  ])('%j replicas, %j', (replicas, strategy, expected) => {
    expect(limitsOf(deployment(replicas, strategy))).toEqual(expected);
  });
});

describe('rollout over time', () => {
  test('pods are ready a moment after they were made', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { replicas: 2 });
    await cluster.clock.advance(podReadyMs - 1);
    const before = cluster.deployment();
    await cluster.clock.advance(1);
    const after = cluster.deployment();

    expect(before.status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      unavailableReplicas: 2,
    });
    expect(before.status).not.toHaveProperty('readyReplicas');
    expect([reasonOf(before, 'Progressing'), reasonOf(before, 'Available')]).toEqual([
      'ReplicaSetUpdated',
      'MinimumReplicasUnavailable',
    ]);
    expect(after.status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
    expect([reasonOf(after, 'Progressing'), reasonOf(after, 'Available')]).toEqual([
      'NewReplicaSetAvailable',
      'MinimumReplicasAvailable',
    ]);
    expect(cluster.clock.pending()).toBe(0);
  });

  test('a rolling update replaces pods in steps within its limits', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { replicas: 4, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } });
    await cluster.clock.advance(podReadyMs);
    setImage(cluster.api, 'web:2');
    const steps: string[] = [];
    for (let second = 0; second < 4; second++) {
      await cluster.clock.advance(second === 0 ? 0 : podReadyMs);
      const { replicas, updatedReplicas, availableReplicas } = cluster.deployment().status ?? {};
      steps.push(`${replicas ?? 0} pods, ${updatedReplicas ?? 0} new, ${availableReplicas ?? 0} serve`);
    }

    expect(steps).toEqual([
      '5 pods, 2 new, 3 serve',
      '5 pods, 4 new, 3 serve',
      '4 pods, 4 new, 4 serve',
      '4 pods, 4 new, 4 serve',
    ]);
    expect(cluster.events().join('\n')).toMatch(/^Scaled up replica set web-\w{10} from 0 to 4$/m);
  });

  test('Recreate waits until the old pods are gone', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { replicas: 2, strategy: { type: 'Recreate' } });
    await cluster.clock.advance(podReadyMs);
    const images: string[] = [];
    cluster.state.subscribe(({ object }) => {
      if (object.kind !== 'Pod') return;
      images.push([...new Set(cluster.pods().map(({ spec }) => spec.containers[0]?.image))].join('+'));
    });
    setImage(cluster.api, 'web:2');
    await cluster.clock.advance(podReadyMs);

    expect([...new Set(images)]).toEqual(['web:1', '', 'web:2']);
    expect(reasonOf(cluster.deployment(), 'Progressing')).toBe('NewReplicaSetAvailable');
  });

  test('an image that cannot be pulled never serves, and the deadline says so', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { progressDeadlineSeconds: 60 });
    await cluster.clock.advance(podReadyMs);
    setImage(cluster.api, 'web:2-broken');
    await cluster.clock.advance(podReadyMs);
    const first = waitingOf(cluster.pods());
    await cluster.clock.advance(podReadyMs);
    const second = waitingOf(cluster.pods());
    await cluster.clock.advance(57_000);
    const before = reasonOf(cluster.deployment(), 'Progressing');
    await cluster.clock.advance(2000);

    expect([first, second]).toEqual([['ErrImagePull'], ['ImagePullBackOff']]);
    expect([before, reasonOf(cluster.deployment(), 'Progressing')]).toEqual([
      'ReplicaSetUpdated',
      'ProgressDeadlineExceeded',
    ]);
    expect(cluster.deployment().status?.availableReplicas).toBe(1);
    expect(cluster.clock.pending()).toBe(0);

    setImage(cluster.api, 'web:3');
    await cluster.clock.advance(podReadyMs);

    expect(reasonOf(cluster.deployment(), 'Progressing')).toBe('NewReplicaSetAvailable');
  });

  test('a crashing container is restarted, ever less often', async () => {
    const cluster = createBareCluster();
    create(cluster.api, {}, 'web:crash');
    const restarts = () => cluster.pods()[0]?.status?.containerStatuses?.[0]?.restartCount;
    await cluster.clock.advance(4 * podReadyMs);
    const soon = restarts();
    await cluster.clock.advance(60 * podReadyMs);

    expect(soon).toBe(3);
    expect(restarts()).toBe(9);
    expect(waitingOf(cluster.pods())).toEqual(['CrashLoopBackOff']);
  });

  test('an init container that cannot be pulled keeps the others waiting', async () => {
    const cluster = createBareCluster();
    const labels = { app: 'web' };
    const containers = [{ name: 'web', image: 'web:1' }];
    const initContainers = [{ name: 'init', image: 'init:broken' }];
    create(cluster.api, { template: { metadata: { labels }, spec: { containers, initContainers } } });
    await cluster.clock.advance(2 * podReadyMs);
    const [pod] = cluster.pods();

    expect(pod?.status?.phase).toBe('Pending');
    expect(pod?.status?.initContainerStatuses?.[0]?.state.waiting?.reason).toBe('ImagePullBackOff');
    expect(waitingOf(cluster.pods())).toEqual(['PodInitializing']);
  });

  test('paused: replicas still count, the new template waits', async () => {
    const cluster = createBareCluster();
    create(cluster.api);
    await cluster.clock.advance(podReadyMs);
    patch(cluster.api, { paused: true, replicas: 3 });
    setImage(cluster.api, 'web:2');
    await cluster.clock.advance(podReadyMs);

    expect(cluster.sets().map(({ spec }) => spec.replicas)).toEqual([3]);
    expect(reasonOf(cluster.deployment(), 'Progressing')).toBe('DeploymentPaused');
  });

  test('history beyond the limit goes', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { revisionHistoryLimit: 1 });
    for (const tag of ['2', '3', '4']) {
      await cluster.clock.advance(podReadyMs);
      setImage(cluster.api, `web:${tag}`);
    }
    await cluster.clock.advance(podReadyMs);

    expect(
      cluster
        .sets()
        .map(({ spec }) => spec.template.spec.containers[0]?.image)
        .toSorted(),
    ).toEqual(['web:3', 'web:4']);
    expect(cluster.deployment().metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '4' });
  });

  test('a pod that is deleted comes again; scaling down takes those that do not serve first', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { replicas: 2 });
    await cluster.clock.advance(podReadyMs);
    const [first, second] = cluster.pods().map(({ metadata }) => metadata.name);
    cluster.api.remove({ ...target, resource: resourceNamed('pods'), name: first ?? '' }, {});
    await cluster.clock.advance(0);
    const again = cluster.pods().length;
    patch(cluster.api, { replicas: 1 });
    await cluster.clock.advance(0);

    expect(again).toBe(2);
    expect(cluster.pods().map(({ metadata }) => metadata.name)).toEqual([second]);
  });

  test('a deadline further away than a timer reaches does not spin', async () => {
    const cluster = createBareCluster();
    create(cluster.api, { progressDeadlineSeconds: 2_147_483_647 }, 'web:broken');
    await cluster.clock.advance(3 * podReadyMs);
    const version = cluster.state.version();
    await cluster.clock.advance(3 * 86_400_000);

    expect(cluster.state.version()).toBe(version);
    expect(cluster.clock.pending()).toBe(1);
  });

  test('stopped controllers leave no timer', async () => {
    const cluster = createBareCluster();
    create(cluster.api, {}, 'web:crash');
    await cluster.clock.advance(podReadyMs);
    cluster.stop();

    expect(cluster.clock.pending()).toBe(0);
  });
});

function waitingOf(pods: readonly Pod[]): readonly (string | undefined)[] {
  const waiting = pods.map(({ status }) => status?.containerStatuses?.[0]?.state.waiting?.reason);
  return waiting.filter((reason) => reason !== undefined);
}
