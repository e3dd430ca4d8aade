import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { enter } from '../../src/core/update.ts';
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
  test('is posted once, with what people decide by', async () => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate();

    const result = await requester.tell(update, 'update.awaiting-approval', signal);

    const [message] = slack.messages();
    expect(result).toEqual({ kind: 'sent' });
    expect(slack.messages()).toHaveLength(1);
    expect(message).toMatchObject({
      channel: 'C0DEPLOY1',
      metadata: {
        event_type: 'updatekate_update',
        event_payload: { name: update.name, hash: update.approval?.hash, channel: 'C0DEPLOY1', people: [] },
      },
    });
    for (const part of [
      ...['quay.io/acme/shop:1.0.0', 'quay.io/acme/shop:1.1.0', '`default`', '`shop`', '`app`'],
      ...['<@U0ADA0001>', '2026-01-01T01:00:00.000Z', 'updatekate_approve', 'updatekate_reject'],
      `https://kate.acme.example/updates/${update.name}`,
    ])
      expect(wordsOf(message?.blocks)).toContain(part);
  });

  test('is found again after a crash between the post and the record, and not posted twice', async () => {
    const update = anAskedUpdate();
    slack.fail('chat.postMessage', { kind: 'cut-after' });

    const first = await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);
    const second = await slackParts(slack).requester.tell(update, 'update.awaiting-approval', signal);

    expect(first).toMatchObject({ kind: 'failed' });
    expect(second).toEqual({ kind: 'sent' });
    expect(slack.messages()).toHaveLength(1);
    expect(slack.messages()[0]?.editedTs).toBeDefined();
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

  test.each([
    ['update.approved', voted(anAskedUpdate()), 'approved by Ada Lovelace'],
    [
      'update.rejected',
      voted(anAskedUpdate(), aVote({ vote: 'reject', reason: 'not <!here>' })),
      'rejected by Ada Lovelace: not &lt;!here&gt;',
    ],
    [
      'update.expired',
      enter(anAskedUpdate(), 'Expired', askedAt, { reason: 'not-approved', message: '0 of 1' }),
      'not approved in time',
    ],
    [
      'update.superseded',
      enter(anAskedUpdate(), 'Superseded', askedAt, {
        reason: 'newer-update',
        message: 'superseded by up-2',
      }),
      'superseded by up-2',
    ],
  ] as const)('is edited to the outcome: %s', async (event, after, words) => {
    const { requester } = slackParts(slack);
    await requester.tell(anAskedUpdate(), 'update.awaiting-approval', signal);

    const result = await requester.tell(after, event, signal);

    expect(result).toEqual({ kind: 'sent' });
    expect(slack.messages()).toHaveLength(1);
    expect(wordsOf(slack.messages()[0]?.blocks)).toContain(words);
    expect(wordsOf(slack.messages()[0]?.blocks)).not.toContain('"actions"');
    expect(slack.messages()[0]?.metadata).toBeDefined();
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

  test('shows how many have approved, and keeps its buttons', async () => {
    const { requester } = slackParts(slack);
    const update = anAskedUpdate({ votes: 2, approvers: ['ops'] });
    await requester.tell(update, 'update.awaiting-approval', signal);

    await requester.tell(voted(update), 'update.awaiting-approval', signal);

    expect(wordsOf(slack.messages()[0]?.blocks)).toContain('1 of 2 approvals');
    expect(wordsOf(slack.messages()[0]?.blocks)).toContain('"actions"');
  });

  test('is not posted for what is over before anybody was asked', async () => {
    const { requester } = slackParts(slack);
    const over = enter(anAskedUpdate(), 'Superseded', askedAt, { reason: 'newer-update' });

    const asked = await requester.tell(over, 'update.awaiting-approval', signal);
    const ended = await requester.tell(over, 'update.superseded', signal);

    expect([asked, ended]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(slack.messages()).toEqual([]);
  });

  test('says nothing of an update that nobody was asked about', async () => {
    const { requester } = slackParts(slack);

    const result = await requester.tell(
      { ...anAskedUpdate(), approval: undefined },
      'update.succeeded',
      signal,
    );

    expect(result).toEqual({ kind: 'sent' });
    expect(slack.workspace.calls).toEqual([]);
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

  test('goes where the first system’s annotation says', async () => {
    const { requester } = slackParts(slack);

    await requester.tell(anAskedUpdate({ channel: 'other' }), 'update.awaiting-approval', signal);

    expect(slack.messages()).toMatchObject([{ channel: 'C0OTHER01' }]);
  });
});

describe('approvers by handle', () => {
  test('are held on to by id; names that people give themselves count for nothing', async () => {
    const { requester, log } = slackParts(slack);
    slack.workspace.users.push({ id: 'U0EVIL001', name: 'evil', displayName: 'ada', realName: 'ada' });

    await requester.tell(
      anAskedUpdate({ approvers: ['@ada', '@ops', '@Bob Babbage'] }),
      'update.awaiting-approval',
      signal,
    );

    const [message] = slack.messages();
    expect(message?.metadata?.event_payload.people).toEqual([{ name: '@ada', id: 'U0ADA0001' }]);
    expect(wordsOf(message?.blocks)).toContain('<@U0ADA0001>, <!subteam^S0OPS0001>, @Bob Babbage');
    expect(wordsOf(message?.blocks)).toContain('stand for nobody, or for more than one: `@Bob Babbage`');
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { approvers: ['@Bob Babbage'] } }]);
  });

  test('that two people have stand for neither', async () => {
    const { requester } = slackParts(slack);
    slack.workspace.users.push({ id: 'U0ADA0002', name: 'ada' });

    await requester.tell(anAskedUpdate({ approvers: ['@ada'] }), 'update.awaiting-approval', signal);

    expect(slack.messages()[0]?.metadata?.event_payload.people).toEqual([]);
    expect(wordsOf(slack.messages()[0]?.blocks)).toContain('stand for nobody, or for more than one: `@ada`');
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

  test('the pace: waits as long as it is told', async () => {
    slack.fail('chat.postMessage', { kind: 'rate-limited', retryAfterSeconds: 30 });

    const result = await tell();

    expect(result).toMatchObject({ kind: 'failed', retryAfterMs: 30_000 });
    expect(slack.count('chat.postMessage')).toBe(1);
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

  test('a stop is no failure of the request', async () => {
    slack.fail('conversations.history', { kind: 'silence' });
    const stop = new AbortController();
    const told = slackParts(slack).requester.tell(asked, 'update.awaiting-approval', stop.signal);
    stop.abort();

    await expect(told).rejects.toThrow();
  });
});
