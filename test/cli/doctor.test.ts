import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { doctor } from '../../src/cli/doctor.ts';
import { runCli } from '../support/cli-process.ts';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack/index.ts';

const page = readFileSync(new URL('../../docs/approvals/slack.md', import.meta.url), 'utf8');

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

/** Runs the command with everything set, but for what is different. */
async function run(different: Readonly<Record<string, string | undefined>> = {}, ...args: readonly string[]) {
  const lines: string[] = [];
  const { botToken, appToken } = slack.workspace;
  const environment = {
    ...{ UK_SLACK_BOT_TOKEN: botToken, UK_SLACK_APP_TOKEN: appToken, UK_SLACK_CHANNEL: '#deploys' },
    ...{ UK_SLACK_API_URL: slack.apiUrl, ...different },
  };
  const readFile = (path: string): string => {
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

    expect(wrong).toEqual(['WRONG nobody could click: set UK_SLACK_APP_TOKEN or UK_SLACK_SIGNING_SECRET']);
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
