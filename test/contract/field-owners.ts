import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createKubernetesCluster } from '../../src/cluster/kubernetes.ts';
import { toWorkload } from '../../src/cluster/workload-object.ts';
import { apiVersionOf, collectionPath, podSpecPath } from '../../src/core/kinds.ts';
import type { ImagePatch } from '../../src/core/ports.ts';
import type { Rest } from '../../src/core/rest.ts';
import {
  workloadKinds,
  type Workload,
  type WorkloadKind,
  type WorkloadTraits,
} from '../../src/core/workload.ts';
import { mergePatch, strategicPatch, type Client, type Thing } from './kubernetes-client.ts';

const also = { annotations: [], teamLabel: 'team', traits: true };
const [oldImage, newImage] = ['registry.test/app:1.0.0', 'registry.test/app:1.1.0'];
const sideImage = 'registry.test/side:1.0.0';
const initImage = 'registry.test/init:1.0.0';
const scaledKinds: readonly WorkloadKind[] = ['Deployment', 'StatefulSet'];
const restartedAt = '2026-01-01T00:00:00Z';

/** A workload that starts no pods where that can be had. */
function workload(kind: WorkloadKind, name: string): object {
  const labels = { app: `${kind.toLowerCase()}-${name}` };
  const podSpec = {
    containers: [
      { name: 'app', image: oldImage, env: [{ name: 'MODE', value: 'test' }] },
      { name: 'side', image: sideImage },
    ],
    initContainers: [{ name: 'init', image: initImage }],
    ...(kind === 'CronJob' ? { restartPolicy: 'Never' } : {}),
  };
  const template = { metadata: { labels }, spec: podSpec };
  const selector = { matchLabels: labels };
  const spec = {
    Deployment: { replicas: 0, selector, template },
    StatefulSet: { replicas: 0, serviceName: name, selector, template },
    DaemonSet: { selector, template },
    CronJob: { schedule: '0 0 31 2 *', jobTemplate: { spec: { template } } },
  }[kind];
  return { apiVersion: apiVersionOf(kind), kind, metadata: { name, labels }, spec };
}

/** What is noted of field managers. */
const Managed = z.object({
  managedFields: z.array(z.object({ manager: z.string(), time: z.string().optional() })),
});

/** All but when that was. */
function undated(traits: WorkloadTraits | undefined): WorkloadTraits | undefined {
  if (!traits) return undefined;
  const { template, restartedAt: restarted, scale, setBy } = traits;
  return {
    ...{ template, setBy },
    ...(restarted === undefined ? {} : { restartedAt: restarted }),
    ...(scale === undefined ? {} : { scale }),
  };
}

/** A patch of the pod template. */
function templatePatch(kind: WorkloadKind, template: object): object {
  return podSpecPath(kind)
    .slice(0, -1)
    .reduceRight<object>((inner, field) => ({ [field]: inner }), template);
}

/**
 * What the product relies on to say who changed what. Managers have names in the order in which they come: what happens
 * within one second has no other order.
 */
