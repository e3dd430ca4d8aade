import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Notice } from '../../src/core/notice.ts';
import { secretText } from '../../src/core/secret-text.ts';
import type { SlackClient } from '../../src/lib/slack/client.ts';
import { slack as slackModule } from '../../src/notifiers/slack.ts';
import { aMessage, sinkContract } from '../contract/sink.ts';
import { sinkAround } from '../support/sink-around.ts';
import { problemsIn } from '../support/sink-vendor.ts';
import { startSlackKit, type SlackKit } from './kits/slack.ts';

const { signal } = new AbortController();
const fixture: unknown = JSON.parse(
  readFileSync(new URL('../fixtures/notifiers/slack.json', import.meta.url), 'utf8'),
);
const failed = { id: 'up-1-failed', kind: 'update.failed', severity: 'error' } as const;

sinkContract('slack', () => startSlackKit());

describe('slack', () => {
  let kit: SlackKit;
  beforeEach(async () => {
    kit = await startSlackKit();
  });
  afterEach(() => kit.close());

  const send = (different: Partial<Notice> = {}, sink = kit.sink): Promise<void> =>
    sink.send(aMessage(different), signal);
  const say = (text: string): Promise<void> => kit.sink.send({ ...aMessage(), text }, signal);
  const threads = (): readonly (string | undefined)[] => kit.slack.messages().map(({ threadTs }) => threadTs);
  const posted = (): readonly unknown[] =>
    kit.slack.workspace.calls.filter(({ method }) => method === 'chat.postMessage').map(({ body }) => body);

  test('posts one message with blocks', async () => {
    await send();

    expect(posted()).toEqual([fixture]);
    expect(kit.shown()).toEqual([`🔵 ${aMessage().text}`]);
  });

  test.each([
    ['info', '🔵'],
    ['warning', '🟡'],
    ['error', '🔴'],
  ] as const)('marks %s with %s', async (severity, sign) => {
    await send({ severity });

    expect(kit.shown()[0]?.startsWith(`${sign} shop`)).toBe(true);
  });

  test.each([
    ['none', undefined],
    ['no URL', 'not a link'],
    ['another scheme', 'javascript:alert(1)'],
    ['a link with a bar', 'https://a.example/|x'],
    ['a very long one', `https://a.example/${'a'.repeat(500)}`],
  ])('links nowhere for %s', async (_, link) => {
    await send({ link });

    expect(kit.shown()).toHaveLength(1);
    expect(JSON.stringify(posted())).not.toContain('|Open');
  });

  test('keeps a long headline whole, below a short one', async () => {
    const headline = `${'&'.repeat(200)} end`;
    await say(`${headline}\ntail`);

    const [shown = ''] = kit.shown();
    expect(shown.split('\n').slice(1)).toEqual([headline, 'tail']);
    expect(shown.split('\n')[0]).toMatch(/^🔵 &{29}…$/u);
  });

  test('does not say a short headline twice that ends as if it were cut', async () => {
    await say('head…\ntail');

    expect(kit.shown()).toEqual(['🔵 head…\ntail']);
  });

  test('uses nearly all of the room, and says what is missing', async () => {
    await say(['head', ...Array.from({ length: 400 }, (_, n) => `${n} ${'"<🚢'.repeat(10)}`)].join('\n'));

    const size = JSON.stringify(kit.slack.messages()[0]?.blocks).length;
    expect(size).toBeGreaterThan(11_000);
    expect(size).toBeLessThan(13_000);
    expect(kit.shown()[0]?.endsWith('🚢\n…')).toBe(true);
    expect(kit.shown()[0]?.isWellFormed()).toBe(true);
  });

  test('takes a text of nothing, and empty lines', async () => {
    await say('');
    await kit.sink.send({ ...aMessage({ id: 'up-1-b' }), text: 'head\n\ntail\n' }, signal);

    expect(kit.shown()).toEqual(['🔵 ', expect.stringMatching(/^🔵 head\n+tail/u)]);
  });

  test('makes one thread of a rollout, and another one of another', async () => {
    await send({ id: 'up-1-awaiting-approval', kind: 'update.awaiting-approval' });
    await send();
    await send({ ...failed, id: 'up-2-failed', thread: 'up-2' });
    await send(failed);

    const [first] = kit.slack.messages();
    expect(threads()).toStrictEqual([undefined, first?.ts, undefined, first?.ts]);
    expect(posted()[1]).toMatchObject({ reply_broadcast: 'false' });
    expect(posted()[3]).toMatchObject({ reply_broadcast: 'true' });
    // Who knows the thread does not look for it again.
    expect(kit.slack.count('conversations.history')).toBe(2);
  });

  test('shows in the channel that what went wrong there is over', async () => {
    await send(failed);
    await send({ id: 'up-1-recovered', kind: 'workload.recovered' });

    expect(threads()[1]).toBe(kit.slack.messages()[0]?.ts);
    expect(posted()[1]).toMatchObject({ reply_broadcast: 'true' });
  });

  test('finds the thread of a process that is no more', async () => {
    await send();
    await send({ ...failed, thread: 'up-2', id: 'up-2-failed' });

    await send(failed, kit.open());

    expect(threads()[2]).toBe(kit.slack.messages()[0]?.ts);
  });

  test('posts nothing twice, whoever was cut short after posting', async () => {
    kit.slack.fail('chat.postMessage', { kind: 'cut-after' });
    await expect(send()).rejects.toMatchObject({ code: 'unavailable' });
    await send();
    kit.slack.fail('chat.postMessage', { kind: 'cut-after' });
    await expect(send(failed)).rejects.toMatchObject({ code: 'unavailable' });
    await send(failed, kit.open());

    expect(kit.slack.messages()).toHaveLength(2);
  });

  test('posts the same in another channel', async () => {
    await send();
    await send({}, kit.open({ channel: 'C0OTHER01' }));

    expect(kit.slack.messages().map(({ channel }) => channel)).toEqual(['C0DEPLOY1', 'C0OTHER01']);
  });

  test("believes nobody else's metadata", async () => {
    await send();
    const [ours] = kit.slack.messages();
    if (ours) kit.slack.workspace.messages[0] = { ...ours, botId: 'B0OTHER01' };

    await send({}, kit.open());

    expect(threads()).toStrictEqual([undefined, undefined]);
  });

  test('begins anew when the thread has been deleted', async () => {
    await send();
    kit.slack.workspace.messages = [];

    await expect(send(failed)).rejects.toMatchObject({ code: 'not-found' });
    await send(failed);

    expect(threads()).toStrictEqual([undefined]);
  });

  test.each([
    ['archived', [{ id: 'C0DEPLOY1', name: 'deploys', isMember: true, isArchived: true }], 'forbidden'],
    ['gone', [], 'not-found'],
    ['one it was thrown out of', [{ id: 'C0DEPLOY1', name: 'old-deploys', isMember: false }], 'forbidden'],
  ])('posts in the new channel of the name when the old one is %s', async (_, left, code) => {
    await send();
    kit.slack.workspace.channels = [...left, { id: 'C0DEPLOY2', name: 'deploys', isMember: true }];

    await expect(send(failed)).rejects.toMatchObject({ code });
    // The thread was in the old channel: another one is begun.
    await send(failed);
    await send({ id: 'up-1-recovered', kind: 'workload.recovered' });

    const [, first] = kit.slack.messages();
    expect(kit.slack.messages().map(({ channel }) => channel)).toEqual([
      ...['C0DEPLOY1', 'C0DEPLOY2', 'C0DEPLOY2'],
    ]);
    expect(threads()).toStrictEqual([undefined, undefined, first?.ts]);
  });

  test('does not look a channel up again for what other refusals there are', async () => {
    await send();
    kit.slack.fail('chat.postMessage', { kind: 'status', status: 503 });
    await expect(send(failed)).rejects.toMatchObject({ code: 'unavailable' });
    await send(failed);

    expect(kit.slack.count('conversations.list')).toBe(1);
  });

  test('asks for one page of a busy channel, and begins anew beyond it', async () => {
    await send();
    for (let n = 0; n < 250; n++)
      kit.slack.workspace.messages.push({
        channel: 'C0DEPLOY1',
        ts: kit.slack.workspace.nextTs(),
        text: 'hi',
      });

    await send(failed, kit.open());

    expect(threads().filter((ts) => ts !== undefined)).toEqual([]);
    expect(kit.slack.count('conversations.history')).toBe(2);
  });

  test('answers in a thread also when it finds a reply first that is shown in the channel', async () => {
    const metadata = {
      event_type: 'updatekate_notice',
      event_payload: { thread: 'up-1', id: 'up-1-failed' },
    };
    const shown = { ts: '2.0', thread_ts: '1.0', bot_id: 'B1', metadata };
    const bodies: unknown[] = [];
    const client: SlackClient = {
      call(method, body, answer) {
        if (method === 'chat.postMessage') bodies.push(body);
        return Promise.resolve(answer.parse({ bot_id: 'B1', messages: [{}, shown], ts: '3.0' }));
      },
      pages: () => Promise.reject(new Error('one page is enough')),
    };

    await slackModule.settings
      .parse({ channel: 'C0DEPLOY1' })(sinkAround({ slack: client }))
      .send(aMessage(), signal);

    expect(bodies).toMatchObject([{ thread_ts: '1.0' }]);
  });

  test.each([
    ['conversations.list', 'token_revoked', 'unauthorized'],
    ['auth.test', 'invalid_auth', 'unauthorized'],
    ['conversations.history', 'ratelimited', 'rate-limited'],
    ['chat.postMessage', 'is_archived', 'forbidden'],
  ])('says what to do when %s is refused with %s', async (method, error, code) => {
    kit.slack.fail(method, { kind: 'error', error });

    await expect(send()).rejects.toMatchObject({ code, message: expect.stringContaining(`(${error})`) });
  });

  test.each(['auth.test', 'conversations.history', 'chat.postMessage'])(
    'may be tried again when %s is not answered',
    async (method) => {
      kit.slack.fail(method, { kind: 'status', status: 503 });
      await expect(send()).rejects.toMatchObject({ code: 'unavailable' });

      await send();

      expect(kit.shown()).toHaveLength(1);
    },
  );

  test('posts with a token of its own', async () => {
    const { apiUrl, workspace } = kit.slack;
    const settings = { channel: 'deploys', apiUrl, token: secretText(workspace.botToken) };

    await slackModule.settings.parse(settings)(sinkAround()).send(aMessage(), signal);

    expect(kit.shown()).toHaveLength(1);
  });

  test('is not opened without a token', () => {
    const open = slackModule.settings.parse({ channel: 'deploys' });

    expect(() => open(sinkAround())).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: 'slack: no token to post with: set token, or UK_SLACK_BOT_TOKEN',
      }),
    );
  });

  test.each([...['xoxb-canary-1', '#xoxb-canary-1', 'XOXP-canary-1', 'xapp-1-canary', 'xoxe.xoxb-canary-1']])(
    'takes no token for a channel: %s',
    (token) => {
      expect(problemsIn(slackModule, { channel: token })).toEqual(['the name or the id of a channel']);
    },
  );

  test('says what is wrong with settings', () => {
    const messages = (given: unknown): unknown => problemsIn(slackModule, given);
    const channel = 'deploys';

    expect(messages({})).toEqual(['the name or the id of a channel']);
    expect(messages({ channel: 'two words' })).toEqual(['the name or the id of a channel']);
    expect(messages({ channel: null })).toEqual([
      'the name or the id of a channel, in quotes when it begins with #',
    ]);
    expect(messages({ channel, token: secretText('xoxp-12345678') })).toBeUndefined();
    expect(messages({ channel, token: 'xoxb-12345678' })).toEqual([
      '{ env: NAME } or { file: PATH }, never the secret itself',
    ]);
    expect(messages({ channel, token: secretText('xapp-12345678') })).toEqual([
      'a secret that is a token that starts with xoxb- or xoxp-',
    ]);
    expect(messages({ channel, token: secretText('xoxb-12345678'), apiUrl: 'slack.com' })).toEqual([
      'an http or https URL',
    ]);
    expect(messages({ channel, apiUrl: 'https://slack-gov.com/api/' })).toEqual([
      expect.stringMatching(
        /^\{ env: NAME \} or .*, as there is an apiUrl: without a token UK_SLACK_BOT_TOKEN/,
      ),
    ]);
    expect(messages({ channel, url: 'x' })).toEqual(['channel, token, apiUrl']);
    expect(messages('deploys')).toEqual(['a section with channel, token, apiUrl']);
  });
});
