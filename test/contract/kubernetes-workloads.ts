import { describe, expect, test } from '@jest/globals';
import {
  imagePatch,
  imagesOf,
  mergePatch,
  strategicPatch,
  testMs,
  waitingReason,
  type Client,
  type Thing,
} from './kubernetes-client.ts';

type Kind = 'StatefulSet' | 'DaemonSet' | 'CronJob';

const oldImage = 'registry.test/app:1.0.0';
const newImage = 'registry.test/app:1.1.0';
const brokenImage = 'registry.test/app:1.1.0-broken';

/** A workload of two containers; `spec` replaces parts of its spec. */
function workload(kind: Kind, name: string, spec: object = {}) {
  const labels = { app: appOf(kind, name) };
  const containers = [
    { name: 'app', image: oldImage, env: [{ name: 'MODE', value: 'test' }] },
    { name: 'side', image: 'registry.test/side:1.0.0' },
  ];
  const template = { metadata: { labels }, spec: { containers } };
  const metadata = { name, labels };
  if (kind === 'CronJob') {
    const job = { template: { spec: { containers, restartPolicy: 'OnFailure' } } };
    // A 31st of February: no Job ever starts while the suite looks.
    const schedule = '0 0 31 2 *';
    return {
      apiVersion: 'batch/v1',
      kind,
      metadata,
      spec: { schedule, jobTemplate: { spec: job }, ...spec },
    };
  }
  const common = { selector: { matchLabels: labels }, template };
  const own = kind === 'StatefulSet' ? { serviceName: 'peers' } : {};
  return { apiVersion: 'apps/v1', kind, metadata, spec: { ...common, ...own, ...spec } };
}

/** Workloads of two kinds may have one name, but share no pods. */
function appOf(kind: Kind, name: string): string {
  return `${kind.toLowerCase()}-${name}`;
}

/** A patch of the image, where the kind has its pod template. */
function kindPatch(kind: Kind, image: string): object {
  const { spec } = imagePatch(image);
  return kind === 'CronJob' ? { spec: { jobTemplate: { spec } } } : { spec };
}

/** Every pod of a StatefulSet is new and serves, and its status says so. */
function isOver({ metadata, spec, status }: Thing): boolean {
  const counts = [status.replicas, status.readyReplicas, status.updatedReplicas, status.currentReplicas];
  return (
    isSeen({ metadata, status }) &&
    counts.every((count = 0) => count === spec.replicas) &&
    status.currentRevision === status.updateRevision
  );
}

/** Every node runs a new pod that serves. */
function isEverywhere({ metadata, status }: Thing): boolean {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled, numberAvailable } = status;
  return isSeen({ metadata, status }) && updatedNumberScheduled === wanted && numberAvailable === wanted;
}

function isSeen({ metadata, status }: Pick<Thing, 'metadata' | 'status'>): boolean {
  return status.observedGeneration === metadata.generation;
}

