import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { workloadKinds, type WorkloadKind } from '../../src/core/workload.ts';
import { recoveryMs } from '../../src/flows/changes/look-at-workload.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { startEventReceiver, type EventReceiver, type ReceivedEvent } from '../support/event-receiver.ts';
import { startFakeSlack } from '../support/fake-slack/index.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';
import { startNotifyProcess } from '../support/notify-process.ts';
import { aFolder } from '../support/running-service.ts';
import {
  firstLook,
  startWatcher,
  toldTo,
  type Duties,
  type RunningWatcher,
} from '../support/running-watcher.ts';
import {
  canary,
  handsOn,
  imageOf,
  type ApiCall,
  type Hands,
  type WatchedObject,
} from './watched-workload.ts';

/** A cluster for the watcher. */
export interface WatcherCluster {
  /** How what runs there is told of it, with the rights that it needs. */
  readonly environment: Readonly<Record<Duties, Readonly<Record<string, string>>>>;
  readonly namespace: string;
  readonly api: ApiCall;
  /** All that was kept by those who ran with this folder, and by those who ran before. */
  kept(dataFolder: string): Promise<string>;
  close(): Promise<void>;
}

let owners = 0;

/** Variables of a watcher that has never run, and knows nothing of what others saw. */
export function freshOwner(): Readonly<Record<string, string>> {
  return { UK_OWN_NAMESPACE: `owner-${++owners}` };
}

/**
 * The watcher from the change in the cluster to the message, on any Kubernetes API: what the embedded cluster shows is true
 * because the real one passes the same.
 */
