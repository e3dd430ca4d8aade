import { afterEach, describe, expect, test } from '@jest/globals';
import type { Notice } from '../../src/core/notice.ts';
import { secretText } from '../../src/core/secret-text.ts';
import { aMessage } from '../contract/sink.ts';
import { allScopes, type FakeMessage } from '../support/fake-slack/workspace.ts';
import { startSlackKit, type SlackKit } from './kits/slack.ts';

const { signal } = new AbortController();
const failed = { id: 'up-1-failed', kind: 'update.failed', severity: 'error' } as const;
const recovered = { id: 'up-1-recovered', kind: 'workload.recovered' } as const;
/** What the first system's token had. */
const posting = ['chat:write'];

let kit: SlackKit;
afterEach(() => kit.close());

type Sent = (different?: Partial<Notice>) => Promise<void>;

/** A notifier of this channel, with a token of these scopes. */
async function started(channel: string, scopes: readonly string[] = posting): Promise<Sent> {
  kit = await startSlackKit({ scopes: [...scopes] });
  return opened(channel);
}

/** Another process with the same channel. */
function opened(channel: string): Sent {
  const sink = kit.open({ channel });
  return (different = {}) => sink.send(aMessage(different), signal);
}

const messages = (): readonly FakeMessage[] => kit.slack.messages();
const shape = (): unknown => messages().map(({ channel, threadTs }) => [channel, threadTs !== undefined]);
const warnings = (): readonly unknown[] =>
  kit.log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
const aboutScope = (channel: string, scope: string) => ({
  channel,
  why: expect.stringMatching(`\\(missing_scope\\): add the scope ${scope} under OAuth`) as unknown,
});

describe('a token that may post, and nothing else', () => {
  test.each([
    ['C0DEPLOY1', 'channels:history'],
    ['deploys', 'channels:read'],
    ['#deploys', 'channels:read'],
  ])('posts in %s, keeps the thread, and says once that %s is missing', async (channel, scope) => {
    const send = await started(channel);

    await send();
    await send(failed);
    await send({ ...failed, id: 'up-2-failed', thread: 'up-2' });
    await send(recovered);

    const [first, , other] = messages();
    expect(messages().map(({ threadTs }) => threadTs)).toEqual([undefined, first?.ts, undefined, first?.ts]);
    expect(new Set([first?.channel, other?.channel])).toEqual(new Set(['C0DEPLOY1']));
    expect(warnings()).toEqual([aboutScope(channel, scope)]);
  });

  test('begins threads anew in the next process, and says it again', async () => {
    const send = await started('C0DEPLOY1');
    await send();

    await opened('C0DEPLOY1')(failed);

    expect(messages().map(({ threadTs }) => threadTs)).toEqual([undefined, undefined]);
    expect(warnings()).toHaveLength(2);
  });

  test('reads as soon as it may', async () => {
    const send = await started('C0DEPLOY1');
    await send();
    kit.slack.workspace.scopes = [...allScopes];
    kit.slack.fail('chat.postMessage', { kind: 'cut-after' });
    await expect(send(failed)).rejects.toMatchObject({ code: 'unavailable' });

    await send(failed);

    expect(messages()).toHaveLength(2);
  });

  test('begins a thread anew that somebody has deleted', async () => {
    const send = await started('C0DEPLOY1');
    await send();
    kit.slack.fail('chat.postMessage', { kind: 'error', error: 'thread_not_found' });

    await expect(send(failed)).rejects.toMatchObject({ code: 'not-found' });
    await send(failed);

    expect(messages().map(({ threadTs }) => threadTs)).toEqual([undefined, undefined]);
  });

  test.each(['U0ADA0001', '@ada', 'D0ADA0001'])('posts to a person: %s', async (person) => {
    const send = await started('U0ADA0001');
    await send({ thread: 'up-0' });

    const sent = opened(person);
    await sent();
    await sent(failed);

    const [, first, second] = messages();
    expect(messages().map(({ channel }) => channel)).toEqual(['D0ADA0001', 'D0ADA0001', 'D0ADA0001']);
    expect(second?.threadTs).toBe(first?.ts);
    expect(kit.slack.count('conversations.list')).toBe(0);
    expect(warnings()).toEqual([aboutScope(person, 'im:history')]);
  });
});

