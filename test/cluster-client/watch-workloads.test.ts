import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nothingElse } from '../support/workload-object.ts';
import { scopesOf, watchWorkloads } from '../../src/cluster/watch-workloads.ts';
import { createWorkloadIndex, type WorkloadIndex } from '../../src/cluster/workload-index.ts';
import { AppError } from '../../src/core/errors.ts';
import type { Rest } from '../../src/core/rest.ts';
import { targetsOf } from '../../src/core/target.ts';
import { workloadKinds, type WorkloadKind } from '../../src/core/workload.ts';
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
/** The kind of every list, as it was told; with a star when everything is known by then. */
let listed: string[];
/** `kind alive` of every watch, as it was told. */
let lives: string[];

beforeEach(() => {
  [clock, log, stopping] = [createFakeClock(), createFakeLog(), new AbortController()];
  [listed, lives] = [[], []];
});

afterEach(async () => {
  stopping.abort();
  await running;
});

/** Watches an API that answers each collection's list with its own, until the test is over. */
async function watch(
  namespaces: readonly string[],
  answers: ReadonlyMap<string, Answer>,
  refused: 'none' | 'wait' = 'none',
  /** The first watch of Deployments ends as this does. */
  firstEnd = new Promise<undefined>(() => undefined),
): Promise<void> {
  let ends: Promise<undefined> | undefined = firstEnd;
  const rest: Rest = {
    async json({ path }) {
      const answer = await Promise.resolve(answers.get(path) ?? []);
      if (answer instanceof AppError) throw answer;
      return { metadata: { resourceVersion: '1' }, items: answer };
    },
    async lines({ path }, signal) {
      const end = path.endsWith('/deployments') ? ends : undefined;
      if (end) ends = undefined;
      return await Promise.resolve(never(signal, end));
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
      ...{ ...options, refused, metrics: createFakeMetrics() },
      listed: ({ kind }) => listed.push(index.known() ? `${kind}*` : kind),
      alive: ({ kind }, isAlive) => lives.push(`${kind} ${isAlive}`),
    },
    stopping.signal,
  );
  await clock.advance(0);
}

/** A watch that brings nothing, and may end. */
// eslint-disable-next-line require-yield -- a stream of lines, none of which ever comes
async function* never(signal: AbortSignal, end: Promise<undefined> | undefined): AsyncGenerator<string> {
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  await (end ? Promise.race([stopped, end]) : stopped);
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
    expect(index.known()).toBe(true);
    // One of them is the last, whichever it is.
    expect(listed.map((kind) => kind.replace('*', ''))).toEqual([...workloadKinds]);
    expect(listed.filter((kind) => kind.endsWith('*'))).toHaveLength(1);
  });

  test('are each told of when their watch delivers', async () => {
    await watch(['default'], new Map());

    expect(lives).toEqual(workloadKinds.map((kind) => `${kind} true`));
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

  const errors = () => log.lines.filter(({ level }) => level === 'error');
  const told = {
    message: 'workloads of a kind cannot be listed',
    fields: { error: forbidden, remedy: 'kubectl apply -f k8s/role.yaml' },
  };

  test.each(['StatefulSet', 'DaemonSet'])('of %ss is told once, and nothing waits for it', async (kind) => {
    await watch(
      ['default'],
      new Map<string, Answer>([
        [`${apps}/${kind.toLowerCase()}s`, forbidden],
        [`${apps}/deployments`, [anObject('web')]],
      ]),
    );
    await clock.advance(60_000);

    expect([index.known(), targets()]).toEqual([true, ['Deployment/web']]);
    expect(listed.toSorted()).toEqual(
      workloadKinds.map((one) => (one === kind ? `${one}*` : one)).toSorted(),
    );
    expect(errors()).toMatchObject([told]);
  });

  test('of Deployments is waited for: it is what the service is there for', async () => {
    const answers = new Map<string, Answer>([[`${apps}/deployments`, forbidden]]);
    await watch(['default'], answers);
    expect([index.known(), listed, errors()]).toEqual([false, ['StatefulSet', 'DaemonSet', 'CronJob'], []]);

    answers.set(`${apps}/deployments`, [anObject('web')]);
    await clock.advance(60_000);

    expect([index.known(), targets()]).toEqual([true, ['Deployment/web']]);
  });

  test('because the API server is away is waited for, whatever the kind', async () => {
    const away = new AppError('unavailable', 'no answer');
    await watch(['default'], new Map<string, Answer>([[`${apps}/statefulsets`, away]]));

    expect(index.known()).toBe(false);
  });

  describe('where it is waited for', () => {
    const lookOnly = { error: forbidden, remedy: 'kubectl apply -f k8s/notify/watched-role.yaml' };
    const plurals: readonly (readonly [WorkloadKind, string])[] = [
      ['Deployment', `${apps}/deployments`],
      ['StatefulSet', `${apps}/statefulsets`],
      ['DaemonSet', `${apps}/daemonsets`],
      ['CronJob', '/apis/batch/v1/namespaces/default/cronjobs'],
    ];

    test.each(plurals)('of %ss is told once with the remedy, and counts as no list', async (kind, path) => {
      await watch(['default'], new Map<string, Answer>([[path, forbidden]]), 'wait');
      await clock.advance(60_000);

      expect(index.known()).toBe(false);
      expect(listed).toEqual(workloadKinds.filter((one) => one !== kind));
      expect(errors()).toMatchObject([{ ...told, fields: { ...lookOnly, kind, namespace: 'default' } }]);
      const own = lives.filter((one) => one.startsWith(`${kind} `));
      expect(own.length).toBeGreaterThan(1);
      expect(new Set(own)).toEqual(new Set([`${kind} false`]));
    });

    test.each(plurals)('of %ss goes on when it may list', async (kind, path) => {
      const answers = new Map<string, Answer>([[path, forbidden]]);
      await watch(['default'], answers, 'wait');
      await clock.advance(60_000);

      answers.set(path, [anObject('web')]);
      await clock.advance(60_000);

      expect([index.known(), targets()]).toEqual([true, [`${kind}/web`]]);
      expect(listed).toContain(`${kind}*`);
      expect(lives.at(-1)).toBe(`${kind} true`);
    });

    test('is told again when it is taken away a second time', async () => {
      const path = `${apps}/deployments`;
      const answers = new Map<string, Answer>([[path, forbidden]]);
      const ends = Promise.withResolvers<undefined>();
      await watch(['default'], answers, 'wait', ends.promise);
      await clock.advance(60_000);
      answers.set(path, [anObject('web')]);
      await clock.advance(60_000);
      answers.set(path, forbidden);

      ends.reject(new AppError('gone', 'the version is too old'));
      await clock.advance(60_000);

      expect(errors()).toHaveLength(2);
    });

    test('what is known stays: a list that is refused later takes nothing', async () => {
      const path = `${apps}/deployments`;
      const answers = new Map<string, Answer>([[path, [anObject('web')]]]);
      const ends = Promise.withResolvers<undefined>();
      await watch(['default'], answers, 'wait', ends.promise);
      answers.set(path, forbidden);

      ends.reject(new AppError('gone', 'the version is too old'));
      await clock.advance(60_000);

      expect(lives.at(-1)).toBe('Deployment false');
      expect(errors()).toMatchObject([{ ...told, fields: lookOnly }]);
      expect([index.known(), targets()]).toEqual([true, ['Deployment/web']]);
    });
  });
});
