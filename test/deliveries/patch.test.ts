import { describe, expect, test } from '@jest/globals';
import { annotationsOnly } from '../../src/core/approval-rules.ts';
import { askedFor, type ApprovalRules, type Vote } from '../../src/core/approval.ts';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import { targetsOf } from '../../src/core/target.ts';
import { enter, type Update } from '../../src/core/update.ts';
import type { Workload } from '../../src/core/workload.ts';
import { createPatchDelivery } from '../../src/deliveries/patch.ts';
import { anUpdate, aWorkload, keyOf } from '../support/builders.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeCluster } from '../support/fake-cluster.ts';

const wanted = 'quay.io/acme/shop:1.1.0';
const { signal } = new AbortController();

function withImage(image: string, different: Partial<Workload> = {}): Workload {
  return aWorkload({ containers: [{ name: 'app', image, init: false }], ...different });
}

function deliver(workload: Workload | undefined, update: Update = anUpdate(), approvals = annotationsOnly) {
  const cluster = createFakeCluster(workload ? [workload] : []);
  const delivery = createPatchDelivery({
    cluster: cluster.port,
    view: cluster.view,
    ...{ targetsOf: (one: Workload) => targetsOf(one, undefined, approvals), approvals },
    clock: createFakeClock(),
  });
  return { cluster, result: delivery.deliver(update, signal) };
}

describe('patch delivery', () => {
  test('sets the image, from what really runs', async () => {
    const { cluster, result } = deliver(withImage('quay.io/acme/shop:1.0.5'));

    expect(await result).toEqual({
      kind: 'delivered',
      moves: [{ container: 'app', init: false, from: 'quay.io/acme/shop:1.0.5', to: wanted }],
    });
    expect(cluster.patches).toHaveLength(1);
  });

  test('recognises what is already there, and patches nothing', async () => {
    const { cluster, result } = deliver(withImage(wanted));

    expect(await result).toMatchObject({ kind: 'delivered' });
    expect(cluster.patches).toHaveLength(0);
  });

  test('does not repeat itself when someone changed the image after its patch', async () => {
    const annotations = { 'updatekate.dev/policy': 'semver', 'updatekate.dev/update': anUpdate().name };
    const { cluster, result } = deliver(withImage('quay.io/acme/shop:1.0.0', { annotations }));

    expect(await result).toMatchObject({ kind: 'obsolete', reason: 'replaced' });
    expect(cluster.patches).toHaveLength(0);
  });

  test.each([
    ['was put on hold', { 'updatekate.dev/policy': 'semver', 'updatekate.dev/hold': 'true' }, 'held'],
    ['may take only patches now', { 'updatekate.dev/policy': 'patch' }, 'out-of-range'],
    ['has no policy any more', {}, 'no-policy'],
    [
      'asks for an approval by nobody',
      { 'updatekate.dev/policy': 'semver', 'updatekate.dev/approvals': '1' },
      'held',
    ],
  ])('decides again: a workload that %s is left alone', async (_what, annotations, reason) => {
    const { cluster, result } = deliver(aWorkload({ annotations }));

    expect(await result).toMatchObject({ kind: 'obsolete', reason });
    expect(cluster.patches).toHaveLength(0);
  });

  test.each([
    ['is gone', undefined],
    ['is being deleted', aWorkload({ deleting: true })],
    ['is another one of the same name', aWorkload({ uid: 'uid-2' })],
  ])('refuses when the workload %s', async (_what, workload) => {
    const { cluster, result } = deliver(workload);

    expect(await result).toMatchObject({ kind: 'refused', reason: 'not-found' });
    expect(cluster.patches).toHaveLength(0);
  });

  test('gives up after several conflicts in a row, so that the step can wait', async () => {
    const cluster = createFakeCluster([aWorkload()]);
    let reads = 0;
    const delivery = createPatchDelivery({
      view: cluster.view,
      ...{ targetsOf: (one: Workload) => targetsOf(one, undefined), approvals: annotationsOnly },
      clock: createFakeClock(),
      cluster: {
        ...cluster.port,
        read: () => {
          reads++;
          return Promise.resolve({ ...cluster.get(keyOf()), resourceVersion: 'always old' });
        },
      },
    });
    cluster.put(cluster.get(keyOf()), true);

    await expect(delivery.deliver(anUpdate(), signal)).rejects.toMatchObject({ code: 'conflict' });
    expect(reads).toBe(5);
  });

  test('a 403 is believed when it has lasted for half a minute: a starting API server says so, too', async () => {
    const [cluster, clock] = [createFakeCluster([aWorkload()]), createFakeClock()];
    const answers: ErrorCode[] = [];
    const delivery = createPatchDelivery({
      ...{
        view: cluster.view,
        ...{ targetsOf: (one: Workload) => targetsOf(one, undefined), approvals: annotationsOnly },
        clock,
      },
      cluster: {
        ...cluster.port,
        patchImages: () =>
          Promise.reject(new AppError(answers.shift() ?? 'forbidden', 'the API server said so')),
      },
    });
    const after = async (ms: number) => {
      await clock.advance(ms);
      return delivery.deliver(anUpdate(), signal).catch((error: unknown) => (error as AppError).code);
    };

    expect(await after(0)).toBe('unavailable');
    expect(await after(29_999)).toBe('unavailable');
    // Gone and started again: its time begins anew.
    answers.push('timeout');
    expect(await after(60_000)).toBe('timeout');
    expect(await after(60_000)).toBe('unavailable');
    expect(await after(29_999)).toBe('unavailable');
    expect(await after(1)).toMatchObject({ kind: 'refused', reason: 'forbidden' });
  });
});

