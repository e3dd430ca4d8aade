import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toPod } from '../../src/cluster/pod-object.ts';
import { toWorkload } from '../../src/cluster/workload-object.ts';
import { collectionPath } from '../../src/core/kinds.ts';
import { newRevision, type DatedPod } from '../../src/core/old-pods.ts';
import { rolloutState } from '../../src/core/rollout.ts';
import type { WorkloadKind } from '../../src/core/workload.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { fieldOwnerContract } from './field-owners.ts';
import {
  createClient,
  imagePatch,
  imagesOf,
  jsonPatch,
  mergePatch,
  strategicPatch,
  testMs,
  waitingReason,
  type Client,
  type OpenCluster,
  type Thing,
  type WatchEvent,
} from './kubernetes-client.ts';
import { workloadContract } from './kubernetes-workloads.ts';

export type { OpenCluster } from './kubernetes-client.ts';

/** A Deployment of `image`, with a second container that must stay as it is. */
function deployment(name: string, spec: object = {}, image = 'registry.test/app:1.0.0') {
  const labels = { app: name };
  const containers = [
    { name: 'app', image, env: [{ name: 'MODE', value: 'test' }] },
    { name: 'side', image: 'registry.test/side:1.0.0' },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
      ...spec,
    },
  };
}

function condition({ status }: Thing, type: string) {
  return status.conditions?.find((one) => one.type === type);
}

/** The rollout of the newest spec is over, by the numbers alone. */
function isConverged({ metadata, spec, status }: Thing): boolean {
  const wanted = spec.replicas ?? 1;
  const counts = [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas];
  return status.observedGeneration === metadata.generation && counts.every((count = 0) => count === wanted);
}

/** How many pods all ReplicaSets together are to have, after each change of one of them. */
function totalsOf(first: readonly Thing[], events: readonly WatchEvent[]): readonly number[] {
  const wanted = new Map(first.map(({ metadata, spec }) => [metadata.name, spec.replicas ?? 0]));
  return events.map(({ object: { metadata, spec } }) => {
    wanted.set(metadata.name, spec.replicas ?? 0);
    return [...wanted.values()].reduce((sum, one) => sum + one, 0);
  });
}

/** Converged, and the controller says so. */
function isComplete(thing: Thing): boolean {
  return isConverged(thing) && condition(thing, 'Progressing')?.reason === 'NewReplicaSetAvailable';
}

/**
 * What the product relies on in the Kubernetes API. The embedded cluster and a real control plane (whose nodes
 * fail images with `broken` in the tag and crash those with `crash`) both pass it.
 */