export function fieldOwnerContract(namespace: string, clientOf: () => Client): void {
  const rest: Rest = {
    json: ({ method, path, query, body, contentType }) =>
      clientOf().ok(method, `${path}?${new URLSearchParams(query).toString()}`, body, contentType),
    lines: () => Promise.reject(new Error('nobody watches here')),
  };
  const pathOf = (kind: WorkloadKind, name: string) => `${collectionPath(kind, namespace)}/${name}`;
  const readTraits = async (kind: WorkloadKind, name: string): Promise<WorkloadTraits | undefined> =>
    toWorkload('default', kind, await clientOf().ok('GET', pathOf(kind, name)), also).traits;
  const traitsOf = async (kind: WorkloadKind, name: string): Promise<WorkloadTraits | undefined> =>
    undated(await readTraits(kind, name));
  const create = (kind: WorkloadKind, name: string): Promise<Thing> =>
    clientOf().ok('POST', `${collectionPath(kind, namespace)}?fieldManager=a-creator`, workload(kind, name));
  const patchBy = (manager: string, path: string, body: object, type = strategicPatch): Promise<Thing> =>
    clientOf().ok('PATCH', `${path}?fieldManager=${manager}`, body, type);
  const setImage = (manager: string, kind: WorkloadKind, name: string, image: string): Promise<Thing> => {
    const template = { spec: { containers: [{ name: 'app', image }] } };
    return patchBy(manager, pathOf(kind, name), templatePatch(kind, template));
  };

  /** As the product does it: from what was just read, and again when a controller was quicker. */
  const moveImages = async (
    kind: WorkloadKind,
    name: string,
    moves: ImagePatch['moves'],
  ): Promise<Workload> => {
    const cluster = createKubernetesCluster('default', rest, also);
    const key = { cluster: 'default', namespace, kind, name };
    const { signal } = new AbortController();
    for (;;) {
      const { resourceVersion = '' } = (await cluster.read(key, signal)) ?? {};
      const patch = {
        workload: key,
        resourceVersion,
        annotations: { 'updatekate.dev/update': 'u-1' },
        moves,
      };
      const patched = await cluster.patchImages(patch, signal).catch((error: unknown) => {
        if (String(error).includes('the object has been modified')) return undefined;
        throw error;
      });
      if (patched) return patched;
    }
  };

  describe('owners of fields', () => {
    test.each(workloadKinds)('who made a %s set all of it', async (kind) => {
      await create(kind, 'owned-new');
      const traits = await traitsOf(kind, 'owned-new');

      expect(traits?.setBy).toEqual({
        images: { app: 'a-creator', side: 'a-creator', init: 'a-creator' },
        template: 'a-creator',
        ...(scaledKinds.includes(kind) ? { scale: 'a-creator' } : {}),
      });
      expect(traits?.scale).toBe(scaledKinds.includes(kind) ? 0 : undefined);
      expect(traits).not.toHaveProperty('restartedAt');
    });

    test.each(workloadKinds)('%s: an image is of who moved it last, also when that is back', async (kind) => {
      await create(kind, 'owned-image');
      const created = await traitsOf(kind, 'owned-image');
      const patched = await moveImages(kind, 'owned-image', [
        { container: 'app', init: false, from: oldImage, to: newImage },
        { container: 'init', init: true, from: initImage, to: 'registry.test/init:1.1.0' },
      ]);
      await setImage('b-same', kind, 'owned-image', newImage);
      const same = await traitsOf(kind, 'owned-image');
      await setImage('c-undo', kind, 'owned-image', oldImage);
      const undone = await traitsOf(kind, 'owned-image');

      expect(patched.traits?.setBy.images).toEqual({
        app: 'updatekate',
        side: 'a-creator',
        init: 'updatekate',
      });
      expect(same).toEqual(undated(patched.traits));
      expect(undone?.setBy.images).toEqual({ app: 'c-undo', side: 'a-creator', init: 'updatekate' });
      expect(undone?.setBy.template).toBe('a-creator');
      expect([patched.traits?.template, undone?.template]).toEqual([created?.template, created?.template]);
    });

    test.each(workloadKinds)('%s: another setting is of who made it, and takes no image', async (kind) => {
      const name = 'owned-config';
      await create(kind, name);
      const created = await traitsOf(kind, name);
      const container = { name: 'app', env: [{ name: 'MODE', value: 'prod' }] };
      await patchBy(
        'b-config',
        pathOf(kind, name),
        templatePatch(kind, { spec: { containers: [container] } }),
      );
      await setImage('c-image', kind, name, newImage);
      const changed = await traitsOf(kind, name);

      expect(changed?.template).not.toBe(created?.template);
      expect(changed?.setBy).toMatchObject({
        images: { app: 'c-image', side: 'a-creator' },
        template: 'b-config',
      });
    });

    test.each(workloadKinds)(
      '%s: a restart is of who asked for it, and changes nothing else',
      async (kind) => {
        await create(kind, 'owned-restart');
        const created = await traitsOf(kind, 'owned-restart');
        const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt };
        const patch = templatePatch(kind, { metadata: { annotations } });
        await patchBy('b-restart', pathOf(kind, 'owned-restart'), patch);
        const restarted = await traitsOf(kind, 'owned-restart');

        expect(restarted).toEqual({
          ...created,
          restartedAt,
          setBy: { ...created?.setBy, restart: 'b-restart' },
        });
      },
    );

    test.each<WorkloadKind>(['Deployment', 'StatefulSet'])(
      '%s: who scales it owns its scale, but who scales it to nothing',
      async (kind) => {
        const path = pathOf(kind, 'owned-scale');
        await create(kind, 'owned-scale');
        const created = await traitsOf(kind, 'owned-scale');
        await patchBy('b-scale', `${path}/scale`, { spec: { replicas: 1 } }, mergePatch);
        const scaled = await traitsOf(kind, 'owned-scale');
        await patchBy('c-scale', `${path}/scale`, { spec: { replicas: 0 } }, mergePatch);
        const stopped = await traitsOf(kind, 'owned-scale');
        await patchBy('d-scale', path, { spec: { replicas: 1 } }, mergePatch);
        await patchBy('e-scale', path, { spec: { replicas: 0 } }, mergePatch);
        const directly = await traitsOf(kind, 'owned-scale');

        expect(scaled).toEqual({ ...created, scale: 1, setBy: { ...created?.setBy, scale: 'b-scale' } });
        expect([stopped?.scale, stopped?.setBy.scale]).toEqual([0, undefined]);
        expect([directly?.scale, directly?.setBy.scale]).toEqual([0, 'e-scale']);
      },
    );

    test.each(workloadKinds)('%s: it is as old as the last entry that owns any of it', async (kind) => {
      const name = 'owned-age';
      const timeOf = async (one: string): Promise<string | undefined> => {
        const { metadata } = await clientOf().ok('GET', pathOf(kind, name));
        return Managed.parse(metadata).managedFields.find(({ manager }) => manager === one)?.time;
      };
      await create(kind, name);
      const created = await readTraits(kind, name);
      await patchBy('b-label', pathOf(kind, name), { metadata: { labels: { b: 'yes' } } });
      if (scaledKinds.includes(kind))
        await patchBy('c-scale', `${pathOf(kind, name)}/scale`, { spec: { replicas: 1 } }, mergePatch);
      const madeAt = await timeOf('a-creator');

      expect(madeAt).toEqual(expect.any(String));
      expect(created?.changedAt).toBe(madeAt);
      expect((await readTraits(kind, name))?.changedAt).toBe(madeAt);
      await setImage('d-image', kind, name, newImage);
      expect((await readTraits(kind, name))?.changedAt).toBe(await timeOf('d-image'));
    });

    test('CronJob: another time to run is another template', async () => {
      await create('CronJob', 'owned-time');
      const created = await traitsOf('CronJob', 'owned-time');
      await patchBy('b-time', pathOf('CronJob', 'owned-time'), { spec: { suspend: true } }, mergePatch);
      const changed = await traitsOf('CronJob', 'owned-time');

      expect(changed?.template).not.toBe(created?.template);
      expect(changed?.setBy.template).toBe('b-time');
    });

    test.each([
      ['some-tool/1.2 (linux) somewhere', 'some-tool', 'owned-agent'],
      ['/1.2', 'unknown', 'owned-nameless'],
    ])('who gives no name is called by that of its program: %s is %s', async (agent, expected, name) => {
      const body = workload('Deployment', name);
      const collection = collectionPath('Deployment', namespace);
      const headers = { 'user-agent': agent };
      const { status } = await clientOf().call('POST', collection, body, undefined, headers);

      expect(status).toBe(201);
      expect((await traitsOf('Deployment', name))?.setBy.template).toBe(expected);
    });

    test('who puts an object back without the notes leaves them as they are', async () => {
      await create('Deployment', 'owned-put');
      const created = await traitsOf('Deployment', 'owned-put');
      const path = pathOf('Deployment', 'owned-put');
      const { metadata, ...others } = await clientOf().ok('GET', path);
      const labels = { ...metadata.labels, put: 'yes' };
      // Without a version, as a controller may be quicker.
      const without = { managedFields: undefined, resourceVersion: undefined };
      const object = { ...others, metadata: { ...metadata, labels, ...without } };
      await clientOf().ok('PUT', `${path}?fieldManager=b-put`, object);

      expect(await traitsOf('Deployment', 'owned-put')).toEqual(created);
    });

    test('who empties the notes ends them', async () => {
      await create('Deployment', 'owned-reset');
      const created = await traitsOf('Deployment', 'owned-reset');
      const path = pathOf('Deployment', 'owned-reset');
      await patchBy('b-reset', path, { metadata: { managedFields: [] } }, mergePatch);
      await setImage('c-image', 'Deployment', 'owned-reset', newImage);

      expect(await traitsOf('Deployment', 'owned-reset')).toEqual({ ...created, setBy: { images: {} } });
    });

    test('who removes a field leaves nobody to own it', async () => {
      await create('Deployment', 'owned-removed');
      const path = pathOf('Deployment', 'owned-removed');
      const metadata = { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } };
      await patchBy('b-restart', path, templatePatch('Deployment', { metadata }));
      await patchBy(
        'c-remove',
        path,
        templatePatch('Deployment', { metadata: { annotations: null } }),
        mergePatch,
      );
      const traits = await traitsOf('Deployment', 'owned-removed');

      expect(traits).not.toHaveProperty('restartedAt');
      expect(traits?.setBy).not.toHaveProperty('restart');
    });
  });
}