describe('patch delivery of what people are asked about', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const rules: ApprovalRules = {
    ...{ votes: 1, approvers: ['@bjhaid'], deadlineMs: 3_600_000, requesterMayApprove: false },
  };
  const yes: Vote = {
    by: { id: 'bjhaid@oga.com', name: 'bjhaid', fullName: 'Ayodele', email: 'bjhaid@oga.com' },
    ...{ vote: 'approve', at: now.toISOString(), via: 'slack' },
  };
  const key = annotationsOnly.legacyKey;
  const value = 'slack: {channel: "#testoga", approvers: ["@bjhaid"]}\n';
  const policy = { 'updatekate.dev/policy': 'semver' };
  const legacy = aWorkload({ annotations: { ...policy, [key]: value } });

  /** An update about to be delivered that was put to the vote with these votes. */
  function voted(given: readonly Vote[], base: Update = anUpdate()): Update {
    const update = enter(enter(base, 'AwaitingApproval', now), 'Delivering', now);
    return { ...update, approval: { ...askedFor(base, rules, now), given } };
  }

  test('sets the image, and says in the same patch who approved, as the first system did', async () => {
    const { cluster, result } = deliver(legacy, voted([yes]));

    expect(await result).toMatchObject({ kind: 'delivered' });
    expect(cluster.patches.map(({ annotations }) => annotations)).toEqual([
      {
        'updatekate.dev/update': anUpdate().name,
        'kubernetes.io/change-cause': expect.stringContaining('shop:1.1.0') as unknown,
        [key]: `approved_by: |
  Username: bjhaid, Fullname: Ayodele, Email: bjhaid@oga.com
slack:
  approvers:
  - '@bjhaid'
  channel: '#testoga'
`,
      },
    ]);
  });

  test('finds the annotation of the first system under the key that is configured, and only there', async () => {
    const moved = { ...annotationsOnly, legacyKey: 'acme.example/gate' };
    const { cluster, result } = deliver(
      aWorkload({ annotations: { ...policy, 'acme.example/gate': value, [key]: value } }),
      voted([yes]),
      moved,
    );

    expect(await result).toMatchObject({ kind: 'delivered' });
    const written = Object.keys(cluster.patches[0]?.annotations ?? {});
    expect(written).toContain('acme.example/gate');
    expect(written).not.toContain(key);
  });

  test('writes no such annotation where there is none', async () => {
    const { cluster, result } = deliver(aWorkload(), voted([yes]));

    expect(await result).toMatchObject({ kind: 'delivered' });
    expect(Object.keys(cluster.patches[0]?.annotations ?? {})).toEqual([
      'updatekate.dev/update',
      'kubernetes.io/change-cause',
    ]);
  });

  test.each<[string, readonly Vote[]]>([
    ['nobody has approved', []],
    ['somebody has said no', [yes, { ...yes, vote: 'reject' }]],
  ])('touches nothing when %s', async (_what, given) => {
    const { cluster, result } = deliver(legacy, voted(given));

    expect((await result).kind).not.toBe('delivered');
    expect(cluster.patches).toHaveLength(0);
  });

  const [move] = anUpdate().moves;
  const other = move && { ...move, container: 'job', to: 'quay.io/acme/shop:1.1.0' };
  const job = { name: 'job', image: 'quay.io/acme/shop:1.0.0', init: false };
  const [app] = aWorkload().containers;
  const two = move && other ? [move, other] : [];
  test.each<[string, Partial<Workload>, Update]>([
    [
      'one of two containers has it already',
      { containers: app ? [app, { ...job, image: 'quay.io/acme/shop:1.1.0' }] : [] },
      voted([yes], anUpdate({ moves: two })),
    ],
    ['one of two containers is gone', {}, voted([yes], anUpdate({ moves: two }))],
    [
      'the record says another image than was approved',
      {},
      { ...voted([yes], anUpdate({ moves: [] })), moves: anUpdate().moves },
    ],
    [
      'the record has a digest that was not approved',
      {},
      { ...voted([yes]), digest: `sha256:${'a'.repeat(64)}` },
    ],
  ])('touches nothing when %s: that is not what was approved', async (_what, different, update) => {
    const { cluster, result } = deliver(aWorkload(different), update);

    expect(await result).toMatchObject({ kind: 'obsolete', reason: 'not-as-approved' });
    expect(cluster.patches).toHaveLength(0);
  });

  test('delivers what was approved from whatever runs now', async () => {
    const { cluster, result } = deliver(withImage('quay.io/acme/shop:1.0.5'), voted([yes]));

    expect(await result).toMatchObject({ kind: 'delivered', moves: [{ from: 'quay.io/acme/shop:1.0.5' }] });
    expect(cluster.patches).toHaveLength(1);
  });

  test.each([
    ['our annotations', { ...policy, 'updatekate.dev/approvers': 'rbac' }, annotationsOnly],
    ['the first system', { ...policy, [key]: value }, annotationsOnly],
    [
      'its environment',
      policy,
      { ...annotationsOnly, defaultsFor: () => ({ votes: 1, approvers: ['rbac'] }) },
    ],
  ])(
    'refuses an update that nobody was asked about when %s ask for approvals by now',
    async (_what, annotations, approvals) => {
      const { cluster, result } = deliver(aWorkload({ annotations }), anUpdate(), approvals);

      expect(await result).toEqual({
        ...{ kind: 'refused', reason: 'not-approved' },
        message: 'approval has been asked for since this update was taken up: push the tag again',
      });
      expect(cluster.patches).toHaveLength(0);
    },
  );
});
