import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PushAnswer } from '../../src/flows/receive-push.ts';
import { aDeployment, type DeploymentObject } from '../support/deployment-object.ts';
import { startEventReceiver, type EventReceiver } from '../support/event-receiver.ts';
import { aWorkloadObject } from '../support/workload-object.ts';
import { aFolder, runService, type RunningService } from '../support/running-service.ts';
import { approvedJobTests, type StoredUpdate } from './approved-job.ts';

/** A cluster for the main job. */
export interface JobCluster {
  /** How the service is told of it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly namespace: string;
  /** A call of the Kubernetes API with all rights; the answer's JSON. */
  api(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** An update as the store has it, read past the product; `dataFolder` is that of a service that keeps its own. */
  record(name: string, dataFolder: string): Promise<StoredUpdate>;
  close(): Promise<void>;
}

const strategic = 'application/strategic-merge-patch+json';

/**
 * The product's main job, from the webhook to the outgoing webhook, on any Kubernetes API: what the embedded
 * cluster shows is true because the real one passes the same.
 */
export function mainJobContract(name: string, open: () => Promise<JobCluster>): void {
  describe(`the main job on ${name}`, () => {
    let cluster: JobCluster;
    let receiver: EventReceiver;

    beforeAll(async () => {
      [cluster, receiver] = await Promise.all([open(), startEventReceiver()]);
    }, 240_000);
    afterAll(async () => {
      await receiver.close();
      await cluster.close();
    }, 60_000);

    const path = (deployment: string): string =>
      `/apis/apps/v1/namespaces/${cluster.namespace}/deployments/${deployment}`;
    const create = (object: DeploymentObject): Promise<unknown> =>
      cluster.api('POST', `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`, object);
    const read = async (deployment: string): Promise<DeploymentObject> =>
      (await cluster.api('GET', path(deployment))) as DeploymentObject;
    const images = async (deployment: string): Promise<readonly string[]> =>
      (await read(deployment)).spec.template.spec.containers.map(({ image }) => image);

    /** Runs `work` with a service for one classic Deployment. */
    const withService = async (
      deployment: string,
      work: (service: RunningService) => Promise<void>,
      environment: Readonly<Record<string, string>> = {},
    ): Promise<void> => {
      const folder = aFolder();
      const service = await runService({
        ...cluster.environment,
        UK_NAMESPACE: cluster.namespace,
        UK_DEPLOYMENT: deployment,
        UK_DATA_DIR: folder.path,
        UK_WEBHOOK: receiver.url,
        UK_WEBHOOK_SECRET: receiver.secret,
        UK_ROLLOUT_POLL: '500ms',
        ...environment,
      });
      try {
        await work(service);
      } finally {
        await service.stop();
        folder.remove();
      }
    };
    const endOf = ({ updates }: PushAnswer): Promise<Readonly<Record<string, unknown>>> =>
      receiver.find(({ id }) => id.startsWith(`${updates[0] ?? 'none'}-`));

    test('a push moves the Deployment, the rollout is followed, a signed webhook tells it', async () => {
      await create(aDeployment('shop', ['app=quay.io/acme/shop:1.0.0']));

      await withService('shop', async ({ push }) => {
        const { status, answer } = await push('quay.io/acme/shop', '1.1.0', 'latest');
        const event = await endOf(answer);

        expect(status).toBe(202);
        expect(event).toMatchObject({
          type: 'update.succeeded',
          status: 'succeeded',
          repository: 'shop',
          namespace: cluster.namespace,
          docker_url: 'quay.io/acme/shop:1.1.0',
          container: 'app',
          image: 'quay.io/acme/shop:1.1.0',
          previousImage: 'quay.io/acme/shop:1.0.0',
        });
      });
      const { metadata, spec, status } = await read('shop');
      expect(spec.template.spec.containers[0]?.image).toBe('quay.io/acme/shop:1.1.0');
      expect(metadata.annotations?.['updatekate.dev/update']).toMatch(/^up-[0-9a-f]{40}$/);
      expect(status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2, replicas: 2 });
    });

    test.each([
      ['StatefulSet', 'apis/apps/v1', 'statefulsets'],
      ['DaemonSet', 'apis/apps/v1', 'daemonsets'],
      ['CronJob', 'apis/batch/v1', 'cronjobs'],
    ] as const)(
      'a push moves an annotated %s',
      async (kind, api, plural) => {
        const workload = kind.toLowerCase();
        const image = `quay.io/acme/${workload}`;
        const collection = `/${api}/namespaces/${cluster.namespace}/${plural}`;
        await cluster.api('POST', collection, aWorkloadObject(kind, workload, `${image}:1.0.0`));

        await withService('nobody', async ({ push }) => {
          const { status, answer } = await push(image, '1.1.0');
          const event = await endOf(answer);

          expect(status).toBe(202);
          expect(event).toMatchObject({
            ...{ type: 'update.succeeded', kind, repository: workload, image: `${image}:1.1.0` },
            previousImage: `${image}:1.0.0`,
          });
        });

        const after = JSON.stringify(await cluster.api('GET', `${collection}/${workload}`));
        expect(after).toContain(`"image":"${image}:1.1.0"`);
        expect(after).toMatch(/"updatekate.dev\/update":"up-[0-9a-f]{40}"/);
      },
      60_000,
    );

    test('workloads take part from the moment they appear, as they are annotated now, until they vanish', async () => {
      const image = 'quay.io/acme/guest';
      const annotate = (policy: string): Promise<unknown> => {
        const metadata = { annotations: { 'updatekate.dev/policy': policy } };
        return cluster.api('PATCH', path('guest'), { metadata }, strategic);
      };

      await withService('nobody', async ({ push }) => {
        /** Pushes until the outcome is this: what the watch brings takes its time. */
        const pushUntil = async (tag: string, outcome: string): Promise<PushAnswer> => {
          const end = performance.now() + 30_000;
          for (;;) {
            const { answer } = await push(image, tag);
            const [decision] = answer.decisions;
            const found = decision ? (decision.reason ?? decision.verdict) : 'nobody runs it';
            if (found === outcome) return answer;
            if (performance.now() > end) throw new Error(`${tag} is still answered: ${found}`);
          }
        };
        await pushUntil('1.1.0', 'nobody runs it');
        await create(aDeployment('guest', [`app=${image}:1.0.0`], [], { 'updatekate.dev/policy': 'patch' }));
        await pushUntil('1.1.0', 'out-of-range');
        await annotate('minor');
        const event = await endOf(await pushUntil('1.1.0', 'update'));
        expect(event).toMatchObject({ type: 'update.succeeded', image: `${image}:1.1.0` });
        await annotate('none');
        await pushUntil('1.2.0', 'no-policy');
        await cluster.api('DELETE', path('guest'));
        await pushUntil('1.2.0', 'nobody runs it');
      });
    }, 60_000);

    test('an older tag, junk and other repositories change nothing', async () => {
      await create(aDeployment('steady', ['app=quay.io/acme/steady:2.0.0']));
      const before = await read('steady');

      await withService('steady', async ({ push, url }) => {
        const older = await push('quay.io/acme/steady', '1.9.9');
        const other = await push('quay.io/acme/steady-evil', '3.0.0');
        const junk = await fetch(`${url}/webhook`, { method: 'POST', body: '{' });

        expect(older).toMatchObject({
          status: 200,
          answer: { decisions: [{ reason: 'not-newer' }], updates: [] },
        });
        expect(other).toMatchObject({ status: 200, answer: { decisions: [] } });
        expect(junk.status).toBe(400);
      });
      expect((await read('steady')).metadata.generation).toBe(before.metadata.generation);
    });

    test('an image that cannot be pulled is a failure with its reason, and the old pods serve on', async () => {
      await create(aDeployment('fragile', ['app=quay.io/acme/fragile:1.0.0']));
      await withService('fragile', async ({ push }) => {
        await endOf((await push('quay.io/acme/fragile', '1.0.1')).answer);

        const { answer } = await push('quay.io/acme/fragile', '1.1.0_broken');
        const event = await endOf(answer);

        expect(event).toMatchObject({
          type: 'update.failed',
          status: 'failed',
          reason: 'ImagePullBackOff',
          image: 'quay.io/acme/fragile:1.1.0_broken',
          previousImage: 'quay.io/acme/fragile:1.0.1',
        });
      });
      expect((await read('fragile')).status?.availableReplicas).toBeGreaterThanOrEqual(1);
    });

    test('all containers of the repository move in one rollout, init containers too; others stay', async () => {
      const containers = [
        'app=quay.io/acme/multi:1.0.0',
        'side=quay.io/acme/side:1.0.0',
        'job=quay.io/acme/multi:1.0.0',
      ];
      await create(aDeployment('multi', containers, ['migrate=quay.io/acme/multi:1.0.0']));
      await withService('multi', async ({ push }) => {
        const event = await endOf((await push('quay.io/acme/multi', 'v1.0.1', '1.0.1')).answer);

        expect(event).toMatchObject({ type: 'update.succeeded', containers: ['app', 'job', 'migrate'] });
      });
      expect(await images('multi')).toEqual([
        'quay.io/acme/multi:1.0.1',
        'quay.io/acme/side:1.0.0',
        'quay.io/acme/multi:1.0.1',
      ]);
      const { initContainers } = (await read('multi')).spec.template.spec;
      expect(initContainers?.[0]?.image).toBe('quay.io/acme/multi:1.0.1');
      expect((await read('multi')).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    });

    test('a change of scale during the update is kept', async () => {
      await create(aDeployment('elastic', ['app=quay.io/acme/elastic:1.0.0']));
      await withService('elastic', async ({ push }) => {
        const pushed = push('quay.io/acme/elastic', '1.1.0');
        await cluster.api(
          'PATCH',
          `${path('elastic')}/scale`,
          { spec: { replicas: 4 } },
          'application/merge-patch+json',
        );

        const event = await endOf((await pushed).answer);

        expect(event).toMatchObject({ type: 'update.succeeded' });
      });
      const { spec, status } = await read('elastic');
      expect(spec.replicas).toBe(4);
      expect(spec.template.spec.containers[0]?.image).toBe('quay.io/acme/elastic:1.1.0');
      expect(status).toMatchObject({ updatedReplicas: 4, availableReplicas: 4 });
    });

    test('a service that stops in the middle is finished by the next one, with one patch and one id', async () => {
      await create(aDeployment('lasting', ['app=quay.io/acme/lasting:1.0.0']));
      await cluster.api('PATCH', path('lasting'), { spec: { paused: true } }, strategic);
      const folder = aFolder();
      const data = { UK_DATA_DIR: folder.path };
      let answer: PushAnswer = { pushes: [], decisions: [], updates: [] };

      await withService(
        'lasting',
        async ({ push }) => {
          ({ answer } = await push('quay.io/acme/lasting', '1.1.0'));
        },
        data,
      );
      const patched = await read('lasting');
      expect(patched.spec.template.spec.containers[0]?.image).toBe('quay.io/acme/lasting:1.1.0');
      await cluster.api('PATCH', path('lasting'), { spec: { paused: false } }, strategic);
      await withService(
        'lasting',
        async () => {
          expect(await endOf(answer)).toMatchObject({ type: 'update.succeeded' });
        },
        data,
      );

      folder.remove();
      // Once for our patch, twice for pausing and un-pausing.
      expect((await read('lasting')).metadata.generation).toBe(4);
      expect(receiver.events.filter(({ image }) => image === 'quay.io/acme/lasting:1.1.0')).toHaveLength(1);
    });

    approvedJobTests({
      ...{ create, read, withService, receiver: () => receiver },
      record: (name, dataFolder) => cluster.record(name, dataFolder),
    });

    test('a Deployment or a container that is not there is named in the log, and nothing breaks', async () => {
      await create(aDeployment('present', ['app=quay.io/acme/present:1.0.0']));

      await withService('absent', async ({ push, log }) => {
        expect(await push('quay.io/acme/absent', '1.1.0')).toMatchObject({ status: 200 });
        expect(log.lines.map(({ fields }) => fields.problem)).toContainEqual(
          expect.stringContaining('Deployment/absent is not there'),
        );
      });
      await withService(
        'present',
        async ({ push, log }) => {
          expect(await push('quay.io/acme/present', '1.1.0')).toMatchObject({
            status: 200,
            answer: { updates: [] },
          });
          expect(log.lines.map(({ fields }) => fields.problem)).toContainEqual(
            expect.stringContaining('has no container "nobody", it has app'),
          );
        },
        { UK_CONTAINER: 'nobody' },
      );
    });

    test('/info shows the Deployment and the last updates, and no secret', async () => {
      const secretive = aDeployment('secretive', ['app=quay.io/acme/secretive:1.0.0']);
      const [container] = secretive.spec.template.spec.containers;
      Object.assign(container ?? {}, {
        env: [{ name: 'PASSWORD', value: 'canary-1' }],
        args: ['--key=canary-2'],
      });
      secretive.metadata.annotations = { 'example.com/note': 'canary-3' };
      await create(secretive);

      await withService('secretive', async ({ push, url }) => {
        await endOf((await push('quay.io/acme/secretive', '1.1.0')).answer);

        const text = await (await fetch(`${url}/info`)).text();

        expect(text).not.toContain('canary');
        expect(JSON.parse(text)).toMatchObject({
          deployment: {
            metadata: { name: 'secretive' },
            spec: { template: { spec: { containers: [{ env: [{ name: 'PASSWORD' }] }] } } },
          },
          targets: [{ container: 'app', policy: 'semver' }],
          updates: [{ phase: 'Succeeded', tag: '1.1.0' }],
        });
      });
    });
  });
}
