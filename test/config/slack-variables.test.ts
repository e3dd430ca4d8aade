import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { variables } from '../../src/config/environment.ts';
import { slackSettings, type SlackValues } from '../../src/config/slack-variables.ts';

const nothing: SlackValues = {
  ...{ slackBotToken: undefined, slackAppToken: undefined, slackSigningSecret: undefined },
  ...{ slackChannel: undefined, slackApiUrl: undefined },
};
const bot = { slackBotToken: 'xoxb-12345678' };
const app = { slackAppToken: 'xapp-12345678' };
const secret = { slackSigningSecret: '0123456789abcdef' };
const notified = (slack: unknown) => ({
  file: { notifiers: { deploys: { kind: 'slack', settings: slack } } },
});
const untold = { channel: 'deploys' };
const own = { channel: 'deploys', token: { env: 'TOKEN' } };

describe('the settings of Slack', () => {
  test('are none where nothing is set', () => {
    expect(slackSettings(nothing)).toBeUndefined();
  });

  test('say how clicks come', () => {
    expect(slackSettings({ ...nothing, ...bot, ...app, slackChannel: '#deploys' })).toEqual({
      botToken: 'xoxb-12345678',
      clicks: { kind: 'socket', appToken: 'xapp-12345678' },
      channel: '#deploys',
      apiUrl: undefined,
    });
    expect(slackSettings({ ...nothing, ...bot, ...secret })).toMatchObject({
      clicks: { kind: 'http', signingSecret: '0123456789abcdef' },
    });
  });

  test.each([
    ['of the file', { ...bot, ...notified(untold) }],
    ['of the variables', { ...bot, notifySlackChannel: 'deploys' }],
    [
      'beside one with a token',
      { ...bot, notifySlackToken: 'xoxb-2', notifySlackChannel: 'd', ...notified(untold) },
    ],
  ])('are none where the token is there for a notifier alone: %s', (_, values) => {
    expect(slackSettings({ ...nothing, ...values })).toBeUndefined();
  });

  test('are those of approvals where people can click, whoever is told besides', () => {
    expect(slackSettings({ ...nothing, ...bot, ...app, ...notified(untold) })).toMatchObject({
      clicks: { kind: 'socket' },
    });
  });

  test.each([
    [{ ...app, slackChannel: 'x' }, 'UK_SLACK_APP_TOKEN, UK_SLACK_CHANNEL need UK_SLACK_BOT_TOKEN'],
    [secret, 'UK_SLACK_SIGNING_SECRET need UK_SLACK_BOT_TOKEN'],
    [bot, 'UK_SLACK_BOT_TOKEN is set, but nobody could click: set UK_SLACK_APP_TOKEN'],
    [
      { ...bot, slackChannel: 'x' },
      'UK_SLACK_BOT_TOKEN is set, but nobody could click: set UK_SLACK_APP_TOKEN',
    ],
    [{ ...bot, ...notified(own) }, 'UK_SLACK_BOT_TOKEN is set, but nobody could click'],
    [
      { ...bot, file: { notifiers: { deploys: { kind: 'discord', settings: { url: { env: 'URL' } } } } } },
      'nobody could click',
    ],
    [{ ...bot, notifySlackToken: 'xoxb-2', notifySlackChannel: 'd' }, 'nobody could click'],
    [
      { ...bot, ...notified(untold), slackChannel: 'x' },
      'UK_SLACK_CHANNEL is set, but nobody could click there',
    ],
    [{ ...bot, ...app, ...secret }, 'keep one'],
  ])('that do not fit each other are refused: %j', (values, words) => {
    expect(() => slackSettings({ ...nothing, ...values })).toThrow(words);
  });

  test.each([
    ['slackBotToken', 'xapp-12345678', false],
    ['slackBotToken', 'xoxb-1234-5678-abc', true],
    ['slackAppToken', 'xoxb-12345678', false],
    ['slackSigningSecret', 'short', false],
    ['slackChannel', '#deploys', true],
    ['slackChannel', 'C0DEPLOY1', true],
    ['slackChannel', 'two words', false],
    ['slackChannel', '<!here>', false],
    ['slackChannel', 'xoxb-1234-5678-abc', false],
    ['slackChannel', '#XOXP-1234-5678-abc', false],
    ['slackChannel', 'xapp-1-A0-abc', false],
    ['slackChannel', 'xoxb', true],
    ['slackChannel', 'about-xoxb-tokens', true],
    ['slackApiUrl', 'ftp://x', false],
    ['slackBotToken', 'xoxp-1234-5678-abc', false],
    ['notifySlackToken', 'xoxp-1234-5678-abc', true],
    ['notifySlackToken', 'xoxb-1234-5678-abc', true],
    ['notifySlackToken', 'xapp-1234-5678-abc', false],
    ['notifySlackChannel', '#deploys', true],
    ['notifySlackChannel', '@ada', true],
    ['notifySlackChannel', 'U0ADA0001', true],
    ['notifySlackChannel', 'xoxb-1234-5678-abc', false],
  ] as const)('%s may be %s: %s', (key, text, allowed) => {
    expect(variables[key].schema.safeParse(text).success).toBe(allowed);
  });
});

describe('a token in the place of a channel is refused, and not shown', () => {
  const canary = 'xoxb-canary-1234';
  const notifier = `notifiers: { deploys: { slack: { channel: "#${canary}" } } }`;

  test.each<[string, Environment, string]>([
    ['UK_SLACK_CHANNEL', { UK_SLACK_CHANNEL: canary }, ''],
    ['UK_NOTIFY_SLACK_CHANNEL', { UK_NOTIFY_SLACK_CHANNEL: canary, UK_NOTIFY_SLACK_TOKEN: canary }, ''],
    ['SLACK_CHANNEL', { SLACK_CHANNEL: canary, SLACK_TOKEN: canary }, ''],
    ['notifiers.deploys.slack.channel', {}, notifier],
  ])('%s', (name, environment, file) => {
    const load = () => loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, () => file);

    expect(load).toThrow(name);
    expect(load).toThrow('is not allowed; allowed: the name or the id of a channel');
    expect(load).not.toThrow('canary');
  });
});

test('the name of a channel that YAML takes for a comment is to be quoted', () => {
  const file = 'notifiers:\n  deploys:\n    slack:\n      channel: #deploys\n';

  expect(() => loadConfig({ UK_CONFIG: 'uk.yaml' }, () => file)).toThrow(
    /^uk\.yaml: notifiers\.deploys\.slack\.channel: .*the name or the id of a channel, in quotes when it begins with #$/,
  );
});
