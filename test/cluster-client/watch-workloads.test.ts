import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nothingElse } from '../support/workload-object.ts';
import { scopesOf, watchWorkloads } from '../../src/cluster/watch-workloads.ts';
import { createWorkloadIndex, type WorkloadIndex } from '../../src/cluster/workload-index.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Rest } from '../../src/core/rest.ts';
import { targetsOf } from '../../src/core/target.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { createFakeMetrics } from '../support/fake-metrics.ts';

/** An object of any kind with a policy. */
function anObject(name: string, namespace = 'default'): unknown {
  const podSpec = { containers: [{ name: 'app', image: `quay.io/acme/${name}:1.0.0` }] };
  const template = { spec: podSpec };
  const annotations = { 'updatekate.dev/policy': 'semver' };
  return {
    metadata: { name, namespace, uid: `uid-${name}`, resourceVersion: '1', annotations },
    spec: { template, jobTemplate: { spec: { template } } },
  };
}

type Answer = readonly unknown[] | AppError;

let clock: FakeClock;
let log: ReturnType<typeof createFakeLog>;
let stopping: AbortController;
let running: Promise<void>;
let index: WorkloadIndex;
let listed: number;

beforeEach(() => {
  [clock, log, stopping, listed] = [createFakeClock(), createFakeLog(), new AbortController(), 0];
});

afterEach(async () => {
  stopping.abort();
  await running;
});

/** Watches an API that answers each collection's list with its own, until the test is over. */
async function watch(namespaces: readonly string[], answers: ReadonlyMap<string, Answer>): Promise<void> {
  const rest: Rest = {
    async json({ path }) {
      const answer = await Promise.resolve(answers.get(path) ?? []);
      if (answer instanceof AppError) throw answer;
      return { metadata: { resourceVersion: '1' }, items: answer };
    },
    async lines(_call, signal) {
      return await Promise.resolve(never(signal));
    },
  };
  const scopes = scopesOf(namespaces);
  index = createWorkloadIndex(
    scopes,
    (workload) => targetsOf(workload, undefined),
    () => undefined,
  );
  const options = { rest, clock, log, random: () => 0, cluster: 'default', also: nothingElse, scopes, index };
  running = watchWorkloads(
    {
      ...options,
      metrics: createFakeMetrics(),
      listed: () => {
        listed++;
      },
    },
    stopping.signal,
  );
  await clock.advance(0);
}

/** A watch that brings nothing. */
// eslint-disable-next-line require-yield -- a stream of lines, none of which ever comes
async function* never(signal: AbortSignal): AsyncGenerator<string> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const apps = '/apis/apps/v1/namespaces/default';
const targets = (): readonly string[] =>
  index.targets().map(({ workload }) => `${workload.kind}/${workload.name}`);

describe('workloads of every kind', () => {
  test('are targets, and known once all kinds are listed', async () => {
    await watch(
      ['default'],
      new Map([
        [`${apps}/deployments`, [anObject('web')]],
        [`${apps}/statefulsets`, [anObject('db')]],
        [`${apps}/daemonsets`, [anObject('agent')]],
        ['/apis/batch/v1/namespaces/default/cronjobs', [anObject('report')]],
      ]),
    );

    expect(targets().toSorted()).toEqual([
      'CronJob/report',
      'DaemonSet/agent',
      'Deployment/web',
      'StatefulSet/db',
    ]);
    expect([index.known(), listed]).toEqual([true, 1]);
  });

  test('are looked for in each namespace', async () => {
    await watch(
      ['a', 'b'],
      new Map([
        ['/apis/apps/v1/namespaces/a/deployments', [anObject('web', 'a')]],
        ['/apis/apps/v1/namespaces/b/deployments', [anObject('web', 'b')]],
      ]),
    );

    expect(index.targets().map(({ workload }) => workload.namespace)).toEqual(['a', 'b']);
  });

  test('or in all of them', async () => {
    await watch([], new Map([['/apis/apps/v1/deployments', [anObject('web', 'a'), anObject('web', 'b')]]]));

    expect(index.targets().map(({ workload }) => workload.namespace)).toEqual(['a', 'b']);
  });
});

describe('a list that is refused', () => {
  const forbidden = new AppError('forbidden', 'kubernetes: may not list');

  test.each(['statefulsets', 'daemonsets'])(
    'of %s is told once, and nothing waits for it',
    async (plural) => {
      await watch(
        ['default'],
        new Map<string, Answer>([
          [`${apps}/${plural}`, forbidden],
          [`${apps}/deployments`, [anObject('web')]],
        ]),
      );
      await clock.advance(60_000);

      expect([index.known(), listed, targets()]).toEqual([true, 1, ['Deployment/web']]);
      expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
        {
          message: 'workloads of a kind cannot be listed',
          fields: { remedy: 'kubectl apply -f k8s/role.yaml' },
        },
      ]);
    },
  );

  test('of Deployments is waited for: it is what the service is there for', async () => {
    const answers = new Map<string, Answer>([[`${apps}/deployments`, forbidden]]);
    await watch(['default'], answers);
    expect([index.known(), listed]).toEqual([false, 0]);

    answers.set(`${apps}/deployments`, [anObject('web')]);
    await clock.advance(60_000);

    expect([index.known(), targets()]).toEqual([true, ['Deployment/web']]);
  });

  test('because the API server is away is waited for, whatever the kind', async () => {
    const away = new AppError('unavailable', 'no answer');
    await watch(['default'], new Map<string, Answer>([[`${apps}/statefulsets`, away]]));

    expect(index.known()).toBe(false);
  });
});
