import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { notifiersOf } from '../../src/config/notifiers.ts';
import { createHttp } from '../../src/lib/http.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { aNotice } from '../contract/sink.ts';
import { createFakeLog } from '../support/fake-log.ts';
import { startFakeSlack } from '../support/fake-slack/index.ts';

const file = 'notifiers: { ops: { discord: { url: { env: HOOK } } } }';
const hook = { HOOK: 'https://discord.com/api/webhooks/1234567890/a-token-of-a-webhook' };
const token = { UK_NOTIFY_SLACK_TOKEN: 'xoxb-canary-notify' };
const channel = { UK_NOTIFY_SLACK_CHANNEL: 'deploys' };
const bot = { UK_SLACK_BOT_TOKEN: 'xoxb-canary-bot', UK_SLACK_SIGNING_SECRET: '0123456789abcdef' };
const load = (environment: Environment, text = file) =>
  loadConfig({ ...hook, ...environment, UK_CONFIG: 'uk.yaml' }, () => text).config;
const fault = (...given: Parameters<typeof load>): unknown => {
  try {
    return load(...given);
  } catch (error) {
    expect(error).toHaveProperty('code', 'bad-config');
    return (error as Error).message;
  }
};

describe('the notifiers', () => {
  test('are those of the file', () => {
    const config = load({});

    expect(notifiersOf(config)).toEqual(config.file.notifiers);
    expect(notifiersOf(load({}, ''))).toEqual({});
  });

  test.each<[string, Environment]>([
    ['both variables', { ...token, ...channel }],
    ['the channel and the bot token', { ...channel, ...bot }],
    ['the old names', { SLACK_TOKEN: 'xoxb-canary-notify', SLACK_CHANNEL: 'deploys' }],
  ])('are one more of the name slack with %s, as if the file had it', (_what, environment) => {
    const text = 'notifiers: { slack: { slack: { channel: deploys, token: { env: T } } } }';
    const written = load({ T: 'xoxb-canary-1' }, text).file.notifiers.slack;

    const config = load(environment);
    const { slack, ...rest } = notifiersOf(config);

    expect(rest).toEqual(config.file.notifiers);
    const same = { open: expect.any(Function), settings: undefined };
    expect({ ...slack, ...same }).toEqual({ ...written, ...same });
  });

  test.each<[Environment, string]>([
    [
      token,
      'UK_NOTIFY_SLACK_TOKEN (or SLACK_TOKEN) is set, but not where to post: set UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL) too',
    ],
    [
      channel,
      'UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL) is set, but no token that posts there: set UK_NOTIFY_SLACK_TOKEN (or SLACK_TOKEN) too',
    ],
    [
      { ...token, ...channel, UK_SLACK_API_URL: 'http://127.0.0.1:1/api/?canary' },
      'UK_SLACK_API_URL is not allowed where UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL) is set; allowed: an http or https URL without a login, ? and #',
    ],
  ])('%j do not fit each other', (environment, message) => {
    expect(fault(environment)).toBe(message);
  });

  test('of the file and of the variables cannot both be slack', () => {
    const both = 'notifiers: { slack: { discord: { url: { env: HOOK } } } }';

    expect(fault({ ...token, ...channel }, both)).toBe(
      'UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL) and notifiers.slack of UK_CONFIG: keep one of them',
    );
  });
});

describe('the notifier of the variables', () => {
  test.each<[string, (token: string) => Environment]>([
    ['its own token', (given) => ({ UK_NOTIFY_SLACK_TOKEN: given, ...bot })],
    [
      'the bot token',
      (given) => ({ UK_SLACK_BOT_TOKEN: given, UK_SLACK_SIGNING_SECRET: bot.UK_SLACK_SIGNING_SECRET }),
    ],
  ])('posts with %s, where UK_SLACK_API_URL says', async (_what, tokens) => {
    const slack = await startFakeSlack();
    const { slack: notifier } = notifiersOf(
      load({ ...channel, ...tokens(slack.workspace.botToken), UK_SLACK_API_URL: slack.apiUrl }),
    );
    const http = createHttp({
      clock: systemClock,
      timeoutMs: 1000,
      retries: 0,
      minDelayMs: 0,
      userAgent: 'test',
    });
    const refuse = (): never => {
      throw new Error('nothing asks the cluster');
    };
    const sink = notifier?.open({
      http,
      clock: systemClock,
      log: createFakeLog(),
      restOf: refuse,
      slack: undefined,
    });

    await sink?.send({ notice: aNotice(), text: 'shop runs' }, AbortSignal.timeout(10_000));

    expect(slack.count('chat.postMessage')).toBe(1);
    await slack.close();
  });
});
