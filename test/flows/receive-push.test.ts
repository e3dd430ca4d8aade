import { describe, expect, test } from '@jest/globals';
import { enter } from '../../src/core/update.ts';
import type { Push } from '../../src/core/registry.ts';
import { receivePush } from '../../src/flows/receive-push.ts';
import { createMemoryParkedPushes } from '../../src/stores/memory-parked-pushes.ts';
import { aWorkload, keyOf, policyOf } from '../support/builders.ts';
import { createHarness } from '../support/harness.ts';

const shop = 'quay.io/acme/shop';
const parked = createMemoryParkedPushes();
const quiet = { parked, unpark: () => undefined, wake: () => undefined, missing: () => undefined };

function pushOf(tag: string, repository = shop) {
  return { repository, tag, digest: null };
}

describe('receiving a push', () => {
  test('explains every tag, picks the highest, records one update', async () => {
    const harness = createHarness();

    const answer = await harness.push('1.1.0', 'latest', '1.3.0', '1.2.0', '0.9.0');

    expect(answer.decisions).toEqual([
      {
        target: 'default/default/Deployment/shop/app',
        from: `${shop}:1.0.0`,
        to: `${shop}:1.1.0`,
        verdict: 'skip',
        reason: 'not-newer',
      },
      {
        target: 'default/default/Deployment/shop/app',
        from: `${shop}:1.0.0`,
        to: `${shop}:latest`,
        verdict: 'skip',
        reason: 'not-a-version',
      },
      {
        target: 'default/default/Deployment/shop/app',
        from: `${shop}:1.0.0`,
        to: `${shop}:1.3.0`,
        verdict: 'update',
      },
      {
        target: 'default/default/Deployment/shop/app',
        from: `${shop}:1.0.0`,
        to: `${shop}:1.2.0`,
        verdict: 'skip',
        reason: 'not-newer',
      },
      {
        target: 'default/default/Deployment/shop/app',
        from: `${shop}:1.0.0`,
        to: `${shop}:0.9.0`,
        verdict: 'skip',
        reason: 'not-newer',
      },
    ]);
    expect(answer.updates).toHaveLength(1);
  });

  test('moves every container of the repository in one update, init containers too, others not', async () => {
    const containers = [
      { name: 'app', image: `${shop}:1.0.0`, init: false },
      { name: 'proxy', image: 'quay.io/acme/proxy:1.0.0', init: false },
      { name: 'worker', image: `${shop}:1.0.0`, init: false },
      { name: 'migrate', image: `${shop}:1.0.0`, init: true },
      { name: 'ahead', image: `${shop}:2.0.0`, init: false },
    ];
    const harness = createHarness({ workloads: [aWorkload({ containers })] });

    await harness.push('1.1.0');
    await harness.settle();

    expect(harness.cluster.patches).toHaveLength(1);
    expect(harness.cluster.patches[0]?.moves.map(({ container, init }) => [container, init])).toEqual([
      ['app', false],
      ['worker', false],
      ['migrate', true],
    ]);
  });

  describe('that says who pushed', () => {
    const [a, b] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
    const by = (pushedBy: string | undefined, digest: string | null = null): Push => ({
      ...{ ...pushOf('1.1.0'), digest },
      ...(pushedBy === undefined ? {} : { pushedBy }),
    });
    const pusherOf = async (...webhooks: readonly (readonly Push[])[]): Promise<unknown> => {
      const harness = createHarness();
      const names: string[] = [];
      for (const pushes of webhooks) names.push(...(await harness.pushAll(pushes)).updates);
      return (await harness.context.store.get(names.at(-1) ?? ''))?.update.pushedBy;
    };

    test.each<[string, readonly (readonly Push[])[], string | undefined]>([
      ['one', [[by('ann')]], 'ann'],
      ['nobody', [[by(undefined)]], undefined],
      ['two of one webhook', [[by('ann'), by('bob')]], 'ann'],
      ['two, the first of whom is not named', [[by(undefined), by('bob')]], 'bob'],
      ['two, one after the other', [[by('ann')], [by('bob')]], 'ann'],
      ['two, the first of whom is not named, one after the other', [[by(undefined)], [by('bob')]], undefined],
      ['two images under one tag: the last one is taken', [[by('ann', a), by('bob', b)]], 'bob'],
      ['another of another tag', [[{ ...by('eve'), tag: '1.0.5' }, by('ann')]], 'ann'],
      ['another of another repository', [[{ ...by('eve'), repository: 'quay.io/acme/x' }, by('ann')]], 'ann'],
    ])('records it: %s', async (_what, webhooks, expected) => {
      expect(await pusherOf(...webhooks)).toBe(expected);
    });

    test('answers without it, and logs it with the record', async () => {
      const harness = createHarness();
      const kept = createMemoryParkedPushes();
      const view = { ...harness.cluster.view, known: () => false, targetsOf: () => [] };
      const receive = (context: Partial<typeof harness.context>, dryRun: boolean) =>
        receivePush({ ...harness.context, ...quiet, parked: kept, ...context }, [by('ann', a)], dryRun);

      const answers = [await receive({}, true), await receive({}, false), await receive({ view }, false)];

      const told = { ...pushOf('1.1.0'), digest: a };
      for (const { pushes } of answers) expect(JSON.stringify(pushes)).toBe(JSON.stringify([told]));
      expect(harness.log.lines).toContainEqual(
        expect.objectContaining({
          message: 'update recorded',
          fields: expect.objectContaining({ pushedBy: 'ann' }) as unknown,
        }),
      );
      expect(await kept.all()).toMatchObject([{ pushes: [by('ann', a)] }]);
    });
  });

  test('changes nothing on a dry run', async () => {
    const harness = createHarness();

    const answer = await receivePush(
      { ...harness.context, ...quiet, wake: harness.reconciler.wake },
      [pushOf('1.1.0')],
      true,
    );
    await harness.settle();

    expect(answer).toMatchObject({ decisions: [{ verdict: 'update' }], updates: [] });
    expect(harness.cluster.patches).toHaveLength(0);
    expect(await harness.context.store.open()).toEqual([]);
  });

  test('has nothing to say about a repository that nobody runs', async () => {
    const harness = createHarness();

    const answer = await receivePush(
      { ...harness.context, ...quiet },
      [pushOf('1.1.0', 'quay.io/acme/shop-evil')],
      false,
    );

    expect(answer).toMatchObject({ decisions: [], updates: [] });
    expect(harness.log.lines.map(({ level }) => level)).toEqual(['debug']);
  });

  test('warns when the classic target should have run the repository, and says what is wrong', async () => {
    const harness = createHarness();
    const missing = (): string => 'UK_DEPLOYMENT: it is not there';

    await receivePush(
      { ...harness.context, ...quiet, missing },
      [pushOf('1.1.0', 'quay.io/acme/other')],
      false,
    );

    expect(harness.log.lines).toMatchObject([
      {
        level: 'warn',
        fields: { repository: 'quay.io/acme/other', problem: 'UK_DEPLOYMENT: it is not there' },
      },
    ]);
  });

  test('says that a late repetition of a finished update changes nothing', async () => {
    const harness = createHarness();
    harness.cluster.setPods([]);
    await harness.push('1.1.0');
    await harness.clock.advance(901_000);
    const containers = [{ name: 'app', image: `${shop}:1.0.0`, init: false }];
    harness.cluster.put({ ...harness.cluster.get(keyOf()), containers });

    const answer = await harness.push('1.1.0');
    await harness.settle();

    expect(answer.updates).toEqual([]);
    expect(answer.decisions).toMatchObject([{ verdict: 'skip', reason: 'already-recorded' }]);
    expect(harness.cluster.patches).toHaveLength(1);
  });

  test('is kept as long as the workloads are not known', async () => {
    const harness = createHarness();
    const view = { ...harness.cluster.view, known: () => false, targetsOf: () => [] };

    const answer = await receivePush({ ...harness.context, view, ...quiet }, [pushOf('1.1.0')], false);

    expect(answer).toEqual({ pushes: [pushOf('1.1.0')], decisions: [], updates: [], parked: true });
    expect(await parked.all()).toMatchObject([{ pushes: [pushOf('1.1.0')] }]);
    expect(await harness.context.store.open()).toEqual([]);
  });

  test('is taken at once when the workloads became known while it was being kept', async () => {
    const harness = createHarness();
    const kept = createMemoryParkedPushes();
    let known = false;
    const view = { ...harness.cluster.view, known: () => known, targetsOf: () => [] };
    const keep = async (pushes: readonly Push[]): Promise<void> => {
      known = true;
      await kept.keep(pushes);
    };
    const found: Promise<readonly { readonly pushes: readonly Push[] }[]>[] = [];
    const unpark = (): void => void found.push(kept.all());

    await receivePush(
      { ...harness.context, view, ...quiet, parked: { ...kept, keep }, unpark },
      [pushOf('1.1.0')],
      false,
    );

    expect(await Promise.all(found)).toMatchObject([[{ pushes: [pushOf('1.1.0')] }]]);
  });

  test('cannot be tried before the workloads are known: a dry run keeps nothing', async () => {
    const harness = createHarness();
    const view = { ...harness.cluster.view, known: () => false, targetsOf: () => [] };
    const empty = createMemoryParkedPushes();

    const received = receivePush(
      { ...harness.context, view, ...quiet, parked: empty },
      [pushOf('1.1.0')],
      true,
    );

    await expect(received).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 5000 });
    expect(await empty.all()).toEqual([]);
  });

  test('logs one line an update with who, from and to', async () => {
    const harness = createHarness();

    const { updates } = await harness.push('1.1.0', 'latest');

    expect(harness.log.lines).toEqual([
      {
        level: 'info',
        message: 'update recorded',
        fields: {
          update: updates[0],
          workload: 'default/default/Deployment/shop',
          moves: [{ container: 'app', init: false, from: `${shop}:1.0.0`, to: `${shop}:1.1.0` }],
          policy: 'semver',
        },
      },
      {
        level: 'info',
        message: 'push skipped',
        fields: expect.objectContaining({ to: `${shop}:latest`, reason: 'not-a-version' }) as unknown,
      },
    ]);
  });

  test.each([
    ['an image pinned by digest', `${shop}@sha256:${'a'.repeat(64)}`],
    ['a tag and a digest', `${shop}:1.0.0@sha256:${'a'.repeat(64)}`],
    ['no tag', shop],
    ['a branch as tag', `${shop}:main`],
  ])('leaves %s alone and says why', async (_what, image) => {
    const harness = createHarness({
      workloads: [aWorkload({ containers: [{ name: 'app', image, init: false }] })],
    });

    const answer = await harness.push('1.1.0');
    await harness.settle();

    expect(answer.decisions).toMatchObject([{ verdict: 'skip', reason: 'current-not-comparable' }]);
    expect(answer.decisions[0]?.message).toMatch(/the running (image|tag)/);
    expect(harness.cluster.patches).toHaveLength(0);
  });

  test('serves the classic target with its repository given as Quay gives it, without host', async () => {
    const classic = {
      workload: keyOf(),
      container: undefined,
      repository: 'acme/shop',
      policy: policyOf('minor'),
    };
    const harness = createHarness({ classic, workloads: [aWorkload({ annotations: {} })] });

    const answer = await harness.push('1.1.0', '2.0.0');

    expect(answer.decisions.map(({ verdict, reason }) => reason ?? verdict)).toEqual([
      'update',
      'out-of-range',
    ]);
  });
});

