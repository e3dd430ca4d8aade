import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { doctor } from '../../src/cli/doctor.ts';
import { runCli } from '../support/cli-process.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';

const page = readFileSync(new URL('../../docs/approvals/slack.md', import.meta.url), 'utf8');
const notifierPage = readFileSync(new URL('../../docs/notifiers/slack.md', import.meta.url), 'utf8');

/** What the manifest of an app says, as far as it is looked at here. */
interface Manifest {
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly event_subscriptions: { readonly bot_events: readonly string[] };
    readonly interactivity: { readonly is_enabled: boolean };
    readonly socket_mode_enabled: boolean;
  };
}

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
});
afterEach(() => slack.close());

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the command with everything set, but for what is different. */
function run(different: Environment = {}, ...args: readonly string[]) {
  const { botToken, appToken } = slack.workspace;
  const approvals = {
    ...{ UK_SLACK_BOT_TOKEN: botToken, UK_SLACK_APP_TOKEN: appToken, UK_SLACK_CHANNEL: '#deploys' },
  };
  return runWith({ ...approvals, ...different }, '', ...args);
}

/** Runs it with nothing set but this, and with this file, if any. */
async function runWith(given: Environment, file = '', ...args: readonly string[]) {
  const lines: string[] = [];
  const config = file === '' ? {} : { UK_CONFIG: 'uk.yaml' };
  const environment = { UK_SLACK_API_URL: slack.apiUrl, ...config, ...given };
  const readFile = (path: string): string => {
    if (path === 'uk.yaml') return file;
    throw new Error(path);
  };
  const terminal = {
    environment,
    readFile,
    print: (line: string) => void lines.push(line),
    warn: () => undefined,
  };
  const code = await doctor.run(['slack', ...args], terminal);
  expect(lines.join('\n')).not.toContain('canary');
  return { code, wrong: lines.filter((line) => !line.startsWith('ok')), lines };
}

const without = (scope: string) => () => {
  slack.workspace.scopes = slack.workspace.scopes.filter((one) => one !== scope);
};