export function kubernetesApiContract(name: string, open: () => Promise<OpenCluster>): void {
  describe(`Kubernetes API: ${name}`, () => {
    let cluster: OpenCluster;
    let client: Client;
    const namespace = `contract-${randomUUID().slice(0, 8)}`;
    const base = `/api/v1/namespaces/${namespace}`;
    const pods = `${base}/pods`;
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const replicaSets = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

    beforeAll(async () => {
      cluster = await open();
      client = createClient(cluster);
      await client.ok('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    }, testMs);

    afterAll(async () => {
      await client.call('DELETE', base);
      await cluster.close();
    }, testMs);

    /** Creates a Deployment and waits for its pods. */
    const running = async (app: string, spec: object = {}): Promise<Thing> => {
      await client.ok('POST', deployments, deployment(app, spec));
      return client.until(`${deployments}/${app}`, isComplete);
    };
    const patchImage = (app: string, image: string) =>
      client.ok('PATCH', `${deployments}/${app}`, imagePatch(image), strategicPatch);
    /** A Deployment without pods, for what needs none. */
    const idle = (app: string) => client.ok('POST', deployments, deployment(app, { replicas: 0 }));
    const of = (app: string) => `?labelSelector=app%3D${app}`;

    describe('objects', () => {
      test('a new object gets what the server gives: uid, version, generation, time, defaults', async () => {
        const created = await client.ok('POST', deployments, deployment('created'));

        expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
        expect(created.metadata.resourceVersion).toMatch(/^\d+$/);
        expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(created).toMatchObject({
          kind: 'Deployment',
          apiVersion: 'apps/v1',
          metadata: { generation: 1 },
          status: {},
          spec: {
            replicas: 1,
            strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
            progressDeadlineSeconds: 600,
            revisionHistoryLimit: 10,
          },
        });
      });

      test('an unknown object is a 404 Status, for every verb', async () => {
        const path = `${deployments}/nobody`;
        const answers = [
          await client.call('GET', path),
          await client.call('PATCH', path, imagePatch('x:1'), strategicPatch),
          await client.call('PUT', path, deployment('nobody')),
          await client.call('DELETE', path),
        ];

        for (const { status, body } of answers) {
          expect(status).toBe(404);
          expect(body).toMatchObject({
            kind: 'Status',
            status: 'Failure',
            reason: 'NotFound',
            code: 404,
            message: 'deployments.apps "nobody" not found',
            details: { name: 'nobody', group: 'apps', kind: 'deployments' },
          });
        }
      });

      test('a namespace that does not exist: nothing to list, nowhere to create', async () => {
        const elsewhere = deployments.replace(namespace, `${namespace}-none`);
        const created = await client.call('POST', elsewhere, deployment('lost'));

        expect((await client.ok('GET', elsewhere)).items).toEqual([]);
        expect(created.status).toBe(404);
        expect(created.body.message).toBe(`namespaces "${namespace}-none" not found`);
      });

      test('a second object of the same name is refused', async () => {
        await idle('twice');
        const { status, body } = await client.call('POST', deployments, deployment('twice'));

        expect(status).toBe(409);
        expect(body.reason).toBe('AlreadyExists');
        expect(body.message).toBe('deployments.apps "twice" already exists');
      });

      test('a wrong object is refused with the field', async () => {
        const wrong = {
          ...deployment('wrong'),
          spec: { ...deployment('wrong').spec, selector: { matchLabels: { app: 'other' } } },
        };
        const { status, body } = await client.call('POST', deployments, wrong);

        expect(status).toBe(422);
        expect(body.reason).toBe('Invalid');
        expect(JSON.stringify(body.details)).toContain('spec.template.metadata.labels');
      });

      test('a body that is no JSON is a 400 Status', async () => {
        const { status, body } = await client.call('POST', deployments, '{"kind":');

        expect(status).toBe(400);
        expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
      });

      test(
        'a deletion takes the ReplicaSets and pods along',
        async () => {
          await running('deleted', { replicas: 2 });
          await client.ok('DELETE', `${deployments}/deleted`);
          const { body } = await client.call('GET', `${deployments}/deleted`);
          await client.untilGone(`${pods}${of('deleted')}`);

          expect(body.reason).toBe('NotFound');
          expect((await client.ok('GET', `${replicaSets}${of('deleted')}`)).items).toEqual([]);
          expect((await client.ok('GET', `${pods}${of('deleted')}`)).items).toEqual([]);
        },
        testMs,
      );
    });

    describe('lists', () => {
      beforeAll(async () => {
        for (const [app, tier] of Object.entries({ 'page-a': 'one', 'page-b': 'two', 'page-c': 'three' })) {
          const object = deployment(app, { replicas: 0 });
          const labels = { ...object.metadata.labels, tier, set: 'pages' };
          await client.ok('POST', deployments, { ...object, metadata: { name: app, labels } });
        }
      });

      const named = async (query: string) => {
        const { items } = await client.ok('GET', `${deployments}?${query}`);
        return items.map(({ metadata }) => metadata.name);
      };

      test('limit and continue give every object once, at one version', async () => {
        const first = await client.ok('GET', `${deployments}?labelSelector=set%3Dpages&limit=2`);
        const token = encodeURIComponent(first.metadata.continue ?? '');
        const second = await client.ok(
          'GET',
          `${deployments}?labelSelector=set%3Dpages&limit=2&continue=${token}`,
        );

        expect(first.kind).toBe('DeploymentList');
        expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual([
          'page-a',
          'page-b',
          'page-c',
        ]);
        expect(second.metadata.continue ?? '').toBe('');
        expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      });

      test.each([
        ['set=pages,tier=one', ['page-a']],
        ['set=pages,tier!=one', ['page-b', 'page-c']],
        ['set=pages,tier in (one, three)', ['page-a', 'page-c']],
        ['set=pages,tier notin (one, three)', ['page-b']],
        ['tier,set', ['page-a', 'page-b', 'page-c']],
        ['set=pages,!tier', []],
      ])('label selector %s', async (selector, expected) => {
        expect(await named(`labelSelector=${encodeURIComponent(selector)}`)).toEqual(expected);
      });

      test('field selector by name', async () => {
        expect(await named('fieldSelector=metadata.name%3Dpage-b')).toEqual(['page-b']);
      });

      test('a field that cannot select is refused', async () => {
        const { status } = await client.call('GET', `${deployments}?fieldSelector=spec.replicas%3D1`);

        expect(status).toBe(400);
      });

      test('items of a built-in kind do not repeat their type', async () => {
        const { items } = await client.ok('GET', `${deployments}?labelSelector=set%3Dpages`);

        expect(items.map((item) => [item.kind, item.apiVersion])).toEqual(
          items.map(() => [undefined, undefined]),
        );
      });
    });

    describe('watches', () => {
      test('from the version of a list, every later change arrives in order', async () => {
        const { metadata } = await client.ok('GET', deployments);
        await idle('watched');
        await client.ok(
          'PATCH',
          `${deployments}/watched`,
          { metadata: { labels: { seen: 'yes' } } },
          mergePatch,
        );
        await client.ok('DELETE', `${deployments}/watched`);
        const query = `?fieldSelector=metadata.name%3Dwatched&resourceVersion=${metadata.resourceVersion}`;
        const events = await client.watch(`${deployments}${query}`, ({ type }) => type === 'DELETED');
        const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));

        expect([...new Set(events.map(({ type }) => type))]).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
        expect(versions).toEqual(versions.toSorted((a, b) => a - b));
        expect(events[0]?.object.kind).toBe('Deployment');
      });

      test('without a version it begins with what there is', async () => {
        await idle('present');
        const [first] = await client.watch(
          `${deployments}?fieldSelector=metadata.name%3Dpresent`,
          () => true,
        );

        expect(first).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'present' } } });
      });

      test('an object that leaves the selection is deleted for that watch', async () => {
        await idle('leaving');
        const { metadata } = await client.ok('GET', deployments);
        await client.ok(
          'PATCH',
          `${deployments}/leaving`,
          { metadata: { labels: { app: 'left' } } },
          mergePatch,
        );
        const query = `${of('leaving')}&resourceVersion=${metadata.resourceVersion}`;
        const events = await client.watch(`${deployments}${query}`, ({ type }) => type === 'DELETED');

        expect(events.at(-1)?.object.metadata.name).toBe('leaving');
      });

      test('timeoutSeconds ends the stream', async () => {
        const events = await client.watch(`${leases}?timeoutSeconds=1`, () => false);

        expect(events).toEqual([]);
      });
    });

    describe('writes', () => {
      test('a strategic merge of one image leaves everything else alone', async () => {
        const before = await client.ok('POST', deployments, deployment('merged', { replicas: 0 }));
        const after = await patchImage('merged', 'registry.test/app:1.1.0');
        const [app, side] = before.spec.template.spec.containers;

        expect(after.spec).toEqual({
          ...before.spec,
          template: {
            ...before.spec.template,
            spec: {
              ...before.spec.template.spec,
              containers: [{ ...app, image: 'registry.test/app:1.1.0' }, side],
            },
          },
        });
      });

      test('a patch made from an older version is refused and changes nothing', async () => {
        const { metadata } = await idle('precondition');
        const patched = await patchImage('precondition', 'registry.test/app:1.1.0');
        const stale = imagePatch('registry.test/app:1.2.0', { resourceVersion: metadata.resourceVersion });
        const { status, body } = await client.call(
          'PATCH',
          `${deployments}/precondition`,
          stale,
          strategicPatch,
        );

        expect(status).toBe(409);
        expect(body.reason).toBe('Conflict');
        expect(body.message).toBe(
          'Operation cannot be fulfilled on deployments.apps "precondition": the object has been modified; please apply your changes to the latest version and try again',
        );
        expect(imagesOf(await client.ok('GET', `${deployments}/precondition`))).toEqual(imagesOf(patched));
      });

      test('a patch made from the current version is taken', async () => {
        await idle('current');
        const { metadata } = await client.until(`${deployments}/current`, isComplete);
        const patch = imagePatch('registry.test/app:1.1.0', { resourceVersion: metadata.resourceVersion });
        const patched = await client.ok('PATCH', `${deployments}/current`, patch, strategicPatch);

        expect(Number(patched.metadata.resourceVersion)).toBeGreaterThan(Number(metadata.resourceVersion));
        expect(imagesOf(patched)[0]).toBe('registry.test/app:1.1.0');
      });

      test(
        'a patch that changes nothing keeps the version',
        async () => {
          const before = await running('unchanged', { replicas: 1 });
          const after = await patchImage('unchanged', 'registry.test/app:1.0.0');

          expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
          expect(after.metadata.generation).toBe(before.metadata.generation);
        },
        testMs,
      );

      test('a changed spec and a changed annotation are new generations, a label is not', async () => {
        await idle('counted');
        const path = `${deployments}/counted`;
        const label = await client.ok('PATCH', path, { metadata: { labels: { a: 'b' } } }, mergePatch);
        const annotation = await client.ok(
          'PATCH',
          path,
          { metadata: { annotations: { a: 'b' } } },
          mergePatch,
        );
        const spec = await patchImage('counted', 'registry.test/app:1.1.0');
        const seen = await client.until(path, ({ status }) => status.observedGeneration === 3);

        expect([label, annotation, spec].map(({ metadata }) => metadata.generation)).toEqual([1, 2, 3]);
        expect(seen.metadata.generation).toBe(3);
      });

      test('a JSON patch whose test fails changes nothing', async () => {
        await idle('tested');
        const path = `${deployments}/tested`;
        const change = { op: 'replace', path: '/spec/minReadySeconds', value: 5 };
        const pointer = '/spec/template/spec/containers/0/image';
        const failing = [
          { op: 'test', path: pointer, value: 'other' },
          { op: 'add', path: '/spec/paused', value: true },
        ];
        const passing = [
          { op: 'test', path: pointer, value: 'registry.test/app:1.0.0' },
          { op: 'replace', path: pointer, value: 'registry.test/app:1.1.0' },
        ];
        const refused = await client.call('PATCH', path, failing, jsonPatch);
        const impossible = await client.call(
          'PATCH',
          path,
          [{ ...change, path: '/spec/nobody/x' }],
          jsonPatch,
        );
        const patched = await client.ok('PATCH', path, passing, jsonPatch);

        expect([refused.status, impossible.status]).toEqual([422, 422]);
        expect(patched.spec).not.toHaveProperty('paused');
        expect(imagesOf(patched)[0]).toBe('registry.test/app:1.1.0');
      });

      test('null in a merge patch deletes', async () => {
        await idle('nulled');
        const path = `${deployments}/nulled`;
        await client.ok('PATCH', path, { metadata: { annotations: { a: '1', b: '2' } } }, mergePatch);
        const patched = await client.ok(
          'PATCH',
          path,
          { metadata: { annotations: { a: null } } },
          mergePatch,
        );

        expect(patched.metadata.annotations).toMatchObject({ b: '2' });
        expect(patched.metadata.annotations).not.toHaveProperty('a');
      });

      test('a patch in an unknown format is a 415 Status', async () => {
        await idle('formats');
        const answer = await client.call('PATCH', `${deployments}/formats`, {}, 'application/x-unknown+json');

        expect(answer.status).toBe(415);
        expect(answer.body.reason).toBe('UnsupportedMediaType');
      });

      test('a PUT made from an older version is refused', async () => {
        const old = await idle('put');
        await patchImage('put', 'registry.test/app:1.1.0');
        const { status, body } = await client.call('PUT', `${deployments}/put`, old);

        expect([status, body.reason]).toEqual([409, 'Conflict']);
      });

      test('the selector never changes', async () => {
        await idle('fixed');
        const selector = { matchLabels: { app: 'fixed', more: 'x' } };
        const labels = selector.matchLabels;
        const patch = { spec: { selector, template: { metadata: { labels } } } };
        const { status, body } = await client.call('PATCH', `${deployments}/fixed`, patch, mergePatch);

        expect([status, body.reason]).toEqual([422, 'Invalid']);
        expect(body.message).toContain('field is immutable');
      });

      test('a write to the status leaves the spec alone', async () => {
        const before = await idle('status');
        const patch = { spec: { replicas: 7 }, status: { collisionCount: 1 } };
        const after = await client.ok('PATCH', `${deployments}/status/status`, patch, mergePatch);

        expect(after.spec).toEqual(before.spec);
        expect(after.metadata.generation).toBe(1);
      });

      test('a dry run answers and changes nothing', async () => {
        await idle('dry');
        const path = `${deployments}/dry`;
        const patched = await client.ok(
          'PATCH',
          `${path}?dryRun=All`,
          imagePatch('registry.test/app:9'),
          strategicPatch,
        );
        await client.ok('POST', `${deployments}?dryRun=All`, deployment('dry-new'));

        expect(imagesOf(patched)[0]).toBe('registry.test/app:9');
        expect(imagesOf(await client.ok('GET', path))[0]).toBe('registry.test/app:1.0.0');
        expect((await client.call('GET', `${deployments}/dry-new`)).status).toBe(404);
      });
    });

    describe('rollouts', () => {
      test(
        'a new image rolls out to the end, in the status and in the pods',
        async () => {
          await running('rolled', { replicas: 3 });
          const patched = await patchImage('rolled', 'registry.test/app:1.1.0');
          const done = await client.until(
            `${deployments}/rolled`,
            (thing) => thing.metadata.generation === 2 && isComplete(thing),
          );
          const sets = await client.ok('GET', `${replicaSets}${of('rolled')}`);
          const images = (await client.ok('GET', `${pods}${of('rolled')}`)).items;

          expect(patched.status.observedGeneration).toBe(1);
          expect(done.status).toMatchObject({
            observedGeneration: 2,
            replicas: 3,
            updatedReplicas: 3,
            readyReplicas: 3,
            availableReplicas: 3,
          });
          expect(done.status.unavailableReplicas ?? 0).toBe(0);
          expect(condition(done, 'Available')).toMatchObject({
            status: 'True',
            reason: 'MinimumReplicasAvailable',
          });
          expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' });
          expect(sets.items.map(({ spec }) => spec.replicas).toSorted()).toEqual([0, 3]);
          expect(sets.items[0]?.metadata.ownerReferences).toMatchObject([
            { kind: 'Deployment', uid: done.metadata.uid },
          ]);
          expect(
            images.filter(({ spec }) => spec.containers[0]?.image === 'registry.test/app:1.1.0'),
          ).toHaveLength(3);
        },
        testMs,
      );

      test(
        'nothing becomes unavailable beyond the limits on the way',
        async () => {
          const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
          const { metadata } = await running('limited', { replicas: 2, strategy });
          const before = (await client.ok('GET', `${replicaSets}${of('limited')}`)).items;
          await patchImage('limited', 'registry.test/app:1.1.0');
          const since = `&resourceVersion=${metadata.resourceVersion}`;
          const rollout = await client.watch(
            `${deployments}?fieldSelector=metadata.name%3Dlimited${since}`,
            ({ object }) => object.metadata.generation === 2 && isComplete(object),
          );
          const sets = await client.watch(
            `${replicaSets}${of('limited')}${since}`,
            ({ object }) => object.metadata.name === before[0]?.metadata.name && object.spec.replicas === 0,
          );
          const available = rollout.map(({ object }) => object.status.availableReplicas ?? 0);

          expect(Math.min(...available)).toBeGreaterThanOrEqual(2);
          // What is wanted, not `status.replicas`: a ReplicaSet that was told to shrink reports its old size for a while.
          expect(Math.max(...totalsOf(before, sets))).toBe(3);
        },
        testMs,
      );

      test(
        'an image that cannot be pulled: new pods wait, old pods serve on',
        async () => {
          await running('broken', { replicas: 2 });
          await patchImage('broken', 'registry.test/app:1.1.0-broken');
          await client.watch(
            `${pods}${of('broken')}`,
            ({ object }) => waitingReason(object) === 'ImagePullBackOff',
          );
          const { items } = await client.ok('GET', `${pods}${of('broken')}`);
          const fresh = items.filter(({ spec }) => spec.containers[0]?.image.endsWith('broken'));
          const { status } = await client.ok('GET', `${deployments}/broken`);
          const messages = fresh.flatMap(({ status: { containerStatuses = [] } }) =>
            containerStatuses.flatMap(({ state }) => state.waiting?.message ?? []),
          );

          expect(fresh.map((pod) => pod.status.phase)).toEqual(fresh.map(() => 'Pending'));
          expect(messages.join()).toContain('Back-off pulling image "registry.test/app:1.1.0-broken"');
          expect(status.availableReplicas).toBe(2);
          expect(status.updatedReplicas).toBe(1);
          expect(status.unavailableReplicas).toBe(1);
        },
        testMs,
      );

      test(
        'a container that crashes is restarted again and again',
        async () => {
          await client.ok('POST', deployments, deployment('crash', {}, 'registry.test/app:1.0.0-crash'));
          const events = await client.watch(
            `${pods}${of('crash')}`,
            ({ object: { status } }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 3,
          );

          expect(events.at(-1)?.object.status.containerStatuses?.[0]?.state.waiting?.reason).toBe(
            'CrashLoopBackOff',
          );
        },
        testMs,
      );

      test(
        'a rollout that does not move runs into its deadline',
        async () => {
          await client.ok(
            'POST',
            deployments,
            deployment('late', { progressDeadlineSeconds: 2 }, 'registry.test/app:1-broken'),
          );
          const late = await client.until(
            `${deployments}/late`,
            (thing) => condition(thing, 'Progressing')?.reason === 'ProgressDeadlineExceeded',
          );

          expect(condition(late, 'Progressing')?.status).toBe('False');
          expect(condition(late, 'Available')).toMatchObject({
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
          });
        },
        testMs,
      );

      test(
        'the old image brings the old ReplicaSet back under a new revision',
        async () => {
          await running('undone');
          await patchImage('undone', 'registry.test/app:1.1.0');
          await client.until(
            `${deployments}/undone`,
            (thing) => thing.metadata.generation === 2 && isComplete(thing),
          );
          await patchImage('undone', 'registry.test/app:1.0.0');
          const done = await client.until(
            `${deployments}/undone`,
            (thing) => thing.metadata.generation === 3 && isComplete(thing),
          );

          expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '3' });
          expect((await client.ok('GET', `${replicaSets}${of('undone')}`)).items).toHaveLength(2);
        },
        testMs,
      );

      test(
        'a paused Deployment starts no rollout until it is resumed',
        async () => {
          await running('paused');
          const path = `${deployments}/paused`;
          await client.ok('PATCH', path, { spec: { paused: true } }, mergePatch);
          await patchImage('paused', 'registry.test/app:1.1.0');
          const held = await client.until(
            path,
            (thing) =>
              thing.status.observedGeneration === 3 &&
              condition(thing, 'Progressing')?.reason === 'DeploymentPaused',
          );
          const sets = await client.ok('GET', `${replicaSets}${of('paused')}`);
          await client.ok('PATCH', path, { spec: { paused: null } }, mergePatch);
          const done = await client.until(
            path,
            (thing) => thing.metadata.generation === 4 && isComplete(thing),
          );

          expect(condition(held, 'Progressing')?.status).toBe('Unknown');
          expect(sets.items).toHaveLength(1);
          expect(imagesOf(done)[0]).toBe('registry.test/app:1.1.0');
        },
        testMs,
      );

      test(
        'Recreate: no new pod before the last old one is gone',
        async () => {
          await running('recreated', { replicas: 2, strategy: { type: 'Recreate' } });
          const { metadata } = await client.ok('GET', `${pods}${of('recreated')}`);
          await patchImage('recreated', 'registry.test/app:1.1.0');
          await client.until(
            `${deployments}/recreated`,
            (thing) => thing.metadata.generation === 2 && isComplete(thing),
          );
          const added = new Set<string>();
          const query = `${of('recreated')}&resourceVersion=${metadata.resourceVersion}`;
          const events = await client.watch(`${pods}${query}`, ({ type, object }) => {
            if (type === 'ADDED') added.add(object.metadata.name);
            return added.size === 2;
          });
          const comings = events.map(({ type }) => type).filter((type) => type !== 'MODIFIED');

          expect(comings).toEqual(['DELETED', 'DELETED', 'ADDED', 'ADDED']);
        },
        testMs,
      );

      test(
        'the scale subresource reads and sets the replicas',
        async () => {
          await running('scaled');
          const path = `${deployments}/scaled`;
          const before = await client.ok('GET', `${path}/scale`);
          const after = await client.ok('PATCH', `${path}/scale`, { spec: { replicas: 3 } }, mergePatch);
          const done = await client.until(path, (thing) => thing.spec.replicas === 3 && isConverged(thing));

          expect(before).toMatchObject({
            kind: 'Scale',
            apiVersion: 'autoscaling/v1',
            metadata: { name: 'scaled', uid: done.metadata.uid },
            spec: { replicas: 1 },
            status: { replicas: 1, selector: 'app=scaled' },
          });
          expect(after.spec.replicas).toBe(3);
          expect(done.metadata.generation).toBe(2);
        },
        testMs,
      );

      test(
        'without pods wanted, a rollout is over at once',
        async () => {
          await idle('nobody-home');
          await patchImage('nobody-home', 'registry.test/app:1.1.0');
          const done = await client.until(
            `${deployments}/nobody-home`,
            (thing) => thing.metadata.generation === 2 && isComplete(thing),
          );

          expect(done.status.replicas ?? 0).toBe(0);
        },
        testMs,
      );
    });

    describe('which pods are the new ones', () => {
      const toTell = { annotations: [], teamLabel: 'team', traits: true };
      const bad = 'registry.test/app:1.1.0-broken';
      const isBad = ({ containers }: DatedPod): boolean => containers.some(({ image }) => image === bad);
      /** What whoever tells of changes takes for the revision of new pods, of those that are to stay. */
      const look = async (kind: WorkloadKind, app: string) => {
        const path = `${collectionPath(kind, namespace)}/${app}`;
        const workload = toWorkload('default', kind, await client.ok('GET', path), toTell);
        const { items } = await client.ok('GET', `${pods}${of(app)}`);
        const all: readonly DatedPod[] = items.map(toPod).filter(({ isLeaving }) => !isLeaving);
        const isOver = rolloutState(workload, {}, []).kind === 'converged';
        return { all, revision: newRevision(workload, all), isOver };
      };
      const until = (
        kind: WorkloadKind,
        app: string,
        isWanted: (looked: Awaited<ReturnType<typeof look>>) => boolean,
      ) =>
        waitFor(`the pods of ${app}`, testMs / 2, async () => {
          const looked = await look(kind, app);
          return looked.revision !== undefined && isWanted(looked) ? looked : undefined;
        });
      /** What it looks like when it runs, and then with an image that never does. */
      const stuck = async (kind: WorkloadKind, app: string, spec: object) => {
        await client.ok('POST', collectionPath(kind, namespace), { ...deployment(app, spec), kind });
        const before = await until(kind, app, ({ isOver }) => isOver);
        const path = `${collectionPath(kind, namespace)}/${app}`;
        await client.ok('PATCH', path, imagePatch(bad), strategicPatch);
        return { before, after: await until(kind, app, ({ all }) => all.some(isBad)) };
      };

      test.each<[WorkloadKind, object]>([
        ['Deployment', { replicas: 4 }],
        ['StatefulSet', { replicas: 2, serviceName: 'peers' }],
        // On two nodes, one after the other, nobody could tell.
        ['DaemonSet', { updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } } }],
      ])(
        '%s: those of the revision that is told from the counters, and no others',
        async (kind, spec) => {
          const { before, after } = await stuck(kind, `revised-${kind.toLowerCase()}`, spec);

          expect(before.all.length).toBeGreaterThan(0);
          expect(before.all.every(({ revision }) => revision === before.revision)).toBe(true);
          expect(after.revision).not.toBe(before.revision);
          expect(after.all.filter(({ revision }) => revision === after.revision)).toEqual(
            after.all.filter(isBad),
          );
        },
        testMs,
      );

      test(
        'of a Deployment that is undone, never those that are undone',
        async () => {
          const { before, after } = await stuck('Deployment', 'revised-back', { replicas: 4 });
          const told = new Set<string | undefined>();
          await patchImage('revised-back', 'registry.test/app:1.0.0');
          await until('Deployment', 'revised-back', ({ revision, isOver }) => {
            told.add(revision);
            return isOver;
          });

          expect(told).toEqual(new Set([before.revision]));
          expect(after.revision).not.toBe(before.revision);
        },
        testMs,
      );
    });

    describe('leases', () => {
      const lease = (holderIdentity: string) => ({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: holderIdentity.split('-')[0] },
        spec: { holderIdentity, leaseDurationSeconds: 15 },
      });

      test('who updates from an older version loses', async () => {
        const created = await client.ok('POST', leases, lease('race-a'));
        const body = { ...created, spec: { ...created.spec, holderIdentity: 'race-b' } };
        const won = await client.ok('PUT', `${leases}/race`, body);
        const lost = await client.call('PUT', `${leases}/race`, {
          ...body,
          spec: { ...body.spec, holderIdentity: 'race-c' },
        });

        expect(won.spec.holderIdentity).toBe('race-b');
        expect([lost.status, lost.body.reason]).toEqual([409, 'Conflict']);
        expect((await client.ok('GET', `${leases}/race`)).spec.holderIdentity).toBe('race-b');
      });

      test('an update must say which version it was made from', async () => {
        await client.ok('POST', leases, lease('blind-a'));
        const { status, body } = await client.call('PUT', `${leases}/blind`, lease('blind-b'));

        expect([status, body.reason]).toEqual([422, 'Invalid']);
        expect(body.message).toContain('metadata.resourceVersion');
      });

      test('only one of two creates it', async () => {
        const answers = await Promise.all([
          client.call('POST', leases, lease('first-a')),
          client.call('POST', leases, lease('first-b')),
        ]);

        expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
      });
    });

    workloadContract(namespace, () => client);
    fieldOwnerContract(namespace, () => client);
  });
}
