import { describe, expect, test } from '@jest/globals';
import { annotationsOnly } from '../../src/core/approval-rules.ts';
import type { Ballot } from '../../src/core/ballot.ts';
import { AppError } from '../../src/core/errors.ts';
import type { AnnouncementResult, Receiver } from '../../src/core/ports.ts';
import type { Update } from '../../src/core/update.ts';
import type { FlowContext } from '../../src/flows/context.ts';
import { castVote, type VoteResult } from '../../src/flows/vote.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createHarness, type Harness, type HarnessOptions } from '../support/harness.ts';
import { aBallot, aVoter } from '../support/voters.ts';

const image = 'quay.io/acme/shop:1.1.0';
const dayMs = 86_400_000;

function guarded(annotations: Readonly<Record<string, string>> = {}) {
  return aWorkload({
    annotations: {
      'updatekate.dev/policy': 'semver',
      'updatekate.dev/approvals': '2',
      'updatekate.dev/approvers': 'ann@acme.example, bob@acme.example, eve@acme.example',
      ...annotations,
    },
  });
}

/** A workload that asks for two approvals, and an update of it that waits for them. */
async function waiting(options: HarnessOptions = {}) {
  const harness = createHarness({ workloads: [guarded()], ...options });
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  const [name = ''] = updates;
  return { harness, name, vote: voting(harness, name) };
}

function voting(harness: Harness, name: string) {
  return async (who: string, different: Partial<Ballot> = {}): Promise<VoteResult> => {
    const result = await castVote(
      { ...harness.context, wake: harness.reconciler.wake },
      name,
      aBallot(await recordOf(harness, name), who, different),
    );
    await harness.settle();
    return result;
  };
}

async function recordOf({ context }: Harness, name: string): Promise<Update> {
  const stored = await context.store.get(name);
  if (!stored) throw new Error(`no ${name}`);
  return stored.update;
}

const typesOf = ({ told }: Harness) => told.map(({ type }) => type);

describe('a workload that asks for approvals', () => {
  test('is not touched before as many people as it wants have approved, and is then', async () => {
    const { harness, name, vote } = await waiting();
    expect(await recordOf(harness, name)).toMatchObject({
      phase: 'AwaitingApproval',
      reason: 'approval',
      approval: { votes: 2, given: [], deadlineAt: '2026-01-02T00:00:00.000Z' },
    });

    const first = await vote('ann');
    expect([first.kind, harness.cluster.patches.length]).toEqual(['counted', 0]);
    const second = await vote('bob');
    expect(second).toMatchObject({ kind: 'counted', state: 'approved' });
    expect(harness.cluster.get(keyOf()).containers[0]?.image).toBe(image);
    harness.cluster.converge(keyOf());
    await harness.settle();

    const record = await recordOf(harness, name);
    expect(record.history.map(({ phase }) => phase)).toEqual([
      'Pending',
      'AwaitingApproval',
      'Delivering',
      'RollingOut',
      'Succeeded',
    ]);
    expect(record.approval?.given.map(({ by, via }) => [by.id, via])).toEqual([
      ['ann@acme.example', 'api'],
      ['bob@acme.example', 'api'],
    ]);
    expect(typesOf(harness)).toEqual(['update.awaiting-approval', 'update.approved', 'update.succeeded']);
    expect(harness.told.at(-1)?.approvedBy).toEqual(['ann@acme.example', 'bob@acme.example']);
  });

  test('says who is asked, for what and until when, in one line and in the event', async () => {
    const { harness, name } = await waiting();

    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'info',
        message: 'update awaits approval',
        fields: expect.objectContaining({
          update: name,
          votes: 2,
          approvers: ['ann@acme.example', 'bob@acme.example', 'eve@acme.example'],
          deadlineAt: '2026-01-02T00:00:00.000Z',
        }) as unknown,
      }),
    );
    expect(harness.told).toMatchObject([
      {
        ...{ type: 'update.awaiting-approval', status: 'awaiting-approval', image },
        approval: { votes: 2, given: [], deadlineAt: '2026-01-02T00:00:00.000Z' },
      },
    ]);
  });

  test('one that asks for none has no gate, and is told nothing of one', async () => {
    const harness = createHarness({ workloads: [guarded({ 'updatekate.dev/approvals': '0' })] });

    const { updates } = await harness.push('1.1.0');
    await harness.settle();

    expect(await recordOf(harness, updates[0] ?? '')).toMatchObject({ phase: 'RollingOut' });
    expect(typesOf(harness)).toEqual([]);
  });

  test('one that asks for none is no matter of whoever asks people', async () => {
    const asks: Receiver = {
      name: 'asks',
      takes: (_event, { approval }) => approval !== undefined,
      tell: () => Promise.resolve({ kind: 'sent' }),
    };
    const around = (context: FlowContext) => ({ ...context, receivers: [asks] });
    const { harness, name } = await waiting({ workloads: [aWorkload()], around });
    harness.cluster.converge(keyOf());
    await harness.settle();

    expect(await recordOf(harness, name)).toMatchObject({ phase: 'Succeeded', announcements: [] });
  });

  test('shows how far it has come where that is wanted, also when a vote comes while it is being shown', async () => {
    const shown: number[] = [];
    const slow = Promise.withResolvers<AnnouncementResult>();
    const follows: Receiver = {
      name: 'follows',
      followsVotes: true,
      tell(update) {
        shown.push(update.approval?.given.length ?? -1);
        return shown.length === 1 ? slow.promise : Promise.resolve({ kind: 'sent' });
      },
    };
    const around = (context: FlowContext) => ({ ...context, receivers: [...context.receivers, follows] });
    const { harness, name, vote } = await waiting({ around });
    await harness.clock.advance(1000);

    await vote('ann');
    slow.resolve({ kind: 'sent' });
    await harness.settle();

    expect(shown).toEqual([0, 1]);
    expect(typesOf(harness)).toEqual(['update.awaiting-approval']);
    expect((await recordOf(harness, name)).announcements).toMatchObject([
      { receiver: 'webhook', state: 'sent' },
      { receiver: 'follows', event: 'update.awaiting-approval', state: 'sent' },
    ]);
  });
});

