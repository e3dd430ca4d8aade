import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventType } from '../../src/core/announcement.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';
import { anAskedUpdate, askedAt, aVote, slackParts, voted } from '../support/slack-parts.ts';

const { signal } = new AbortController();
let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
});
afterEach(() => slack.close());

/** Everything that a message says. */
const wordsOf = (message: unknown): string => JSON.stringify(message);

describe('a request in Slack', () => {
  test('says by its metadata what it is, calls up who may approve, and leads to more', async () => {
    const update = anAskedUpdate();

    await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);

    const [message] = slack.messages();
    expect(message).toMatchObject({
      channel: 'C0DEPLOY1',
      metadata: {
        event_type: 'updatekate_update',
        event_payload: { name: update.name, hash: update.approval?.hash, channel: 'C0DEPLOY1', people: [] },
      },
    });
    for (const part of [
      ...['<@U0ADA0001>', 'updatekate_approve', 'updatekate_reject'],
      `https://kate.acme.example/updates/${update.name}`,
    ])
      expect(wordsOf(message?.blocks)).toContain(part);
  });

  test('is found again after every restart, and after a crash before it was written down; none is posted twice', async () => {
    const updates = ['a', 'b', 'c'].map((name) => anAskedUpdate({ votes: 2 }, { name: `up-${name}` }));
    const tellAll = async (event: EventType, change = (update: Update): Update => update) => {
      // A process of its own: it remembers nothing.
      const { requester } = slackParts(slack);
      for (const update of updates) await requester.tell(change(update), event, signal);
    };
    slack.fail('chat.postMessage', { kind: 'cut-after' });

    await tellAll('update.awaiting-approval');
    await tellAll('update.awaiting-approval', (update) => voted(update));
    await tellAll('update.rejected', (update) =>
      voted(update, aVote({ vote: 'reject', reason: update.name })),
    );

    expect(slack.messages().map(({ metadata }) => metadata?.event_payload.name)).toEqual([
      ...['up-a', 'up-b', 'up-c'],
    ]);
    slack.messages().forEach((message, n) => {
      expect(wordsOf(message)).toContain(`rejected by Ada Lovelace: up-${'abc'[n]}`);
    });
    expect(slack.count('chat.postMessage')).toBe(3);
  });

  test('is found behind hundreds of other messages', async () => {
    const update = anAskedUpdate();
    await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);
    for (let n = 0; n < 450; n++)
      slack.workspace.messages.push({
        channel: 'C0DEPLOY1',
        ts: slack.workspace.nextTs(),
        user: 'U0BOB0001',
        text: 'hi',
      });

    await slackParts(slack).requester.tell(
      voted(update, aVote({ vote: 'reject' })),
      'update.rejected',
      signal,
    );

    expect(slack.count('chat.postMessage')).toBe(1);
    expect(wordsOf(slack.messages()[0])).toContain('rejected by Ada Lovelace');
  });

  test('is not taken for ours when somebody else wrote the same metadata', async () => {
    const update = anAskedUpdate();
    await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);
    const [ours] = slack.messages();
    slack.workspace.messages = ours ? [{ ...ours, botId: 'B0EVIL001' }] : [];

    await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);

    expect(slack.count('chat.postMessage')).toBe(2);
    expect(slack.count('chat.update')).toBe(0);
  });

  test('gets the result of the rollout into its thread, once', async () => {
    const asked = anAskedUpdate();
    await slackParts(slack).requester.tell(asked, 'update.awaiting-approval', signal);
    const delivering = enter(voted(asked), 'Delivering', askedAt);
    const failed = enter(delivering, 'Failed', askedAt, {
      reason: 'ImagePullBackOff',
      message: 'no <image>',
    });

    await slackParts(slack).requester.tell(failed, 'update.failed', signal);
    await slackParts(slack).requester.tell(failed, 'update.failed', signal);

    const [request, ...thread] = slack.messages();
    expect(thread).toHaveLength(1);
    expect(thread[0]).toMatchObject({ threadTs: request?.ts });
    expect(wordsOf(thread[0]?.blocks)).toContain('`ImagePullBackOff` no &lt;image&gt;');
    expect(wordsOf(request?.blocks)).toContain('approved by Ada Lovelace');
  });

  test('is not posted for what is over before anybody was asked', async () => {
    const { requester } = slackParts(slack);
    const over = enter(anAskedUpdate(), 'Superseded', askedAt, { reason: 'newer-update' });

    const asked = await requester.tell(over, 'update.awaiting-approval', signal);
    const ended = await requester.tell(over, 'update.superseded', signal);

    expect([asked, ended]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(slack.messages()).toEqual([]);
  });

  test('is posted anew when somebody has deleted it', async () => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate();
    await requester.tell(update, 'update.awaiting-approval', signal);
    slack.workspace.messages = [];

    const first = await requester.tell(voted(update), 'update.approved', signal);
    const second = await requester.tell(voted(update), 'update.approved', signal);

    expect(first).toMatchObject({ kind: 'failed', message: expect.stringContaining('message_not_found') });
    expect(second).toEqual({ kind: 'sent' });
    expect(wordsOf(slack.messages()[0])).toContain('approved by Ada Lovelace');
  });

  test('is posted anew with its buttons when it was deleted while people vote', async () => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate({ votes: 2 });
    await requester.tell(update, 'update.awaiting-approval', signal);
    slack.workspace.messages = [];

    await requester.tell(voted(update), 'update.awaiting-approval', signal);
    await requester.tell(voted(update), 'update.awaiting-approval', signal);

    expect(slack.messages()).toHaveLength(1);
    expect(wordsOf(slack.messages()[0])).toContain('1 of 2 approvals');
    expect(wordsOf(slack.messages()[0])).toContain('"actions"');
  });

  test.each([
    ['removed from', { isMember: false }, 'not_in_channel): invite the app'],
    ['left in after it was archived', { isArchived: true }, 'is_inactive): the channel is archived'],
  ])('of a channel that the app was %s is edited as soon as that is mended', async (_, different, words) => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate();
    await requester.tell(update, 'update.awaiting-approval', signal);
    const channels = slack.workspace.channels;
    slack.workspace.channels = channels.map((channel) => ({ ...channel, ...different }));

    const refused = await requester.tell(voted(update), 'update.approved', signal);
    slack.workspace.channels = channels;
    const mended = await requester.tell(voted(update), 'update.approved', signal);

    expect(refused).toMatchObject({ kind: 'failed', message: expect.stringContaining(words) });
    expect(mended).toEqual({ kind: 'sent' });
    expect(slack.messages()).toHaveLength(1);
    expect(wordsOf(slack.messages()[0])).toContain('approved by Ada Lovelace');
  });

  test('is asked anew in the new channel of the name when the old one was archived', async () => {
    const { requester } = slackParts(slack);
    await requester.tell(anAskedUpdate(), 'update.awaiting-approval', signal);
    const old = slack.workspace.channels.find(({ id }) => id === 'C0DEPLOY1');
    const others = slack.workspace.channels.filter((channel) => channel !== old);
    const name = old?.name ?? '';
    slack.workspace.channels = [
      ...[...others, { id: 'C0DEPLOY1', name, isMember: true, isArchived: true }],
      { id: 'C0DEPLOY2', name, isMember: true },
    ];
    const next = anAskedUpdate({}, { name: 'up-next' });

    expect(await requester.tell(next, 'update.awaiting-approval', signal)).toMatchObject({ kind: 'failed' });
    expect(await requester.tell(next, 'update.awaiting-approval', signal)).toEqual({ kind: 'sent' });

    expect(slack.messages().map(({ channel }) => channel)).toEqual(['C0DEPLOY1', 'C0DEPLOY2']);
  });

  test('goes where the first system’s annotation says', async () => {
    const { requester } = slackParts(slack);

    await requester.tell(anAskedUpdate({ channel: 'other' }), 'update.awaiting-approval', signal);

    expect(slack.messages()).toMatchObject([{ channel: 'C0OTHER01' }]);
  });
});