export function watcherJobContract(name: string, open: () => Promise<WatcherCluster>): void {
  describe(`the watcher on ${name}`, () => {
    let cluster: WatcherCluster;
    let receiver: EventReceiver;
    const folder = aFolder();
    /** Whatever was printed by anything that ran here, and posted in Slack. */
    const printed: string[] = [];
    const posted: string[] = [];
    const running: RunningWatcher[] = [];

    beforeAll(async () => {
      [cluster, receiver] = await Promise.all([open(), startEventReceiver()]);
    }, 240_000);
    afterEach(async () => {
      for (const { stop, lines } of running.splice(0)) {
        await stop();
        printed.push(...lines);
      }
    }, 60_000);
    afterAll(async () => {
      await receiver.close();
      await cluster.close();
      folder.remove();
    }, 60_000);

    /** Starts one that knows all that `owner` saw, and waits until it has looked. */
    const start = async (
      environment: Readonly<Record<string, string>>,
      duties: Duties = 'notify',
      clock = createJumpingClock(),
    ) => {
      const watcher = await startWatcher(
        duties,
        {
          ...cluster.environment[duties],
          ...{ UK_NAMESPACE: cluster.namespace, UK_WATCH_NAMESPACES: cluster.namespace },
          ...{ UK_DATA_DIR: folder.path, ...toldTo(folder.path, { dashboard: receiver }) },
          ...environment,
        },
        clock,
      );
      running.push(watcher);
      await watcher.service.ready;
      return { ...watcher, clock };
    };
    /** The same for a watcher that has never run: it has seen what there is when this resolves. */
    const startFirst = async (...[environment, ...more]: Partial<Parameters<typeof start>>) => {
      const watcher = await start({ ...freshOwner(), ...environment }, ...more);
      await firstLook(watcher);
      return watcher;
    };
    const hands = (workload: string, kind: WorkloadKind = 'Deployment'): Hands =>
      handsOn(cluster.api, kind, cluster.namespace, workload);
    const made = async (workload: string, kind: WorkloadKind = 'Deployment'): Promise<Hands> => {
      const one = hands(workload, kind);
      await one.create('ansible');
      await waitFor(`${workload} to be there`, 60_000, async () =>
        isThere(await one.read()) ? true : undefined,
      );
      return one;
    };
    const of = (workload: string): readonly ReceivedEvent[] =>
      receiver.events.filter((event) => event.workload === workload);
    const told = (workload: string, type: string): Promise<ReceivedEvent> =>
      receiver.find((event) => event.workload === workload && event.type === type);
    const wordsOf = (workload: string): readonly string[] => of(workload).map(({ type }) => type);

    test.each(workloadKinds)(
      'a %s: nothing the first time, then all that is done to it, once, by whom it was',
      async (kind) => {
        const workload = `life-of-${kind.toLowerCase()}`;
        const isScaled = kind === 'Deployment' || kind === 'StatefulSet';
        const one = await made(workload, kind);
        await startFirst();

        await one.setImage('1.1.0');
        const image = await told(workload, 'workload.image-changed');
        const then = await one.read();
        await one.setEnvironment('test', 'helm');
        const config = await told(workload, 'workload.config-changed');
        if (isScaled) {
          await one.scale(3);
          await told(workload, 'workload.scaled');
        }
        await one.restart();
        const restarted = await told(workload, 'workload.restarted');
        await one.remove();
        const deleted = await told(workload, 'workload.deleted');
        await one.create('terraform');
        const created = await told(workload, 'workload.created');

        expect(image).toMatchObject({
          ...{ cluster: 'default', namespace: cluster.namespace, kind, workload, team: 'checkout' },
          ...{ severity: 'info', by: ['kubectl-set'], scale: null, reason: null },
          images: [{ container: 'app', from: imageOf(workload, '1.0.0'), to: imageOf(workload, '1.1.0') }],
        });
        expect(String(image.text).split('\n').slice(0, 4)).toEqual([
          `${workload} deployed to ${cluster.namespace}`,
          `Image: ${imageOf(workload, '1.1.0')}`,
          'Team: checkout',
          `app: ${imageOf(workload, '1.0.0')} → ${imageOf(workload, '1.1.0')}`,
        ]);
        expect(image.text).toContain('\nBy: kubectl-set');
        expect(isThere(then)).toBe(true);
        expect(config).toMatchObject({ by: ['helm'], images: [{}, {}] });
        if (isScaled) expect(of(workload)[2]).toMatchObject({ by: ['kubectl'], scale: { from: 2, to: 3 } });
        expect(restarted).toMatchObject({ by: ['kubectl-rollout'] });
        expect(deleted).toMatchObject({ severity: 'warning', by: [] });
        expect(deleted.text).toMatch(new RegExp(`^${workload} deleted from ${cluster.namespace}\n`));
        expect(created).toMatchObject({
          by: ['terraform'],
          // What went before is not forgotten with it.
          images: [{ from: imageOf(workload, '1.1.0'), to: imageOf(workload, '1.0.0') }, {}],
        });
        expect(wordsOf(workload)).toEqual([
          ...['workload.image-changed', 'workload.config-changed'],
          ...(isScaled ? ['workload.scaled'] : []),
          ...['workload.restarted', 'workload.deleted', 'workload.created'],
        ]);
      },
      60_000,
    );

    test('nothing is told while a rollout has not ended, and then all of it once', async () => {
      const [slow, other] = [await made('slow'), await made('quick')];
      await startFirst();

      await slow.pause(true);
      await slow.setImage('1.1.0');
      await slow.setImage('1.2.0');
      await other.setImage('1.1.0');
      await told('quick', 'workload.image-changed');
      const meanwhile = wordsOf('slow');
      await slow.pause(false);
      const event = await told('slow', 'workload.image-changed');
      await slow.remove();
      await told('slow', 'workload.deleted');

      expect(meanwhile).toEqual([]);
      expect(event).toMatchObject({
        images: [{ container: 'app', from: imageOf('slow', '1.0.0'), to: imageOf('slow', '1.2.0') }],
      });
      expect(wordsOf('slow')).toEqual(['workload.image-changed', 'workload.deleted']);
    }, 60_000);

    test('while a new image is held back by a pause, more pods are told when they are there', async () => {
      const one = await made('held');
      await startFirst();

      await one.pause(true);
      await one.setImage('1.1.0');
      await one.scale(3);
      const scaled = await told('held', 'workload.scaled');
      await one.pause(false);
      const moved = await told('held', 'workload.image-changed');

      const before = imageOf('held', '1.0.0');
      expect(scaled).toMatchObject({
        ...{ by: ['kubectl'], scale: { from: 2, to: 3 } },
        images: [{ from: before, to: before }, {}],
      });
      expect(moved).toMatchObject({
        ...{ by: ['kubectl-set'], scale: null },
        images: [{ from: before, to: imageOf('held', '1.1.0') }],
      });
      expect(wordsOf('held')).toEqual(['workload.scaled', 'workload.image-changed']);
    }, 60_000);

    test('pods from before a mend that only took something away are no failure of it for who takes over', async () => {
      const [one, other] = [await made('mended', 'StatefulSet'), await made('beside')];
      const owner = freshOwner();
      const first = await startFirst(owner);
      await one.setImage('1.1.0_crash');
      await told('mended', 'workload.failed');
      await first.stop();

      // A StatefulSet waits for its last pod to run before it makes it anew. Of a removal nobody is noted.
      const path = `/apis/apps/v1/namespaces/${cluster.namespace}/statefulsets/mended`;
      const removal = [{ op: 'remove', path: '/spec/template/spec/containers/0/env/0' }];
      await cluster.api('PATCH', path, removal, 'application/json-patch+json');
      await waitFor('its controller', 60_000, async () => {
        const { metadata, status } = await one.read();
        return status?.observedGeneration === metadata.generation || undefined;
      });
      const second = await start(owner);
      await other.setImage('1.1.0');
      await told('beside', 'workload.image-changed');

      // The same words are not told twice within ten minutes, but found.
      const found = second.lines.filter(
        (line) => line.includes('"workload changed"') && line.includes('/mended"'),
      );
      expect(found).toEqual([]);
      expect(wordsOf('mended')).toEqual(['workload.failed']);
    }, 90_000);

    test('an image that cannot be pulled has failed, and recovered when another one has been well for long enough', async () => {
      const one = await made('fragile');
      // What leads by a Lease would lose it in a jump of the clock.
      const { clock } = await startFirst({ UK_STORE: 'sqlite' });

      await one.setImage('1.1.0_broken');
      const failed = await told('fragile', 'workload.failed');
      await one.setImage('1.2.0');
      await waitFor('it to be well', 60_000, () => Promise.resolve(clock.waits(recoveryMs) || undefined));
      const early = wordsOf('fragile');
      clock.jump(recoveryMs);
      const recovered = await told('fragile', 'workload.recovered');
      await one.setImage('1.3.0');
      await told('fragile', 'workload.image-changed');

      expect(failed).toMatchObject({
        ...{ severity: 'error', reason: 'ImagePullBackOff', by: ['kubectl-set'] },
        images: [{ from: imageOf('fragile', '1.0.0'), to: imageOf('fragile', '1.1.0_broken') }],
      });
      expect(failed.message).toMatch(/^pod fragile-.*, container app/);
      expect(early).toEqual(['workload.failed']);
      expect(recovered).toMatchObject({
        ...{ severity: 'info', thread: failed.thread },
        images: [{ from: imageOf('fragile', '1.0.0'), to: imageOf('fragile', '1.2.0') }],
      });
      expect(wordsOf('fragile')).toEqual(['workload.failed', 'workload.recovered', 'workload.image-changed']);
    }, 90_000);

    test('what was changed while nobody watched is told by the next one, once, and nothing else', async () => {
      const [moved, gone] = [await made('moved'), await made('gone')];
      await made('as-ever');
      const owner = freshOwner();
      await (await startFirst(owner)).stop();

      await moved.setImage('1.1.0');
      await gone.remove();
      await made('new');
      const second = await start(owner);
      await told('moved', 'workload.image-changed');
      await told('gone', 'workload.deleted');
      await told('new', 'workload.created');
      await second.stop();
      await start(owner);
      await moved.setImage('1.2.0');
      const again = await receiver.find(
        ({ workload, images }) => workload === 'moved' && JSON.stringify(images).includes('1.2.0'),
      );

      expect(again).toMatchObject({ images: [{ from: imageOf('moved', '1.1.0') }] });
      expect(wordsOf('moved')).toEqual(['workload.image-changed', 'workload.image-changed']);
      expect(wordsOf('gone')).toEqual(['workload.deleted']);
      expect(wordsOf('new')).toEqual(['workload.created']);
      expect(wordsOf('as-ever')).toEqual([]);
    }, 90_000);

    test('an update of ours is told by the update alone; what others do to the same workload is told besides', async () => {
      const one = await made('ours');
      const policy = { metadata: { annotations: { 'updatekate.dev/policy': 'semver' } } };
      const path = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments/ours?fieldManager=ansible`;
      await cluster.api('PATCH', path, policy, 'application/merge-patch+json');
      const { url } = await startFirst({}, 'all');

      const push = await fetch(`${url}/webhook`, {
        method: 'POST',
        body: JSON.stringify({ docker_url: 'quay.io/acme/ours', updated_tags: ['1.1.0'] }),
      });
      const succeeded = await told('ours', 'update.succeeded');
      await one.setEnvironment('test', 'helm');
      await told('ours', 'workload.config-changed');
      await one.setImage('1.0.5');
      const undone = await told('ours', 'workload.image-changed');

      expect(push.status).toBe(202);
      expect(succeeded).toMatchObject({ images: [{ to: imageOf('ours', '1.1.0') }] });
      expect(undone).toMatchObject({
        by: ['kubectl-set'],
        images: [{ from: imageOf('ours', '1.1.0'), to: imageOf('ours', '1.0.5') }],
      });
      expect(wordsOf('ours')).toEqual([
        ...['update.succeeded', 'workload.config-changed', 'workload.image-changed'],
      ]);
    }, 60_000);

    test('the command with the variables of its predecessor posts in Slack what that did, and no secret is seen', async () => {
      const [one, slack] = [await made('slack'), await startFakeSlack()];
      const data = aFolder();
      const { UK_KUBECONFIG, ...others } = cluster.environment.notify;
      const kube = UK_KUBECONFIG === undefined ? {} : { KUBE_CONFIG: UK_KUBECONFIG };
      const own = startNotifyProcess([], {
        ...{ ...others, ...kube, UK_DATA_DIR: data.path, UK_SLACK_API_URL: slack.apiUrl },
        ...{ NAMESPACES: cluster.namespace, OWN_NAMESPACE: 'platform' },
        ...{ SLACK_TOKEN: slack.workspace.botToken, SLACK_CHANNEL: 'deploys' },
      });
      try {
        const url = await own.listening;
        await waitFor('it to be ready', 60_000, async () =>
          (await fetch(`${url}/readyz`)).ok ? true : undefined,
        );
        await firstLook(own);

        await one.setImage('1.1.0');
        const messages = await waitFor('the message', 60_000, () => {
          const found = slack.messages();
          return Promise.resolve(found.length > 0 ? found : undefined);
        });
        own.kill('SIGTERM');

        expect(messages[0]?.text.split('\n').slice(0, 3)).toEqual([
          `slack deployed to ${cluster.namespace}`,
          `Image: ${imageOf('slack', '1.1.0')}`,
          'Team: checkout',
        ]);
        expect(await own.exited).toEqual({ code: 0, signal: null });
        expect(await own.stderr).toBe('');
        expect(slack.messages()).toHaveLength(1);
        expect(own.lines.join('')).not.toContain(slack.workspace.botToken);
        expect(await cluster.kept(data.path)).toContain('deployment-events-v2-platform-');
        printed.push(...own.lines);
        posted.push(...slack.workspace.calls.map(({ body }) => JSON.stringify(body)));
      } finally {
        own.kill('SIGKILL');
        await slack.close();
        data.remove();
      }
    }, 90_000);

    test('nothing of environment, arguments and annotations was told, printed or kept', async () => {
      const kept = await cluster.kept(folder.path);
      const sent = JSON.stringify(receiver.events);

      for (const text of [kept, sent, printed.join('')]) expect(text).toContain('quay.io/acme/moved:1.1.0');
      expect(posted.join('')).toContain('quay.io/acme/slack:1.1.0');
      for (const text of [kept, sent, ...printed, ...posted]) expect(text).not.toContain(canary);
    });
  });
}

/** Whether all that is wanted of it is there and new; a CronJob has nothing that would have to be. */
function isThere({ kind, metadata, spec, status = {} }: WatchedObject): boolean {
  if (kind === 'CronJob') return true;
  const [wanted, ...counts] =
    kind === 'DaemonSet'
      ? [status.desiredNumberScheduled, status.updatedNumberScheduled, status.numberAvailable]
      : [spec.replicas, status.replicas, status.updatedReplicas, status.availableReplicas];
  const isAll = wanted !== undefined && wanted > 0 && counts.every((count) => count === wanted);
  return isAll && status.observedGeneration === metadata.generation;
}