describe('a rejection', () => {
  test('is the end at once, whoever has approved before', async () => {
    const { harness, name, vote } = await waiting();
    await vote('ann');

    const result = await vote('bob', { vote: 'reject', reason: 'not on a Friday' });

    expect(result).toMatchObject({ kind: 'counted', state: 'rejected' });
    expect(await recordOf(harness, name)).toMatchObject({
      phase: 'Rejected',
      message: 'rejected by bob: not on a Friday',
    });
    expect(harness.cluster.patches).toEqual([]);
    expect(typesOf(harness)).toEqual(['update.awaiting-approval', 'update.rejected']);
    expect(await vote('eve')).toMatchObject({ kind: 'refused', reason: 'decided' });
  });

  test('holds for the image: pushed again it is not put to the vote again', async () => {
    const { harness, vote, name } = await waiting();
    await vote('ann', { vote: 'reject' });

    const again = await harness.push('1.1.0');
    await harness.settle();

    expect(again.decisions).toMatchObject([{ verdict: 'skip', reason: 'already-recorded' }]);
    expect((await recordOf(harness, name)).phase).toBe('Rejected');
    expect(harness.cluster.patches).toEqual([]);
  });

  test('holds under a policy that follows a tag, where other ends are recorded again', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const workload = aWorkload({
      ...guarded({ 'updatekate.dev/policy': 'digest' }),
      containers: [{ name: 'app', image: 'quay.io/acme/shop:stable', init: false }],
    });
    const harness = createHarness({ workloads: [workload] });
    const push = () => harness.pushAll([{ repository: 'quay.io/acme/shop', tag: 'stable', digest }]);
    const { updates } = await push();
    await harness.settle();
    await voting(harness, updates[0] ?? '')('ann', { vote: 'reject' });

    const again = await push();
    await harness.settle();

    expect(again.updates).toEqual([]);
    expect(await harness.context.store.open(keyOf())).toEqual([]);
  });
});