describe('a target that follows the digest of its tag', () => {
  const [a, b] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
  const imageOf = (digest: string): string => `${shop}:latest@${digest}`;
  const following = (image: string) =>
    aWorkload({
      annotations: { 'updatekate.dev/policy': 'digest' },
      containers: [{ name: 'app', image, init: false }],
    });
  const pushed = (digest: string | null) => [{ repository: shop, tag: 'latest', digest }];

  test('is moved to the digest that was pushed, pinned', async () => {
    const harness = createHarness({ workloads: [following(`${shop}:latest`)] });

    const { updates, decisions } = await receivePush({ ...harness.context, ...quiet }, pushed(a), false);

    expect(decisions).toMatchObject([{ to: imageOf(a), verdict: 'update' }]);
    const stored = await harness.context.store.get(updates[0] ?? '');
    expect(stored?.update).toMatchObject({ tag: 'latest', digest: a, moves: [{ to: imageOf(a) }] });
  });

  test('stays where it is when it has that digest already', async () => {
    const harness = createHarness({ workloads: [following(imageOf(a))] });

    const { updates, decisions } = await receivePush({ ...harness.context, ...quiet }, pushed(a), false);

    expect(decisions).toMatchObject([{ verdict: 'skip', reason: 'not-newer' }]);
    expect(updates).toEqual([]);
  });

  test.each([`${shop}:latest`, imageOf(a)])(
    'stays where it is (%s) when the push names no digest: nobody knows what it has become',
    async (image) => {
      const harness = createHarness({ workloads: [following(image)] });

      const { updates, decisions } = await receivePush({ ...harness.context, ...quiet }, pushed(null), false);

      expect(decisions).toMatchObject([{ verdict: 'skip', reason: 'unverified' }]);
      expect(decisions[0]?.message).toContain('names no digest');
      expect(updates).toEqual([]);
    },
  );

  test("under Keel's force another tag needs no digest, the running one does", async () => {
    const annotations = { 'keel.sh/policy': 'force' };
    const containers = [{ name: 'app', image: `${shop}:1.0.0`, init: false }];
    const harness = createHarness({ workloads: [aWorkload({ annotations, containers })] });

    const { decisions } = await harness.push('1.0.0', '1.1.0');

    expect(decisions).toMatchObject([
      { to: `${shop}:1.0.0`, verdict: 'skip' },
      { to: `${shop}:1.1.0`, verdict: 'update' },
    ]);
    const alone = await harness.push('1.0.0');
    expect(alone.decisions).toMatchObject([{ verdict: 'skip', reason: 'unverified' }]);
  });

  test('a digest that its sender shortened is no part of the record', async () => {
    const harness = createHarness();
    const short = [{ repository: shop, tag: '1.1.0', digest: 'sha256:abc' }];

    const { updates } = await receivePush({ ...harness.context, ...quiet }, short, false);

    expect((await harness.context.store.get(updates[0] ?? ''))?.update.digest).toBeUndefined();
  });

  test('follows a tag that is moved back and forth, and a repetition of each push changes nothing', async () => {
    const harness = createHarness({ workloads: [following(imageOf(a))] });
    const { store } = harness.context;
    const names: string[] = [];
    for (const digest of [b, a, b, a]) {
      const first = await receivePush({ ...harness.context, ...quiet }, pushed(digest), false);
      const again = await receivePush({ ...harness.context, ...quiet }, pushed(digest), false);
      expect(again.updates).toEqual(first.updates);
      const [name = ''] = first.updates;
      names.push(name);
      const stored = await store.get(name);
      if (!stored) throw new Error(`${name} is not recorded`);
      const { update, revision } = stored;
      await store.replace(enter(update, 'Superseded', new Date()), revision);
      harness.cluster.put(following(imageOf(digest)));
      const late = await receivePush({ ...harness.context, ...quiet }, pushed(digest), false);
      expect(late.updates).toEqual([]);
    }

    expect(new Set(names).size).toBe(4);
  });
});
