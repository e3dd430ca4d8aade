import { describe, expect, test } from '@jest/globals';
import { slackSettings, slackVariables, type SlackValues } from '../../src/config/slack-variables.ts';

const nothing: SlackValues = {
  ...{ slackBotToken: undefined, slackAppToken: undefined, slackSigningSecret: undefined },
  ...{ slackChannel: undefined, slackApiUrl: undefined },
};
const bot = { slackBotToken: 'xoxb-12345678' };
const app = { slackAppToken: 'xapp-12345678' };
const secret = { slackSigningSecret: '0123456789abcdef' };

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
    [{ ...app, slackChannel: 'x' }, 'UK_SLACK_APP_TOKEN, UK_SLACK_CHANNEL need UK_SLACK_BOT_TOKEN'],
    [secret, 'UK_SLACK_SIGNING_SECRET need UK_SLACK_BOT_TOKEN'],
    [bot, 'nobody could click'],
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
    ['slackApiUrl', 'ftp://x', false],
  ] as const)('%s may be %s: %s', (key, text, allowed) => {
    expect(slackVariables[key].schema.safeParse(text).success).toBe(allowed);
  });
});