describe('whoever pushed', () => {
  const pushed = { repository: 'quay.io/acme/shop', tag: '1.1.0', digest: null, pushedBy: 'Ann' };

  /** An update that waits, pushed by Ann: where it may be so, she may approve it herself. */
  async function pushedByAnn(requesterMayApprove?: boolean) {
    const defaults = requesterMayApprove === undefined ? {} : { requesterMayApprove };
    const approvals = { ...annotationsOnly, defaultsFor: () => defaults };
    const harness = createHarness({
      workloads: [guarded()],
      around: (context) => ({ ...context, approvals }),
    });
    const [name = ''] = (await harness.pushAll([pushed])).updates;
    await harness.settle();
    return { harness, name, vote: voting(harness, name) };
  }

  test('is known from the push on, and is no second approver of it', async () => {
    const { harness, name, vote } = await pushedByAnn();
    expect(await recordOf(harness, name)).toMatchObject({ pushedBy: 'Ann', approval: { requester: 'Ann' } });
    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({
        message: 'update awaits approval',
        fields: expect.objectContaining({ requester: 'Ann' }) as unknown,
      }),
    );

    expect(await vote('ann')).toMatchObject({ kind: 'refused', reason: 'own-request' });
    await vote('bob');
    expect(await vote('ann')).toMatchObject({ kind: 'refused', reason: 'own-request' });
    expect(harness.cluster.patches).toEqual([]);
    await vote('eve');

    expect(harness.cluster.patches).toHaveLength(1);
    expect(harness.told.at(-1)?.approvedBy).toEqual(['bob@acme.example', 'eve@acme.example']);
  });

  test('may say no', async () => {
    const { harness, name, vote } = await pushedByAnn();

    expect(await vote('ann', { vote: 'reject' })).toMatchObject({ kind: 'counted', state: 'rejected' });
    expect((await recordOf(harness, name)).phase).toBe('Rejected');
  });

  test('counts where the environment says that he may', async () => {
    const { harness, vote } = await pushedByAnn(true);

    expect(await vote('ann')).toMatchObject({ kind: 'counted' });
    await vote('bob');

    expect(harness.cluster.patches).toHaveLength(1);
  });

  test('stays who pushed first, when the same is pushed again while people decide', async () => {
    const { harness, name, vote } = await pushedByAnn();

    const { updates } = await harness.pushAll([{ ...pushed, pushedBy: 'bob' }]);
    await harness.settle();

    expect(updates).toEqual([name]);
    expect(await vote('ann')).toMatchObject({ kind: 'refused', reason: 'own-request' });
    expect(await vote('bob')).toMatchObject({ kind: 'counted' });
  });
});

describe('the deadline', () => {
  test('ends the update to the millisecond, and is told', async () => {
    const { harness, name, vote } = await waiting();
    await vote('ann');

    await harness.clock.advance(dayMs - 1);
    expect((await recordOf(harness, name)).phase).toBe('AwaitingApproval');
    await harness.clock.advance(1);

    expect(await recordOf(harness, name)).toMatchObject({
      phase: 'Expired',
      reason: 'not-approved',
      message: '1 of 2 approvals, until 2026-01-02T00:00:00.000Z',
    });
    expect(await vote('bob')).toMatchObject({ kind: 'refused', reason: 'expired' });
    expect(typesOf(harness)).toEqual(['update.awaiting-approval', 'update.expired']);
  });

  test('that is further away than a timer reaches is kept all the same', async () => {
    const workloads = [guarded({ 'updatekate.dev/approval-deadline': '30d' })];
    const { harness, name } = await waiting({ workloads });

    await harness.clock.advance(30 * dayMs - 1);
    expect((await recordOf(harness, name)).phase).toBe('AwaitingApproval');
    await harness.clock.advance(1);

    expect((await recordOf(harness, name)).phase).toBe('Expired');
  });
});

describe('a newer push', () => {
  test('takes the place of the one that waits: its votes are for nothing, and that is told', async () => {
    const { harness, name, vote } = await waiting();
    await vote('ann');

    const newer = await harness.push('1.2.0');
    await harness.settle();

    expect(await recordOf(harness, name)).toMatchObject({ phase: 'Superseded', reason: 'newer-update' });
    expect(await vote('bob')).toMatchObject({ kind: 'refused', reason: 'superseded' });
    expect((await recordOf(harness, newer.updates[0] ?? '')).approval?.given).toEqual([]);
    expect(typesOf(harness)).toEqual([
      'update.awaiting-approval',
      'update.superseded',
      'update.awaiting-approval',
    ]);
  });

  test('that took its place without an answer from the store is told all the same', async () => {
    let unanswered = 1;
    const around = (context: FlowContext): FlowContext => ({
      ...context,
      store: {
        ...context.store,
        async replace(update, revision) {
          const next = await context.store.replace(update, revision);
          if (update.phase === 'Superseded' && unanswered-- > 0)
            throw new AppError('timeout', 'the answer of the store was lost');
          return next;
        },
      },
    });
    const { harness, name } = await waiting({ around });

    await harness.push('1.2.0');
    await harness.settle();

    expect(await recordOf(harness, name)).toMatchObject({ phase: 'Superseded' });
    expect(typesOf(harness)).toContain('update.superseded');
  });

  test('takes its place also while another update is being followed', async () => {
    const { harness, vote } = await waiting();
    await vote('ann');
    await vote('bob');
    const [second] = (await harness.push('1.2.0')).updates;
    await harness.settle();
    const [third] = (await harness.push('1.3.0')).updates;
    await harness.settle();

    const phases = await Promise.all([second, third].map((name) => recordOf(harness, name ?? '')));

    expect(phases.map(({ phase }) => phase)).toEqual(['Superseded', 'AwaitingApproval']);
  });
});