test('a channel that the app is not in is posted to all the same, where the token may', async () => {
  const send = await started('far', [...allScopes, 'chat:write.public']);

  await send();
  await send(failed);

  expect(shape()).toEqual([
    ['C0FAR0001', false],
    ['C0FAR0001', true],
  ]);
  expect(warnings()).toEqual([
    { channel: 'far', why: expect.stringContaining('conversations.history (not_in_channel)') as unknown },
  ]);
});

test('a private channel is posted to by its name where it cannot be looked up', async () => {
  const send = await started('secret', ['chat:write', 'channels:read', 'channels:history']);
  kit.slack.workspace.channels.push({ id: 'C0SECRET1', name: 'secret', isPrivate: true, isMember: true });

  await send();
  await send(failed);

  expect(shape()).toEqual([
    ['C0SECRET1', false],
    ['C0SECRET1', true],
  ]);
});

test.each([
  ['not_in_channel', 'forbidden'],
  ['missing_scope', 'forbidden'],
  ['channel_not_found', 'not-found'],
])(
  'where posting is refused as well (%s), that is the failure, and nothing else is said',
  async (error, code) => {
    const send = await started('C0DEPLOY1');
    kit.slack.fail('chat.postMessage', { kind: 'error', error });

    await expect(send()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`chat.postMessage (${error})`) as unknown,
    });
    expect(warnings()).toEqual([]);
  },
);

describe('what may not be read', () => {
  test.each(['missing_scope', 'not_in_channel', 'channel_not_found', 'no_permission', 'access_denied'])(
    'is no failure: %s',
    async (error) => {
      const send = await started('C0DEPLOY1', allScopes);
      kit.slack.fail('conversations.history', { kind: 'error', error });
      kit.slack.fail('conversations.replies', { kind: 'error', error });

      await send();
      await send(failed);

      expect(shape()).toEqual([
        ['C0DEPLOY1', false],
        ['C0DEPLOY1', true],
      ]);
      expect(warnings()).toHaveLength(1);
    },
  );

  test.each([
    ['ratelimited', 'rate-limited'],
    ['internal_error', 'unavailable'],
    ['invalid_auth', 'unauthorized'],
    ['token_revoked', 'unauthorized'],
  ])('is something else than a Slack that is away or knows nobody: %s', async (error, code) => {
    const send = await started('deploys', allScopes);
    for (const method of ['conversations.list', 'conversations.history', 'conversations.replies'])
      kit.slack.fail(method, { kind: 'error', error });

    await expect(send()).rejects.toMatchObject({ code });
    await expect(send()).rejects.toMatchObject({ code });
    await send();
    await expect(send(failed)).rejects.toMatchObject({ code });

    expect(messages()).toHaveLength(1);
    expect(warnings()).toEqual([]);
  });
});

describe('the token of a person', () => {
  const token = 'xoxp-canary-of-ada';
  const start = async (): Promise<() => Sent> => {
    kit = await startSlackKit({ botToken: token, scopes: [...allScopes] });
    return () => {
      const { apiUrl } = kit.slack;
      const sink = kit.open({ channel: 'deploys', apiUrl, token: secretText(token) });
      return (different = {}) => sink.send(aMessage(different), signal);
    };
  };

  test('posts in his name, and finds what it has posted', async () => {
    const open = await start();
    await open()();
    kit.slack.fail('chat.postMessage', { kind: 'cut-after' });
    await expect(open()(failed)).rejects.toMatchObject({ code: 'unavailable' });

    await open()(failed);

    const [first] = messages();
    expect(messages().map(({ user, threadTs }) => [user, threadTs])).toEqual([
      ['U0ADA0001', undefined],
      ['U0ADA0001', first?.ts],
    ]);
  });

  test("believes nobody else's metadata", async () => {
    const open = await start();
    await open()();
    const [his] = messages();
    if (his) kit.slack.workspace.messages[0] = { ...his, user: 'U0BOB0001' };

    await open()(failed);

    expect(messages().map(({ threadTs }) => threadTs)).toEqual([undefined, undefined]);
  });
});