describe('approvers by handle', () => {
  test('are held on to by id; names that people give themselves count for nothing', async () => {
    const { requester } = slackParts(slack);
    slack.workspace.users.push({ id: 'U0EVIL001', name: 'evil', displayName: 'ada', realName: 'ada' });

    const told = await requester.tell(
      anAskedUpdate({ approvers: ['@ada', '@ops', '@Bob Babbage'] }),
      'update.awaiting-approval',
      signal,
    );

    const [message] = slack.messages();
    expect(message?.metadata?.event_payload.people).toEqual([{ name: '@ada', id: 'U0ADA0001' }]);
    expect(wordsOf(message?.blocks)).toContain('<@U0ADA0001>, <!subteam^S0OPS0001>, @Bob Babbage');
    expect(wordsOf(message?.blocks)).toContain(
      'stand for nobody who could vote, or for more than one: `@Bob Babbage`',
    );
    expect(told).toEqual({ kind: 'sent', message: 'slack: nobody who could vote is @Bob Babbage' });
  });

  test('stay whose they were, in what is shown as in what counts', async () => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate({ votes: 2, approvers: ['@ada', '@nobody'] });
    await requester.tell(update, 'update.awaiting-approval', signal);
    slack.workspace.users = [
      { id: 'U0ADA0001', name: 'lovelace' },
      { id: 'U0EVIL001', name: 'ada' },
      { id: 'U0EVIL002', name: 'nobody' },
    ];

    await requester.tell(voted(update), 'update.awaiting-approval', signal);

    const [message] = slack.messages();
    expect(message?.metadata?.event_payload.people).toEqual([{ name: '@ada', id: 'U0ADA0001' }]);
    expect(wordsOf(message?.blocks)).toContain('<@U0ADA0001>, @nobody');
    expect(wordsOf(message?.blocks)).not.toContain('U0EVIL');
  });

  test('that two people have stand for neither', async () => {
    const { requester } = slackParts(slack);
    slack.workspace.users.push({ id: 'U0ADA0002', name: 'ada' });

    await requester.tell(anAskedUpdate({ approvers: ['@ada'] }), 'update.awaiting-approval', signal);

    expect(slack.messages()[0]?.metadata?.event_payload.people).toEqual([]);
    expect(wordsOf(slack.messages()[0]?.blocks)).toContain(
      'stand for nobody who could vote, or for more than one: `@ada`',
    );
  });
});