describe('two updates of one workload', () => {
  const two = aWorkload({
    ...guarded(),
    containers: [
      { name: 'app', image: 'quay.io/acme/shop:1.0.0', init: false },
      { name: 'side', image: 'quay.io/acme/side:1.0.0', init: false },
    ],
  });

  test('that wait for people do not hold up each other, and are delivered one after the other', async () => {
    const harness = createHarness({ workloads: [two] });
    const push = (repository: string) => harness.pushAll([{ repository, tag: '1.1.0', digest: null }]);
    const [first = ''] = (await push('quay.io/acme/shop')).updates;
    const [second = ''] = (await push('quay.io/acme/side')).updates;
    await harness.settle();

    await voting(harness, second)('ann');
    await voting(harness, second)('bob');
    expect(harness.cluster.patches.map(({ moves }) => moves[0]?.container)).toEqual(['side']);
    await voting(harness, first)('ann');
    await voting(harness, first)('bob');
    expect(harness.cluster.patches).toHaveLength(1);
    harness.cluster.converge(keyOf());
    await harness.settle();

    expect(harness.cluster.patches.map(({ moves }) => moves[0]?.container)).toEqual(['side', 'app']);
  });

  test('that are released in the same moment are delivered one after the other', async () => {
    const harness = createHarness({ workloads: [two] });
    const push = (repository: string) => harness.pushAll([{ repository, tag: '1.1.0', digest: null }]);
    const names = [await push('quay.io/acme/shop'), await push('quay.io/acme/side')].map(
      ({ updates }) => updates[0] ?? '',
    );
    await harness.settle();
    for (const name of names) await voting(harness, name)('ann');

    const context = { ...harness.context, wake: harness.reconciler.wake };
    const ballots = await Promise.all(
      names.map(async (name) => [name, aBallot(await recordOf(harness, name), 'bob')] as const),
    );
    await Promise.all(ballots.map(([name, ballot]) => castVote(context, name, ballot)));
    await harness.settle();

    const records = await Promise.all(names.map((name) => recordOf(harness, name)));
    expect(records.map(({ phase }) => phase)).toEqual(['RollingOut', 'AwaitingApproval']);
    expect(harness.cluster.patches).toHaveLength(1);
  });
});

describe('what changes while people decide', () => {
  test('a policy that is taken away leaves nothing to deliver, whatever they say', async () => {
    const { harness, name, vote } = await waiting();
    harness.cluster.put(guarded({ 'updatekate.dev/policy': 'none' }));
    await vote('ann');
    await vote('bob');

    expect((await recordOf(harness, name)).phase).toBe('Superseded');
    expect(harness.cluster.patches).toEqual([]);
  });

  test('approvals that are asked for after the update was taken up are not passed over', async () => {
    const harness = createHarness({ workloads: [aWorkload()] });
    harness.cluster.put(guarded(), true);

    const { updates } = await harness.push('1.1.0');
    await harness.settle();

    expect(await recordOf(harness, updates[0] ?? '')).toMatchObject({
      phase: 'Failed',
      reason: 'not-approved',
    });
    expect(harness.cluster.patches).toEqual([]);
  });

  test('annotations that cannot be obeyed any more are no reason to let it through', async () => {
    const harness = createHarness({ workloads: [guarded()] });
    const { updates } = await harness.push('1.1.0');
    harness.cluster.put(guarded({ 'updatekate.dev/approvals': 'two' }));
    await harness.settle();

    expect(await recordOf(harness, updates[0] ?? '')).toMatchObject({
      phase: 'Failed',
      reason: 'approval-unclear',
      message: 'annotation updatekate.dev/approvals: "two" is no number from 0 to 20',
    });
  });

  test('a workload that is gone is said to be gone', async () => {
    const harness = createHarness({ workloads: [guarded()] });
    const { updates } = await harness.push('1.1.0');
    harness.cluster.remove(keyOf());
    await harness.settle();

    expect(await recordOf(harness, updates[0] ?? '')).toMatchObject({ phase: 'Failed', reason: 'not-found' });
  });
});