function isReady({ status }: Thing): boolean {
  return status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** What the product relies on for workloads that are no Deployments. */
export function workloadContract(namespace: string, clientOf: () => Client): void {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const collections: Readonly<Record<Kind, string>> = {
    StatefulSet: `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
    DaemonSet: `/apis/apps/v1/namespaces/${namespace}/daemonsets`,
    CronJob: `/apis/batch/v1/namespaces/${namespace}/cronjobs`,
  };
  const revisions = `/apis/apps/v1/namespaces/${namespace}/controllerrevisions`;
  const of = (kind: Kind, name: string) => `?labelSelector=app%3D${appOf(kind, name)}`;

  const create = (kind: Kind, name: string, spec?: object) =>
    clientOf().ok('POST', collections[kind], workload(kind, name, spec));
  /** Creates a workload and waits for its pods. */
  const running = async (kind: Kind, name: string, spec?: object): Promise<Thing> => {
    await create(kind, name, spec);
    const done = kind === 'StatefulSet' ? isOver : isEverywhere;
    return clientOf().until(`${collections[kind]}/${name}`, done);
  };
  const patchImage = (kind: Kind, name: string, image: string) =>
    clientOf().ok('PATCH', `${collections[kind]}/${name}`, kindPatch(kind, image), strategicPatch);
  const merge = (kind: Kind, name: string, patch: object) =>
    clientOf().ok('PATCH', `${collections[kind]}/${name}`, patch, mergePatch);
  /** Waits until a workload is as wanted at a generation. */
  const reached = (
    kind: Kind,
    name: string,
    generation: number,
    isWanted: (thing: Thing) => boolean = isSeen,
  ): Promise<Thing> =>
    clientOf().until(`${collections[kind]}/${name}`, (thing) => {
      return thing.metadata.generation === generation && isSeen(thing) && isWanted(thing);
    });
  /** Deletes a pod and waits for another one of that name that serves. */
  const replacePod = async (name: string): Promise<Thing> => {
    const { metadata } = await clientOf().ok('GET', `${pods}/${name}`);
    await clientOf().ok('DELETE', `${pods}/${name}`);
    return clientOf().until(`${pods}/${name}`, (pod) => pod.metadata.uid !== metadata.uid && isReady(pod));
  };
  const imagesByPod = async (kind: Kind, name: string): Promise<Readonly<Record<string, string>>> => {
    const { items } = await clientOf().ok('GET', `${pods}${of(kind, name)}`);
    return Object.fromEntries(
      items.map(({ metadata, spec }) => [metadata.name, spec.containers[0]?.image ?? '']),
    );
  };

  describe('workloads as objects', () => {
    test.each<[Kind, object, object]>([
      [
        'StatefulSet',
        { replicas: 0, availableReplicas: 0 },
        {
          replicas: 1,
          podManagementPolicy: 'OrderedReady',
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
          revisionHistoryLimit: 10,
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
          template: { spec: { restartPolicy: 'Always' } },
        },
      ],
      [
        'DaemonSet',
        { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
        {
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          revisionHistoryLimit: 10,
          template: { spec: { restartPolicy: 'Always' } },
        },
      ],
      [
        'CronJob',
        {},
        {
          suspend: false,
          concurrencyPolicy: 'Allow',
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 1,
          jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
        },
      ],
    ])('a new %s gets its defaults and an empty status', async (kind, status, spec) => {
      const created = await create(kind, 'created');

      expect(created.status).toEqual(status);
      expect(created).toMatchObject({ kind, metadata: { generation: 1 }, spec });
    });

    test.each<[string, Kind, object, string]>([
      [
        'a selector of something else',
        'StatefulSet',
        { selector: { matchLabels: { app: 'other' } } },
        'spec.template.metadata.labels',
      ],
      [
        'a selector of something else',
        'DaemonSet',
        { selector: { matchLabels: { app: 'other' } } },
        'spec.template.metadata.labels',
      ],
      [
        'two containers of one name',
        'StatefulSet',
        {
          template: {
            metadata: { labels: { app: 'statefulset-wrong' } },
            spec: { containers: [one(), one()] },
          },
        },
        'spec.template.spec.containers[1].name',
      ],
      [
        'pods that are not restarted',
        'DaemonSet',
        {
          template: {
            metadata: { labels: { app: 'daemonset-wrong' } },
            spec: { containers: [one()], restartPolicy: 'Never' },
          },
        },
        'spec.template.spec.restartPolicy',
      ],
      [
        'no pod that may go and none that may come',
        'DaemonSet',
        { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
        'spec.updateStrategy.rollingUpdate.maxUnavailable',
      ],
      ['a selector of everything', 'DaemonSet', { selector: { matchLabels: {} } }, 'spec.selector'],
      [
        'a partition that means nothing',
        'StatefulSet',
        { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
        'spec.updateStrategy.rollingUpdate',
      ],
      [
        'pods that go and come first',
        'DaemonSet',
        { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } },
        'spec.updateStrategy.rollingUpdate.maxSurge',
      ],
      ['a schedule with a time zone', 'CronJob', { schedule: 'TZ=UTC 0 0 * * *' }, 'spec.schedule'],
      ['no schedule', 'CronJob', { schedule: '' }, 'spec.schedule'],
      ['a schedule of four fields', 'CronJob', { schedule: '0 0 * *' }, 'spec.schedule'],
      [
        'two containers of one name',
        'CronJob',
        jobOf({ containers: [one(), one()], restartPolicy: 'Never' }),
        'spec.jobTemplate.spec.template.spec.containers[1].name',
      ],
      [
        'pods that are restarted for ever',
        'CronJob',
        jobOf({ containers: [one()] }),
        'spec.jobTemplate.spec.template.spec.restartPolicy',
      ],
      [
        'no containers',
        'CronJob',
        jobOf({ restartPolicy: 'Never' }),
        'spec.jobTemplate.spec.template.spec.containers',
      ],
    ])('%s: the %s is refused with the field', async (_what, kind, spec, field) => {
      const { status, body } = await clientOf().call(
        'POST',
        collections[kind],
        workload(kind, 'wrong', spec),
      );

      expect([status, body.reason]).toEqual([422, 'Invalid']);
      expect(JSON.stringify(body.details)).toContain(`"${field}"`);
    });

    test.each<[Kind, string]>([
      ['StatefulSet', 'with.dot'],
      ['StatefulSet', 'x'.repeat(64)],
      ['CronJob', 'x'.repeat(53)],
    ])('a %s cannot be named %s', async (kind, name) => {
      const { status, body } = await clientOf().call('POST', collections[kind], workload(kind, name));

      expect([status, body.reason]).toEqual([422, 'Invalid']);
      expect(JSON.stringify(body.details)).toContain('"metadata.name"');
    });

    test.each<Kind>(['StatefulSet', 'DaemonSet', 'CronJob'])(
      '%s: a changed spec is a new generation, an annotation or a label is not',
      async (kind) => {
        await create(kind, 'counted');
        const label = await merge(kind, 'counted', { metadata: { labels: { a: 'b' } } });
        const annotation = await merge(kind, 'counted', { metadata: { annotations: { a: 'b' } } });
        const image = await patchImage(kind, 'counted', newImage);
        const same = await patchImage(kind, 'counted', newImage);

        expect([label, annotation, image, same].map(({ metadata }) => metadata.generation)).toEqual([
          1, 1, 2, 2,
        ]);
      },
    );

    test.each<[Kind, object, string]>([
      ['StatefulSet', { serviceName: 'others' }, 'updates to statefulset spec for fields other than'],
      ['StatefulSet', { podManagementPolicy: 'Parallel' }, "'template', 'updateStrategy'"],
      [
        'StatefulSet',
        {
          selector: { matchLabels: { more: 'x' } },
          template: { metadata: { labels: { more: 'x' } } },
        },
        'are forbidden',
      ],
      [
        'DaemonSet',
        {
          selector: { matchLabels: { more: 'x' } },
          template: { metadata: { labels: { more: 'x' } } },
        },
        'field is immutable',
      ],
    ])('%s: %j never changes', async (kind, spec, message) => {
      const name = `fixed-${Object.keys(spec)[0]?.toLowerCase() ?? ''}`;
      await create(kind, name);
      const { status, body } = await clientOf().call(
        'PATCH',
        `${collections[kind]}/${name}`,
        { spec },
        mergePatch,
      );

      expect([status, body.reason]).toEqual([422, 'Invalid']);
      expect(body.message).toContain(message);
    });

    test.each<Kind>(['StatefulSet', 'DaemonSet', 'CronJob'])(
      '%s: a strategic merge of one image leaves everything else alone',
      async (kind) => {
        const before = await create(kind, 'merged');
        const after = await patchImage(kind, 'merged', newImage);
        const expected = JSON.stringify(before.spec).replace(oldImage, newImage);

        expect(after.spec).toEqual(JSON.parse(expected));
        expect(JSON.stringify(after.spec)).toContain(newImage);
      },
    );

    test.each<Kind>(['StatefulSet', 'DaemonSet', 'CronJob'])(
      '%s: a write to the status leaves the spec alone',
      async (kind) => {
        const before = await create(kind, 'status');
        const patch = { spec: { revisionHistoryLimit: 1, suspend: true }, status: {} };
        const after = await clientOf().ok('PATCH', `${collections[kind]}/status/status`, patch, mergePatch);

        expect(after.spec).toEqual(before.spec);
        expect(after.metadata.generation).toBe(1);
      },
    );

    test.each<[string, string, readonly string[], readonly string[], readonly string[]]>([
      ['/apis/apps/v1', 'statefulsets', ['sts'], ['all'], ['scale', 'status']],
      ['/apis/apps/v1', 'daemonsets', ['ds'], ['all'], ['status']],
      ['/apis/batch/v1', 'cronjobs', ['cj'], ['all'], ['status']],
    ])('%s tells of %s', async (path, plural, shortNames, categories, parts) => {
      const { resources } = (await clientOf().ok('GET', path)) as unknown as Discovered;
      const main = resources.find(({ name }) => name === plural);
      const below = resources.flatMap(({ name }) => (name.startsWith(`${plural}/`) ? [name] : []));

      expect(main).toMatchObject({ namespaced: true, shortNames, categories });
      expect(below.toSorted()).toEqual(parts.map((part) => `${plural}/${part}`));
    });

    test.each<[Kind, string]>([
      ['StatefulSet', 'Name, Ready, Age, (Containers), (Images)'],
      [
        'DaemonSet',
        'Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age, (Containers), (Images), (Selector)',
      ],
      [
        'CronJob',
        'Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, (Containers), (Images), (Selector)',
      ],
    ])('the columns of a %s', async (kind, expected) => {
      expect(await clientOf().columns(collections[kind])).toBe(expected);
    });
  });

  describe('StatefulSets', () => {
    test(
      'pods come in order, each after the one before it serves',
      async () => {
        const done = await running('StatefulSet', 'ordered', { replicas: 3 });
        const { items } = await clientOf().ok('GET', `${pods}${of('StatefulSet', 'ordered')}`);
        const starts = items.map(({ metadata }) => Number(metadata.resourceVersion));
        const [first] = items;

        expect(items.map(({ metadata }) => metadata.name)).toEqual(['ordered-0', 'ordered-1', 'ordered-2']);
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(first?.metadata.labels).toMatchObject({
          app: 'statefulset-ordered',
          'controller-revision-hash': done.status.updateRevision,
          'statefulset.kubernetes.io/pod-name': 'ordered-0',
          'apps.kubernetes.io/pod-index': '0',
        });
        expect(first?.spec).toMatchObject({ hostname: 'ordered-0', subdomain: 'peers' });
        expect(first?.metadata.ownerReferences).toMatchObject([
          { kind: 'StatefulSet', uid: done.metadata.uid },
        ]);
        expect(done.status).toEqual({
          observedGeneration: 1,
          replicas: 3,
          readyReplicas: 3,
          availableReplicas: 3,
          currentReplicas: 3,
          updatedReplicas: 3,
          currentRevision: expect.stringMatching(/^ordered-\w+$/) as unknown,
          updateRevision: done.status.currentRevision,
          collisionCount: 0,
        });
      },
      testMs,
    );

    test(
      'a pod that never serves keeps the next from coming; in parallel all come at once',
      async () => {
        const broken = (name: string) => {
          const { template } = workload('StatefulSet', name).spec as { template: object };
          const containers = [{ name: 'app', image: brokenImage }];
          return { replicas: 3, template: { ...template, spec: { containers } } };
        };
        await create('StatefulSet', 'queued', broken('queued'));
        const spec = { ...broken('parallel'), podManagementPolicy: 'Parallel' };
        await create('StatefulSet', 'parallel', spec);
        await clientOf().until(`${pods}/queued-0`, (pod) => waitingReason(pod) === 'ImagePullBackOff');
        const all = await reached('StatefulSet', 'parallel', 1, ({ status }) => status.replicas === 3);
        const one = await reached('StatefulSet', 'queued', 1, ({ status }) => status.replicas === 1);

        expect(Object.keys(await imagesByPod('StatefulSet', 'queued'))).toEqual(['queued-0']);
        expect(one.status.readyReplicas ?? 0).toBe(0);
        expect(all.status).toMatchObject({ availableReplicas: 0, updatedReplicas: 3 });
      },
      testMs,
    );

    test(
      'a new image rolls out from the last pod to the first, one at a time',
      async () => {
        const before = await running('StatefulSet', 'rolled', { replicas: 3 });
        const { metadata } = await clientOf().ok('GET', `${pods}${of('StatefulSet', 'rolled')}`);
        const patched = await patchImage('StatefulSet', 'rolled', newImage);
        const from = `?fieldSelector=metadata.name%3Drolled&resourceVersion=${before.metadata.resourceVersion}`;
        const events = await clientOf().watch(`${collections.StatefulSet}${from}`, ({ object }) => {
          return object.metadata.generation === 2 && isOver(object);
        });
        const done = events.at(-1)?.object;
        const comings: string[] = [];
        await clientOf().watch(
          `${pods}${of('StatefulSet', 'rolled')}&resourceVersion=${metadata.resourceVersion}`,
          ({ type, object }) => {
            if (type === 'ADDED') comings.push(object.metadata.name);
            return comings.length === 3;
          },
        );
        const underWay = events
          .map(({ object }) => object)
          .filter((object) => object.status.observedGeneration === 2 && !isOver(object));

        expect(patched.status.observedGeneration).toBe(1);
        expect(comings).toEqual(['rolled-2', 'rolled-1', 'rolled-0']);
        expect(await imagesByPod('StatefulSet', 'rolled')).toEqual({
          'rolled-0': newImage,
          'rolled-1': newImage,
          'rolled-2': newImage,
        });
        expect(underWay.length).toBeGreaterThan(2);
        for (const { status } of underWay) {
          const { currentReplicas = 0, updatedReplicas = 0 } = status;
          expect(status.currentRevision).toBe(before.status.currentRevision);
          expect(status.updateRevision).not.toBe(status.currentRevision);
          expect(status.availableReplicas).toBeGreaterThanOrEqual(2);
          expect(currentReplicas + updatedReplicas).toBeGreaterThanOrEqual(2);
        }
        expect(done?.status).toMatchObject({
          ...{ observedGeneration: 2, replicas: 3, readyReplicas: 3, availableReplicas: 3 },
          ...{ currentReplicas: 3, updatedReplicas: 3, collisionCount: 0 },
          currentRevision: done?.status.updateRevision,
        });
      },
      testMs,
    );

    test(
      'the partition keeps the first pods as they are, also when they are deleted',
      async () => {
        const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
        await running('StatefulSet', 'parted', { replicas: 3, updateStrategy });
        await patchImage('StatefulSet', 'parted', newImage);
        const held = await reached('StatefulSet', 'parted', 2, ({ status }) => {
          return status.updatedReplicas === 1 && status.readyReplicas === 3;
        });
        const images = await imagesByPod('StatefulSet', 'parted');
        const again = await replacePod('parted-0');
        await merge('StatefulSet', 'parted', {
          spec: { updateStrategy: { rollingUpdate: { partition: 0 } } },
        });
        const done = await reached('StatefulSet', 'parted', 3, isOver);

        expect(images).toEqual({ 'parted-0': oldImage, 'parted-1': oldImage, 'parted-2': newImage });
        expect(held.status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1, availableReplicas: 3 });
        expect(held.status.currentRevision).not.toBe(held.status.updateRevision);
        expect(again.spec.containers[0]?.image).toBe(oldImage);
        expect(done.status.currentRevision).toBe(held.status.updateRevision);
      },
      testMs,
    );

    test(
      'OnDelete: a pod is new only after somebody deleted the old one',
      async () => {
        const updateStrategy = { type: 'OnDelete' };
        await create('StatefulSet', 'manual', { replicas: 2, updateStrategy });
        const before = await reached('StatefulSet', 'manual', 1, ({ status }) => status.readyReplicas === 2);
        await patchImage('StatefulSet', 'manual', newImage);
        const seen = await reached('StatefulSet', 'manual', 2);
        const images = await imagesByPod('StatefulSet', 'manual');
        const again = await replacePod('manual-0');
        const half = await reached('StatefulSet', 'manual', 2, ({ status }) => {
          return status.updatedReplicas === 1 && status.readyReplicas === 2;
        });
        const untouched = (await imagesByPod('StatefulSet', 'manual'))['manual-1'];
        await replacePod('manual-1');
        const all = await reached('StatefulSet', 'manual', 2, ({ status }) => {
          return status.updatedReplicas === 2 && status.readyReplicas === 2;
        });

        expect(images).toEqual({ 'manual-0': oldImage, 'manual-1': oldImage });
        expect(seen.status.updatedReplicas ?? 0).toBe(0);
        expect(seen.status.updateRevision).not.toBe(before.status.updateRevision);
        expect(again.spec.containers[0]?.image).toBe(newImage);
        expect(untouched).toBe(oldImage);
        expect(half.status).toMatchObject({
          currentReplicas: 1,
          currentRevision: before.status.currentRevision,
        });
        expect(all.status.currentRevision).toBe(before.status.currentRevision);
        expect(all.status.currentReplicas ?? 0).toBe(0);
      },
      testMs,
    );

    test(
      'an image that cannot be pulled stops the rollout, and the way back until its pod is deleted',
      async () => {
        const before = await running('StatefulSet', 'stuck', { replicas: 2 });
        await patchImage('StatefulSet', 'stuck', brokenImage);
        await clientOf().until(`${pods}/stuck-1`, (pod) => waitingReason(pod) === 'ImagePullBackOff');
        const stuck = await reached('StatefulSet', 'stuck', 2, ({ status }) => status.updatedReplicas === 1);
        await patchImage('StatefulSet', 'stuck', oldImage);
        const back = await reached('StatefulSet', 'stuck', 3);
        const images = await imagesByPod('StatefulSet', 'stuck');
        await replacePod('stuck-1');
        const healed = await reached('StatefulSet', 'stuck', 3, isOver);

        expect(stuck.status).toMatchObject({
          ...{ replicas: 2, readyReplicas: 1, availableReplicas: 1, currentReplicas: 1 },
          currentRevision: before.status.currentRevision,
        });
        expect(back.status.updateRevision).toBe(before.status.currentRevision);
        expect(images).toEqual({ 'stuck-0': oldImage, 'stuck-1': brokenImage });
        expect(healed.status.currentRevision).toBe(before.status.currentRevision);
      },
      testMs,
    );

    test(
      'the old image brings the old revision back',
      async () => {
        const before = await running('StatefulSet', 'undone');
        await patchImage('StatefulSet', 'undone', newImage);
        await reached('StatefulSet', 'undone', 2, isOver);
        await patchImage('StatefulSet', 'undone', oldImage);
        const done = await reached('StatefulSet', 'undone', 3, isOver);
        const { items } = await clientOf().ok('GET', `${revisions}${of('StatefulSet', 'undone')}`);

        expect(done.status.updateRevision).toBe(before.status.updateRevision);
        expect(items.map(({ revision }) => revision).toSorted()).toEqual([2, 3]);
        expect(items.find(({ revision }) => revision === 3)?.metadata.name).toBe(done.status.updateRevision);
      },
      testMs,
    );

    test(
      'scaling down takes the last pods, from the highest',
      async () => {
        const { metadata } = await running('StatefulSet', 'scaled', { replicas: 3 });
        const path = `${collections.StatefulSet}/scaled/scale`;
        const before = await clientOf().ok('GET', path);
        await clientOf().ok('PATCH', path, { spec: { replicas: 1 } }, mergePatch);
        await reached('StatefulSet', 'scaled', 2, isOver);
        const goings: string[] = [];
        const from = `${of('StatefulSet', 'scaled')}&resourceVersion=${metadata.resourceVersion}`;
        await clientOf().watch(`${pods}${from}`, ({ type, object }) => {
          if (type === 'DELETED') goings.push(object.metadata.name);
          return goings.length === 2;
        });

        expect(before).toMatchObject({
          kind: 'Scale',
          metadata: { name: 'scaled', uid: metadata.uid },
          spec: { replicas: 3 },
          status: { replicas: 3, selector: 'app=statefulset-scaled' },
        });
        expect(goings).toEqual(['scaled-2', 'scaled-1']);
      },
      testMs,
    );

    test(
      'without pods wanted, a rollout is over at once',
      async () => {
        await create('StatefulSet', 'nobody', { replicas: 0 });
        await patchImage('StatefulSet', 'nobody', newImage);
        const done = await reached('StatefulSet', 'nobody', 2, isOver);

        expect(done.status).toMatchObject({ replicas: 0, availableReplicas: 0 });
      },
      testMs,
    );

    test(
      'a deletion takes the pods and the revisions along',
      async () => {
        await running('StatefulSet', 'deleted', { replicas: 2 });
        await clientOf().ok('DELETE', `${collections.StatefulSet}/deleted`);
        await clientOf().untilGone(`${pods}${of('StatefulSet', 'deleted')}`);
        await clientOf().untilGone(`${revisions}${of('StatefulSet', 'deleted')}`);

        expect((await clientOf().call('GET', `${collections.StatefulSet}/deleted`)).status).toBe(404);
        expect(await imagesByPod('StatefulSet', 'deleted')).toEqual({});
      },
      testMs,
    );
  });

  describe('DaemonSets', () => {
    const images = async (name: string) => [...new Set(Object.values(await imagesByPod('DaemonSet', name)))];

    test(
      'every node gets a pod, and a new image replaces one after the other',
      async () => {
        const before = await running('DaemonSet', 'everywhere');
        const nodes = before.status.desiredNumberScheduled ?? 0;
        await patchImage('DaemonSet', 'everywhere', newImage);
        const from = `?fieldSelector=metadata.name%3Deverywhere&resourceVersion=${before.metadata.resourceVersion}`;
        const events = await clientOf().watch(`${collections.DaemonSet}${from}`, ({ object }) => {
          return object.metadata.generation === 2 && isEverywhere(object);
        });
        const available = events.map(({ object }) => object.status.numberAvailable ?? 0);
        const { items } = await clientOf().ok('GET', `${pods}${of('DaemonSet', 'everywhere')}`);

        expect(nodes).toBeGreaterThan(0);
        expect(before.status).toEqual({
          observedGeneration: 1,
          currentNumberScheduled: nodes,
          desiredNumberScheduled: nodes,
          numberMisscheduled: 0,
          numberReady: nodes,
          updatedNumberScheduled: nodes,
          numberAvailable: nodes,
        });
        expect(Math.min(...available)).toBe(nodes - 1);
        expect(items).toHaveLength(nodes);
        expect(await images('everywhere')).toEqual([newImage]);
        expect(items[0]?.metadata.labels).toHaveProperty('controller-revision-hash');
        expect(events.at(-1)?.object.status).toEqual({ ...before.status, observedGeneration: 2 });
      },
      testMs,
    );

    test(
      'an image that cannot be pulled stops at the first node; the old image heals it',
      async () => {
        const before = await running('DaemonSet', 'broken');
        const nodes = before.status.desiredNumberScheduled ?? 0;
        await patchImage('DaemonSet', 'broken', brokenImage);
        await clientOf().watch(
          `${pods}${of('DaemonSet', 'broken')}`,
          ({ object }) => waitingReason(object) === 'ImagePullBackOff',
        );
        const stuck = await reached('DaemonSet', 'broken', 2, ({ status }) => {
          return status.updatedNumberScheduled === 1;
        });
        await patchImage('DaemonSet', 'broken', oldImage);
        await reached('DaemonSet', 'broken', 3, isEverywhere);

        expect(stuck.status).toMatchObject({
          ...{ desiredNumberScheduled: nodes, currentNumberScheduled: nodes },
          ...{ numberReady: nodes - 1, numberUnavailable: 1 },
        });
        expect(await images('broken')).toEqual([oldImage]);
      },
      testMs,
    );

    test(
      'OnDelete: a pod is new only after somebody deleted the old one',
      async () => {
        const before = await running('DaemonSet', 'manual', { updateStrategy: { type: 'OnDelete' } });
        await patchImage('DaemonSet', 'manual', newImage);
        const seen = await reached('DaemonSet', 'manual', 2);
        const untouched = await images('manual');
        const [first] = Object.keys(await imagesByPod('DaemonSet', 'manual'));
        await clientOf().ok('DELETE', `${pods}/${first ?? ''}`);
        const done = await reached('DaemonSet', 'manual', 2, ({ status }) => {
          return status.updatedNumberScheduled === 1 && status.numberAvailable === before.status.numberReady;
        });
        const after = Object.values(await imagesByPod('DaemonSet', 'manual'));

        expect(seen.status.updatedNumberScheduled ?? 0).toBe(0);
        expect(untouched).toEqual([oldImage]);
        expect(after.filter((image) => image === newImage)).toHaveLength(1);
        expect(done.status).not.toHaveProperty('numberUnavailable');
      },
      testMs,
    );

    test(
      'a pod that was deleted comes back, and a deletion takes all along',
      async () => {
        await running('DaemonSet', 'deleted');
        const [first] = Object.keys(await imagesByPod('DaemonSet', 'deleted'));
        await clientOf().ok('DELETE', `${pods}/${first ?? ''}`);
        const events = await clientOf().watch(
          `${pods}${of('DaemonSet', 'deleted')}`,
          ({ object }) => object.metadata.name !== first && isReady(object),
        );
        const done = await reached('DaemonSet', 'deleted', 1, isEverywhere);
        await clientOf().ok('DELETE', `${collections.DaemonSet}/deleted`);
        await clientOf().untilGone(`${pods}${of('DaemonSet', 'deleted')}`);

        expect(events.length).toBeGreaterThan(0);
        expect(done.status).not.toHaveProperty('numberUnavailable');
        expect(await imagesByPod('DaemonSet', 'deleted')).toEqual({});
      },
      testMs,
    );
  });

  describe('CronJobs', () => {
    test('the image of the job template moves, and the rest of the object stays', async () => {
      const before = await create('CronJob', 'nightly');
      const patch = {
        metadata: { resourceVersion: before.metadata.resourceVersion, annotations: { a: 'b' } },
        ...kindPatch('CronJob', newImage),
      };
      const patched = await clientOf().ok('PATCH', `${collections.CronJob}/nightly`, patch, strategicPatch);
      const stale = await clientOf().call('PATCH', `${collections.CronJob}/nightly`, patch, strategicPatch);
      const { jobTemplate, schedule } = patched.spec as {
        jobTemplate?: { spec: Thing['spec'] };
        schedule?: string;
      };

      expect(imagesOf({ spec: jobTemplate?.spec } as Thing)).toEqual([newImage, 'registry.test/side:1.0.0']);
      expect([schedule, patched.metadata.generation, patched.status]).toEqual(['0 0 31 2 *', 2, {}]);
      expect([stale.status, stale.body.reason]).toEqual([409, 'Conflict']);
      expect((await clientOf().ok('GET', `${pods}${of('CronJob', 'nightly')}`)).items).toEqual([]);
    });
  });
}

interface Discovered {
  readonly resources: readonly { readonly name: string }[];
}

function one(): object {
  return { name: 'app', image: oldImage };
}

/** A CronJob's spec with pods of this spec. */
function jobOf(spec: object): object {
  return { jobTemplate: { spec: { template: { spec } } } };
}