describe('updatekate doctor slack', () => {
  test('finds nothing wrong where nothing is, and posts nothing', async () => {
    const { code, wrong, lines } = await run();

    expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
    expect(lines).toHaveLength(9);
    expect(slack.count('chat.postMessage')).toBe(0);
    expect(slack.socket.total()).toBe(0);
  });

  test.each(['chat:write', 'channels:history', 'users:read', 'users:read.email', 'usergroups:read'])(
    'names the missing scope %s in one line, with what to do',
    async (scope) => {
      without(scope)();

      const { code, wrong } = await run();

      expect(code).toBe(1);
      expect(wrong).toHaveLength(1);
      expect(wrong[0]).toMatch(`WRONG scope ${scope} is missing`);
      expect(wrong[0]).toMatch(`add the scope ${scope} under OAuth & Permissions and install the app again`);
    },
  );

  test.each([
    [
      'the invitation',
      () => (slack.workspace.channels = [{ id: 'C0DEPLOY1', name: 'deploys' }]),
      '/invite @updatekate',
    ],
    ['the channel', () => (slack.workspace.channels = []), 'there is no channel #deploys'],
    [
      'an archived channel',
      () =>
        (slack.workspace.channels = [{ id: 'C0DEPLOY1', name: 'deploys', isMember: true, isArchived: true }]),
      'there is no channel #deploys',
    ],
    [
      'the bot token',
      () => (slack.workspace.botTokenProblem = 'token_revoked'),
      'UK_SLACK_BOT_TOKEN slack: auth.test (token_revoked)',
    ],
    [
      'the app token',
      () => (slack.workspace.appTokenProblem = 'invalid_auth'),
      'UK_SLACK_APP_TOKEN slack: apps.connections.open (invalid_auth): make an app-level token',
    ],
    ['the app token’s scope', () => (slack.workspace.appScopes = []), 'add the scope connections:write'],
    ['Socket Mode', () => (slack.workspace.socketModeEnabled = false), 'turn Socket Mode on'],
  ])('says what to do about %s', async (_, change, words) => {
    change();

    const { code, wrong } = await run();

    expect(code).toBe(1);
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain(words);
  });

  test('finds nothing wrong in an app made from the manifest of the docs', async () => {
    const [, manifest = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    const app = parse(manifest) as Manifest;
    slack.workspace.scopes = [...app.oauth_config.scopes.bot];
    slack.workspace.socketModeEnabled = app.settings.socket_mode_enabled;
    slack.workspace.channels = [{ id: 'C0SECRET1', name: 'deploys', isPrivate: true, isMember: true }];

    expect((await run()).wrong).toEqual([]);
    expect(app.settings.interactivity.is_enabled).toBe(true);
    expect(app.settings.event_subscriptions.bot_events).toEqual(['message.channels', 'message.groups']);
    // Nothing is asked for that nobody needs.
    for (const scope of app.oauth_config.scopes.bot) {
      slack.workspace.scopes = app.oauth_config.scopes.bot.filter((one) => one !== scope);
      expect((await run()).wrong.join('\n')).toContain(`the scope ${scope} `);
    }
  });

  test('asks for the scopes of private channels where the channel is one', async () => {
    slack.workspace.channels = [{ id: 'C0SECRET1', name: 'deploys', isPrivate: true, isMember: true }];
    without('groups:history')();

    expect((await run()).wrong).toEqual([expect.stringContaining('scope groups:history is missing')]);
  });

  test('looks at the channel of a workload', async () => {
    expect((await run({}, '--channel', 'far')).wrong).toEqual([
      expect.stringContaining('channel far is there (C0FAR0001)'),
    ]);
  });

  test('says that nobody could click', async () => {
    const { wrong } = await run({ UK_SLACK_APP_TOKEN: undefined });

    expect(wrong).toEqual([
      'WRONG UK_SLACK_BOT_TOKEN is set, but nobody could click: set UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET too',
    ]);
  });

  test('says that Slack cannot be reached', async () => {
    const gone = await startFakeSlack();
    await gone.close();

    const { code, wrong } = await run({ UK_SLACK_API_URL: gone.apiUrl });

    expect(code).toBe(1);
    expect(wrong[0]).toContain('no answer');
  });

  test('as people run it, says why nobody answers', async () => {
    const gone = await startFakeSlack();
    await gone.close();

    const { code, stdout, stderr } = await runCli(['doctor', 'slack'], {
      ...{ UK_SLACK_BOT_TOKEN: slack.workspace.botToken, UK_SLACK_API_URL: gone.apiUrl },
    });

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('WRONG UK_SLACK_BOT_TOKEN slack: auth.test: no answer (ECONNREFUSED)');
  });

  test('cannot look at anything else, nor without a token', async () => {
    await expect(run({ UK_SLACK_BOT_TOKEN: '' })).rejects.toThrow('UK_SLACK_BOT_TOKEN is not set');
    await expect(run({ UK_SLACK_BOT_TOKEN: 'xoxp-canary-user' })).rejects.toThrow('starts with xoxb-');
    await expect(run({}, 'more')).rejects.toThrow('allowed: slack');
    await expect(run({}, '--channel', 'a b')).rejects.toThrow('--channel is not allowed');
  });
});

describe('updatekate doctor slack, where people are told', () => {
  const scopes = (...granted: readonly string[]): void => {
    slack.workspace.scopes = [...granted];
  };
  const full = ['chat:write', 'channels:read', 'channels:history'];
  const works = (name: string) => `ok    ${name} works: updatekate in Acme (T0ACME001)`;
  const channel = 'UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL)';
  const unread =
    'does not see what it has posted: after a crash a message may be there twice, and a restart begins threads anew';
  const variables = (different: Environment = {}): Environment => ({
    ...{ SLACK_TOKEN: slack.workspace.botToken, SLACK_CHANNEL: 'deploys', ...different },
  });

  test.each(['SLACK', 'UK_NOTIFY_SLACK'])(
    'looks at the token of %s_TOKEN, and posts nothing',
    async (name) => {
      scopes(...full);
      const { botToken } = slack.workspace;

      const { code, lines } = await runWith({ [`${name}_TOKEN`]: botToken, [`${name}_CHANNEL`]: '#deploys' });

      expect({ code, lines }).toEqual({
        code: 0,
        lines: [
          works('UK_NOTIFY_SLACK_TOKEN (or SLACK_TOKEN)'),
          `ok    ${channel} posts in channel #deploys (C0DEPLOY1)`,
        ],
      });
      expect(slack.count('chat.postMessage')).toBe(0);
    },
  );

  test.each<[string, readonly string[], string, readonly string[]]>([
    ['the app of the docs', [], 'deploys', []],
    [
      'posting alone, by an id',
      ['chat:write'],
      'C0DEPLOY1',
      [
        'note  CHANNEL posts in channel C0DEPLOY1, if Slack finds it and the app is in it, which cannot be looked at: slack: conversations.info (missing_scope): add the scope channels:read',
        `note  CHANNEL ${unread}: add the scope channels:history`,
      ],
    ],
    [
      'posting alone, by a name',
      ['chat:write'],
      'deploys',
      [
        'note  CHANNEL posts in channel deploys, if Slack finds it and the app is in it, which cannot be looked at: slack: conversations.list (missing_scope): add the scope channels:read',
        `note  CHANNEL ${unread}: add the scope channels:history`,
      ],
    ],
    ['a person', ['chat:write'], '@ada', [`note  CHANNEL ${unread}: add the scope im:history`]],
    ['a person, read', ['chat:write', 'im:history'], 'U0ADA0001', []],
    ['reading alone', full.slice(1), 'deploys', ['WRONG CHANNEL cannot post: add the scope chat:write']],
    ['an old token', ['chat:write:bot', ...full.slice(1)], 'deploys', []],
    ['a channel it is not in', full, 'far', ['WRONG CHANNEL cannot post: the app is not in channel far']],
    [
      'a channel it is not in, and need not be',
      [...full, 'chat:write.public'],
      'far',
      [`note  CHANNEL ${unread}: type /invite @updatekate in the channel`],
    ],
    [
      'a private channel that it does not see',
      full,
      'secret',
      [
        'note  CHANNEL posts in channel secret, if Slack finds it and the app is in it, which cannot be looked at: slack: there is no channel #secret that the app can see',
      ],
    ],
    [
      'a private channel that it does not read',
      [...full, 'groups:read'],
      'secret',
      [`note  CHANNEL ${unread}: add the scope groups:history`],
    ],
    [
      'no such channel',
      [...full, 'groups:read'],
      'nowhere',
      ['WRONG CHANNEL slack: there is no channel #nowhere that the app can see'],
    ],
    [
      'an archived channel',
      full,
      'C0OLD0001',
      ['WRONG CHANNEL cannot post: channel C0OLD0001 (C0OLD0001) is archived'],
    ],
  ])('says what is wrong or could be better: %s', async (what, granted, to, expected) => {
    slack.workspace.channels.push(
      { id: 'C0SECRET1', name: 'secret', isPrivate: true, isMember: true },
      { id: 'C0OLD0001', name: 'old', isMember: true, isArchived: true },
    );
    const [, manifest = ''] = /```yaml\n([^]*?)```/.exec(notifierPage) ?? [];
    const ofPage = (parse(manifest) as Manifest).oauth_config.scopes.bot;
    scopes(...(what === 'the app of the docs' ? ofPage : granted));

    const { code, wrong } = await runWith(variables({ SLACK_CHANNEL: to }));

    const lines = expected.map((line): unknown => expect.stringContaining(line.replace('CHANNEL', channel)));
    expect(wrong).toEqual(lines);
    expect(code).toBe(expected.some((line) => line.startsWith('WRONG')) ? 1 : 0);
  });

  test('says what is wrong with a token, and asks nothing more', async () => {
    slack.workspace.botTokenProblem = 'token_revoked';

    const { code, lines } = await runWith(variables());

    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^WRONG UK_NOTIFY_SLACK_TOKEN \(or SLACK_TOKEN\) slack: auth.test \(token_revoked\)/,
      ),
    ]);
  });

  const file = `notifiers:
  own: { slack: { channel: other, apiUrl: API, token: { env: T } } }
  bot: { slack: { channel: deploys } }
  far: { slack: { channel: far }, events: [failed] }
  chat: { discord: { url: { env: NOT_HERE } } }`;

  test('looks at the notifiers of the file, and needs no secrets of others', async () => {
    scopes(...full);
    const { botToken } = slack.workspace;

    const { code, lines } = await runWith(
      { UK_SLACK_BOT_TOKEN: botToken, T: botToken },
      file.replace('API', slack.apiUrl),
    );

    expect(code).toBe(1);
    expect(lines).toEqual([
      'note  UK_SLACK_BOT_TOKEN posts for notifiers alone: approvals in Slack are off',
      works('notifiers.own.slack.token'),
      'ok    notifiers.own.slack posts in channel other (C0OTHER01)',
      works('UK_SLACK_BOT_TOKEN'),
      'ok    notifiers.bot.slack posts in channel deploys (C0DEPLOY1)',
      expect.stringContaining(
        'WRONG notifiers.far.slack cannot post: the app is not in channel far (C0FAR0001)',
      ),
    ]);
  });

  test('looks at approvals besides, where people are asked', async () => {
    const { botToken, appToken } = slack.workspace;

    const { code, lines } = await runWith(
      { UK_SLACK_BOT_TOKEN: botToken, UK_SLACK_APP_TOKEN: appToken },
      'notifiers: { bot: { slack: { channel: deploys } } }',
      '--channel',
      'other',
    );

    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('UK_SLACK_BOT_TOKEN'))).toHaveLength(1);
    expect(lines).toContain('ok    channel other is there (C0OTHER01), and the app is in it');
    expect(lines).toContain('ok    notifiers.bot.slack posts in channel deploys (C0DEPLOY1)');
  });

  test('looks at another channel', async () => {
    scopes(...full);

    expect((await runWith(variables(), '', '--channel', 'other')).lines).toContain(
      `ok    ${channel} posts in channel other (C0OTHER01)`,
    );
  });

  test.each<[Environment, string, string]>([
    [
      { UK_NOTIFY_SLACK_CHANNEL: 'deploys' },
      '',
      `${channel} has no token to post with: set one of its own, or UK_SLACK_BOT_TOKEN`,
    ],
    [{}, 'notifiers: { a: { slack: { channel: deploys } } }', 'notifiers.a.slack has no token to post with'],
    [{ SLACK_TOKEN: 'xoxb-canary-1' }, '', `${channel} is not set: nobody knows where to post`],
    [
      { ...{ SLACK_TOKEN: 'xoxb-canary-1', SLACK_CHANNEL: 'a' }, UK_SLACK_CHANNEL: 'b' },
      '',
      'UK_SLACK_CHANNEL need UK_SLACK_BOT_TOKEN',
    ],
    [
      { UK_SLACK_BOT_TOKEN: 'xoxb-canary-1', UK_SLACK_CHANNEL: 'b', UK_NOTIFY_SLACK_CHANNEL: 'a' },
      '',
      'UK_SLACK_CHANNEL is set, but nobody could click there',
    ],
  ])('says what is missing in %j and the file %j', async (given, text, words) => {
    const { code, wrong } = await runWith(given, text);

    expect(code).toBe(1);
    expect(wrong).toContainEqual(expect.stringContaining(`WRONG ${words}`));
  });

  test.each([
    [
      'notifiers: { a: { slack: { channel: a b } } }',
      'uk.yaml: notifiers.a.slack.channel: "a b" is not allowed',
    ],
    [
      'notifiers: { a: { slack: { channel: a, token: { env: NOT_HERE } } } }',
      'uk.yaml: notifiers.a.slack.token: the environment has no NOT_HERE',
    ],
    ['notifiers: [', 'uk.yaml: line 1'],
  ])('says what is wrong in the file %j', async (text, words) => {
    await expect(runWith({}, text)).rejects.toThrow(words);
  });

  test('needs something to look at', async () => {
    const none = 'UK_SLACK_BOT_TOKEN is not set, and there is no Slack notifier: Slack is off';

    await expect(runWith({})).rejects.toThrow(none);
    await expect(runWith({}, 'notifiers: { a: { discord: { url: { env: A } } } }')).rejects.toThrow(none);
    await expect(runWith({}, 'environments: {}')).rejects.toThrow(none);
  });
});
