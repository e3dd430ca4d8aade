import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createSlackClient, type SlackClient } from '../../../src/lib/slack/client.ts';
import { startFakeSlack, type FakeSlack } from '../../support/fake-slack/index.ts';

const { signal } = new AbortController();
const Names = z
  .object({ members: z.array(z.object({ id: z.string() })) })
  .transform(({ members }) => members.map(({ id }) => id));
let slack: FakeSlack;
let client: SlackClient;
beforeEach(async () => {
  slack = await startFakeSlack();
  client = createSlackClient({ token: slack.workspace.botToken, apiUrl: slack.apiUrl });
});
afterEach(() => slack.close());

const call = (method = 'auth.test', answer: z.ZodType = z.object({})) =>
  client.call(method, {}, answer, signal);

describe('a call', () => {
  test.each([
    [
      ...(['token_revoked', 'unauthorized'] as const),
      'UK_SLACK_BOT_TOKEN, or UK_NOTIFY_SLACK_TOKEN or token of the notifier',
    ],
    ['not_allowed_token_type', 'unauthorized', 'UK_SLACK_BOT_TOKEN and the token of a notifier are xoxb-'],
    ['not_in_channel', 'forbidden', '/invite @updatekate'],
    ['is_inactive', 'forbidden', 'archived'],
    ['channel_not_found', 'not-found', 'check the name'],
    ['ratelimited', 'rate-limited', 'wait'],
    ['internal_error', 'unavailable', 'status.slack.com'],
    ['invalid_blocks', 'bad-request', '(invalid_blocks)'],
    ['xoxb-canary <!here>', 'bad-request', 'an answer that is not understood'],
  ])('that Slack refuses as %s fails as %s, and says what to do', async (error, code, words) => {
    slack.fail('auth.test', { kind: 'error', error });

    await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(words) as unknown });
  });

  test('that is too many says how long to wait, and is not tried again by itself', async () => {
    slack.fail('auth.test', { kind: 'rate-limited', retryAfterSeconds: 7 });

    await expect(call()).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 7000 });
    expect(slack.count('auth.test')).toBe(1);
  });

  test.each([
    ['a fault of the server', () => slack.fail('auth.test', { kind: 'status', status: 502 }), 'answered 502'],
    ['an answer cut short', () => slack.fail('auth.test', { kind: 'cut-after' }), 'no answer'],
  ])('that ends in %s may work later', async (_, change, words) => {
    change();

    await expect(call()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(words) as unknown,
    });
  });

  test('whose answer is something else names the place, and nothing of the answer', async () => {
    const answer = call('auth.test', z.object({ team: z.object({ id: z.string() }) }));

    await expect(answer).rejects.toThrow('slack: auth.test: the answer is not understood (team)');
  });

  test('never has its token in what it throws', async () => {
    const { botToken } = slack.workspace;
    const gone = await startFakeSlack();
    await gone.close();
    const failing = [
      () => createSlackClient({ token: botToken, apiUrl: gone.apiUrl }).call('auth.test', {}, Names, signal),
      () => call('auth.test', Names),
      () => call('no.such.method'),
      () => call('users.info'),
    ];

    for (const fail of failing) {
      const error: unknown = await fail().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(`${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`).not.toContain(
        'canary',
      );
    }
  });

  test('is let go when it is not waited for any more', async () => {
    slack.fail('auth.test', { kind: 'silence' });
    const stop = new AbortController();
    const called = client.call('auth.test', {}, z.object({}), stop.signal);
    stop.abort();

    await expect(called).rejects.toThrow();
    await expect(client.call('auth.test', {}, z.object({}), stop.signal)).rejects.toThrow();
  });
});

describe('pages', () => {
  const people = (count: number) => {
    slack.workspace.users = Array.from({ length: count }, (_, n) => ({ id: `U${n}`, name: `user${n}` }));
  };
  const list = (limit: number, isLast?: (id: string) => boolean) =>
    client.pages('users.list', { limit }, { answer: Names, ...(isLast ? { isLast } : {}) }, signal);

  test('are one list, in their order', async () => {
    people(7);

    expect(await list(3)).toEqual(['U0', 'U1', 'U2', 'U3', 'U4', 'U5', 'U6']);
    expect(slack.count('users.list')).toBe(3);
  });

  test('end with the one that is looked for', async () => {
    people(7);

    expect(await list(3, (id) => id === 'U4')).toHaveLength(6);
    expect(slack.count('users.list')).toBe(2);
  });

  test('that are too many are no list: half of one would pass for the whole', async () => {
    people(51);

    await expect(list(1)).rejects.toMatchObject({ code: 'too-large' });
    expect(await list(1, (id) => id === 'U49')).toHaveLength(50);
  });
});