describe('a vote', () => {
  test('of a stranger, of the same person again, or for something else does not count, and is counted as such', async () => {
    const { harness, name, vote } = await waiting();
    await vote('ann');

    const refused = [await vote('mallory'), await vote('ann'), await vote('bob', { hash: 'another' })];

    expect(refused).toMatchObject([
      { kind: 'refused', reason: 'not-an-approver' },
      { kind: 'refused', reason: 'voted-already' },
      { kind: 'refused', reason: 'other-request' },
    ]);
    expect((await recordOf(harness, name)).approval?.given).toHaveLength(1);
    expect(harness.context.metrics).toMatchObject({
      counted: expect.arrayContaining(['vote:api:approve', 'vote:api:not-an-approver']) as unknown,
    });
    expect(harness.log.lines.filter(({ message }) => message === 'vote refused')).toHaveLength(3);
  });

  test('for nothing there is is answered so', async () => {
    const { harness } = await waiting();

    const result = await voting(harness, 'up-none')('ann').catch(() => 'no record to vote for');
    const direct = await castVote({ ...harness.context, wake: () => undefined }, 'up-none', {
      ...{ voter: aVoter('ann'), vote: 'approve', hash: '' },
    });

    expect(result).toBe('no record to vote for');
    expect(direct).toMatchObject({ kind: 'refused', reason: 'not-found' });
  });

  test('that comes at the same time as another is not lost', async () => {
    const { harness, vote } = await waiting();

    const results = await Promise.all([vote('ann'), vote('bob')]);

    expect(results.map(({ kind }) => kind)).toEqual(['counted', 'counted']);
    expect(harness.cluster.patches).toHaveLength(1);
  });

  test('past the approvers needs the right and a reason, releases alone, and is a warning', async () => {
    const { harness, vote } = await waiting();
    const voter = aVoter('root', { mayOverride: true });

    expect(await vote('root', { vote: 'override', reason: 'fire' })).toMatchObject({
      reason: 'override-not-allowed',
    });
    expect(await vote('root', { voter, vote: 'override' })).toMatchObject({ reason: 'reason-missing' });
    await vote('root', { voter, vote: 'override', reason: 'fire' });

    expect(harness.cluster.patches).toHaveLength(1);
    expect(harness.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'vote counted',
        fields: expect.objectContaining({ vote: 'override', reason: 'fire' }) as unknown,
      }),
    );
    expect(harness.told.at(-1)).toMatchObject({ type: 'update.approved', approvedBy: ['root@acme.example'] });
  });

  test('is an error when it cannot be written, and counts nowhere', async () => {
    const { harness, name } = await waiting();
    const { store } = harness.context;
    const away = { ...store, replace: () => Promise.reject(new Error('disk full')) };
    const ballot = aBallot(await recordOf(harness, name), 'ann');

    const voted = castVote({ ...harness.context, store: away, wake: () => undefined }, name, ballot);

    await expect(voted).rejects.toThrow('disk full');
    expect((await recordOf(harness, name)).approval?.given).toEqual([]);
  });
});

test('a process that starts again goes on waiting, asks nobody twice, and keeps the deadline', async () => {
  const { harness, name } = await waiting();
  const successor = createHarness({ store: harness.context.store, cluster: harness.cluster });
  await harness.reconciler.stop();

  await successor.reconciler.resume();
  await successor.settle();
  expect(typesOf(successor)).toEqual([]);
  await successor.clock.advance(dayMs);

  expect((await recordOf(successor, name)).phase).toBe('Expired');
});

test("the first system's annotation asks its approvers, and is told who approved", async () => {
  const key = 'initializer.kubernetes.io/oga';
  const annotations = {
    'updatekate.dev/policy': 'semver',
    [key]: 'slack:\n  channel: "#testoga"\n  approvers: ["@bjhaid"]\n',
  };
  const { harness, name, vote } = await waiting({ workloads: [aWorkload({ annotations })] });
  expect((await recordOf(harness, name)).approval).toMatchObject({
    ...{ votes: 1, approvers: ['@bjhaid'], channel: 'testoga' },
  });

  const person = { id: 'bjhaid@oga.com', name: 'bjhaid', fullName: 'Ayodele', email: 'bjhaid@oga.com' };
  await vote('bjhaid', { voter: aVoter('bjhaid', { person, names: ['@bjhaid'] }) });

  expect(harness.cluster.patches[0]?.annotations[key]).toBe(
    "approved_by: |\n  Username: bjhaid, Fullname: Ayodele, Email: bjhaid@oga.com\nslack:\n  approvers:\n  - '@bjhaid'\n  channel: '#testoga'\n",
  );
});