describe('when Slack refuses', () => {
  const asked = anAskedUpdate();
  const tell = () => slackParts(slack).requester.tell(asked, 'update.awaiting-approval', signal);

  test.each([
    ['an unknown channel', () => (slack.workspace.channels = []), 'there is no channel #deploys'],
    [
      'a channel it is not in',
      () => (slack.workspace.channels = [{ id: 'C0DEPLOY1', name: 'deploys' }]),
      '/invite @updatekate',
    ],
    ['a revoked token', () => (slack.workspace.botTokenProblem = 'token_revoked'), 'UK_SLACK_BOT_TOKEN'],
    ['a removed app', () => (slack.workspace.botTokenProblem = 'account_inactive'), 'the app was removed'],
    [
      'a missing scope',
      () => (slack.workspace.scopes = slack.workspace.scopes.filter((scope) => scope !== 'chat:write')),
      'add the scope chat:write',
    ],
    [
      'a scope for the history',
      () => (slack.workspace.scopes = slack.workspace.scopes.filter((scope) => scope !== 'channels:history')),
      'add the scope channels:history',
    ],
    [
      'a fault of its own',
      () => slack.fail('chat.postMessage', { kind: 'status', status: 503 }),
      'it answered 503',
    ],
  ])('%s: says what to do, and tries again later', async (_, change, words) => {
    change();

    const result = await tell();

    expect(result).toMatchObject({ kind: 'failed', message: expect.stringContaining(words) });
    expect(JSON.stringify(result)).not.toContain('canary');
    expect(slack.messages()).toEqual([]);
  });

  test.each([
    ...['conversations.list', 'auth.test', 'bots.info', 'conversations.history', 'usergroups.list'],
    ...['users.list', 'users.info', 'users.lookupByEmail', 'chat.update', 'conversations.replies'],
  ])('the pace at %s: waits as long as it is told, and then goes on', async (method) => {
    const approvers = ['ada@acme.example', 'U0BOB0001', '@ops', '@bob'];
    const update = voted(anAskedUpdate({ approvers }));
    const done = enter(
      enter(enter(update, 'Delivering', askedAt), 'RollingOut', askedAt),
      'Succeeded',
      askedAt,
    );
    const { requester } = slackParts(slack);
    const tellAll = async () => [
      await requester.tell(anAskedUpdate({ approvers, votes: 2 }), 'update.awaiting-approval', signal),
      await requester.tell(done, 'update.succeeded', signal),
    ];
    slack.fail(method, { kind: 'rate-limited', retryAfterSeconds: 30 });

    const first = await tellAll();
    const second = await tellAll();

    expect(first).toContainEqual({
      kind: 'failed',
      message: `slack: ${method} (ratelimited): wait 30 s`,
      retryAfterMs: 30_000,
    });
    expect(second).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(slack.messages()).toHaveLength(2);
  });

  test('to be there at all: says so', async () => {
    const gone = await startFakeSlack();
    await gone.close();
    const { requester } = slackParts(gone);

    const result = await requester.tell(anAskedUpdate(), 'update.awaiting-approval', signal);

    expect(result).toMatchObject({ kind: 'failed', message: expect.stringContaining('no answer') });
  });

  test('nothing, but no channel is set', async () => {
    const { requester } = slackParts(slack, { channel: undefined });

    const result = await requester.tell(anAskedUpdate(), 'update.awaiting-approval', signal);

    expect(result).toMatchObject({ kind: 'failed', message: expect.stringContaining('UK_SLACK_CHANNEL') });
  });
});
