import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { metadataOf } from '../../../src/lib/slack/posted.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';
import type { FakeMessage } from '../../support/fake-slack/workspace.ts';
import { slackParts, type SlackParts } from '../../support/slack-parts.ts';

const { signal } = new AbortController();
const channel = 'C0DEPLOY1';
const update = { name: 'up-1', createdAt: '2026-01-01T00:00:00Z' };
const request = { channel, update: 'up-1', hash: 'h', people: [{ name: '@ada', id: 'U0ADA0001' }] };
let slack: FakeSlack;
let parts: SlackParts;
beforeEach(async () => {
  slack = await startFakeSlack();
  parts = slackParts(slack);
});
afterEach(() => slack.close());

/** A message in the channel: our request, but for what is different. */
function posts(different: Partial<FakeMessage> = {}): FakeMessage {
  const { workspace } = slack;
  const ours = { channel, ts: workspace.nextTs(), botId: workspace.botId, text: '' };
  const message = { ...ours, metadata: metadataOf(request), ...different } as FakeMessage;
  workspace.messages.push(message);
  return message;
}

describe('a request of ours', () => {
  test('is what our bot wrote with our metadata, where it wrote it', async () => {
    const { ts } = posts();

    const expected = { ...request, ts };
    expect(await parts.posted.at(channel, ts, signal)).toEqual(expected);
    expect(await parts.posted.of(channel, update, signal)).toEqual(expected);
  });

  test.each<[string, Partial<FakeMessage>]>([
    ['by another app', { botId: 'B0EVIL001' }],
    ['of another kind', { metadata: { ...metadataOf(request), event_type: 'updatekate_result' } }],
    ['copied from another channel', { metadata: metadataOf({ ...request, channel: 'C0OTHER01' }) }],
    ['with half its metadata', { metadata: { event_type: 'updatekate_update', event_payload: {} } }],
  ])('is none %s', async (_, different) => {
    const { ts } = posts(different);

    expect(await parts.posted.at(channel, ts, signal)).toBeUndefined();
    expect(await parts.posted.of(channel, update, signal)).toBeUndefined();
  });

  test('is none where a person typed, whatever else Slack shows there', async () => {
    const ts = slack.workspace.nextTs();
    slack.workspace.messages.push({ channel, ts, user: 'U0ADA0001', text: 'approve default/shop' });

    expect(await parts.posted.at(channel, ts, signal)).toBeUndefined();
  });

  test.each(['', '1', 'x', '1.1 ', '1767225600.000000,1', '99999999999999.1'])(
    'is not looked for at %j, which is no message',
    async (ts) => {
      expect(await parts.posted.at(channel, ts, signal)).toBeUndefined();
      expect(slack.workspace.calls).toEqual([]);
    },
  );

  test('is searched for once, until it is forgotten', async () => {
    posts();
    const found = await parts.posted.of(channel, update, signal);
    await parts.posted.of(channel, update, signal);
    const before = slack.count('conversations.history');
    slack.workspace.messages = [];
    if (found) parts.posted.forget(found);

    expect(before).toBe(1);
    expect(await parts.posted.of(channel, update, signal)).toBeUndefined();
  });
});
