import { describe, expect, test } from '@jest/globals';
import { notifyCall } from '../../src/cli/notify-environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { watchedPlaces } from '../../src/config/watched.ts';
import { runCli, type CliEnd } from '../support/cli-process.ts';

const token = 'xoxb-canary-token';
const login = 'seen:canary:horse';
const noFile = (path: string): string => {
  throw new Error(`${path} is not to be read`);
};

describe('the arguments of updatekate notify', () => {
  test('are variables, all of them', () => {
    const args = [
      ...['-c', 'kube.yaml', '--slack-token', token, '--slack-channel=#deploys'],
      ...['--artifactory-url', 'https://art.example/seen', '--artifactory-login', login, 'shop', 'till,lab'],
    ];

    expect(notifyCall(args, { PATH: '/bin', UK_PORT: '1' })).toEqual({
      environment: {
        ...{ PATH: '/bin', UK_PORT: '1', UK_CLUSTER: 'kubeconfig', UK_KUBECONFIG: 'kube.yaml' },
        ...{ UK_NOTIFY_SLACK_TOKEN: token, UK_NOTIFY_SLACK_CHANNEL: '#deploys' },
        ...{ UK_ARTIFACTORY_URL: 'https://art.example/seen', UK_ARTIFACTORY_LOGIN: login },
        UK_WATCH_NAMESPACES: 'shop till,lab',
      },
      exposed: [
        { option: '--slack-token', variable: 'UK_NOTIFY_SLACK_TOKEN' },
        { option: '--artifactory-login', variable: 'UK_ARTIFACTORY_LOGIN' },
      ],
    });
  });

  test('go before the environment, under whichever name and from whichever file', () => {
    const environment = {
      ...{ NAMESPACES: 'old', UK_WATCH_NAMESPACES: 'old', UK_CLUSTER: 'in-cluster', KUBE_CONFIG: 'old.yaml' },
      ...{ SLACK_TOKEN_FILE: '/old', UK_NOTIFY_SLACK_TOKEN_FILE: '/old', SLACK_CHANNEL: 'old' },
      ...{ UK_ARTIFACTORY_URL: 'https://old.example', ARTIFACTORY_LOGIN: 'old:old' },
    };
    const args = ['--kubeconfig', 'new.yaml', '--slack-token', token, '--slack-channel', 'new', 'shop'];

    const { config, aliases } = loadConfig(notifyCall(args, environment).environment, noFile);

    expect(config).toMatchObject({
      ...{ cluster: 'kubeconfig', kubeconfig: 'new.yaml', notifySlackToken: token },
      ...{ notifySlackChannel: 'new', artifactoryUrl: 'https://old.example' },
      artifactoryLogin: { user: 'old', password: 'old' },
    });
    expect(Object.fromEntries(watchedPlaces(config))).toEqual({ default: ['shop'] });
    expect(aliases).toEqual(['ARTIFACTORY_LOGIN']);
  });

  test.each([[[]], [['--slack-token', '', '--kubeconfig=', '', ' ']]])(
    'that say nothing, such as %j, leave it as it is',
    (args) => {
      const environment = { NAMESPACES: 'shop', SLACK_TOKEN: token, UK_CLUSTER: 'in-cluster' };

      expect(notifyCall(args, environment)).toEqual({ environment, exposed: [] });
    },
  );

  test.each([
    [['Shop'], 'NAMESPACE Shop is not allowed; allowed: namespaces separated by spaces or commas, or *'],
    [['*', 'shop'], 'NAMESPACE * shop is not allowed; allowed: namespaces'],
    [['--slack-token', 'canary'], '--slack-token is not allowed; allowed: a token that starts with xoxb-'],
    [['--slack-channel', 'a b'], '--slack-channel a b is not allowed; allowed: the name or the id'],
    [['--artifactory-login', 'canary'], '--artifactory-login is not allowed; allowed: user:password'],
    [
      ['--artifactory-url', 'https://me:canary@a.example'],
      '--artifactory-url https://***@a.example is not allowed; allowed: an http',
    ],
    [
      ['--artifactory-url', 'https://a.example/x?apiKey=canary'],
      '--artifactory-url https://a.example/x?*** is not allowed; allowed: an http',
    ],
    [
      ['--artifactory-url', 'me:canary@a.example/x'],
      '--artifactory-url *** is not allowed; allowed: an http',
    ],
  ])('%j is a wrong call, and shows no secret', (args, message) => {
    const call = () => notifyCall(args, {});

    expect(call).toThrow(expect.objectContaining({ code: 'bad-config' }));
    expect(call).toThrow(message);
    expect(call).not.toThrow('canary');
  });
});

const usage =
  '[-c|--kubeconfig FILE] [--slack-token TOKEN] [--slack-channel CHANNEL] [--artifactory-url URL] [--artifactory-login USER:PASSWORD] [NAMESPACE …]';
const told = ['--slack-token', token, '--slack-channel', 'deploys'];

describe.each([
  ['updatekate notify', (args, environment) => runCli(['notify', ...args], environment)],
  ['kube-monitor', (args, environment) => runCli(args, environment, 'kube-monitor')],
] satisfies [string, (args: readonly string[], environment: Record<string, string>) => Promise<CliEnd>][])(
  '%s',
  (name, run) => {
    test.each(['-h', '--help'])('%s says how it is called', async (flag) => {
      const { code, stdout, stderr } = await run(['shop', flag], {});

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.startsWith(`usage: ${name} ${usage}\n`)).toBe(true);
    });

    test.each<[string, readonly string[], Record<string, string>, string]>([
      ['an option that is none', ['--slack-tokem', 'x'], {}, "Unknown option '--slack-tokem'"],
      [
        'a secret where a namespace belongs',
        [...told, 'xoxb-1-Canary'],
        {},
        'NAMESPACE *** is not allowed; allowed: namespaces',
      ],
      [
        'an option without its value',
        ['shop', '-c'],
        {},
        "Option '-c, --kubeconfig <value>' argument missing",
      ],
      [
        'no namespace',
        told,
        {},
        'no namespace is watched: name some, or set UK_WATCH_NAMESPACES (or NAMESPACES), or watch: in the file of UK_CONFIG\n',
      ],
      [
        'nobody who is told',
        ['shop'],
        {},
        'nobody is told: set --slack-token and --slack-channel, or UK_NOTIFY_SLACK_TOKEN (or SLACK_TOKEN) and UK_NOTIFY_SLACK_CHANNEL (or SLACK_CHANNEL), or notifiers: in the file of UK_CONFIG\n',
      ],
      [
        'half of who is told',
        told.slice(0, 2),
        { NAMESPACES: 'shop' },
        'UK_NOTIFY_SLACK_TOKEN (or SLACK_TOKEN) is set, but not where to post',
      ],
      [
        'a variable that is wrong',
        told,
        { NAMESPACES: 'Shop' },
        'NAMESPACES=Shop is not allowed; allowed: namespaces',
      ],
    ])('with %s is a wrong call', async (_what, args, environment, why) => {
      const { code, stdout, stderr } = await run(args, environment);

      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`${name}: ${why}`);
      expect(stderr.endsWith(`\nusage: ${name} ${usage}\n`)).toBe(true);
      expect(stderr).not.toMatch(/canary/i);
    });

    test('warns of secrets that everyone can see', async () => {
      const both = [...told, '--artifactory-login', login];

      const [open, hidden] = await Promise.all([run(both, {}), run([], { SLACK_TOKEN: token })]);

      expect(open.stderr.split('\n').slice(0, 2)).toEqual([
        'warning: --slack-token shows its value in the list of processes; UK_NOTIFY_SLACK_TOKEN and UK_NOTIFY_SLACK_TOKEN_FILE do not',
        'warning: --artifactory-login shows its value in the list of processes; UK_ARTIFACTORY_LOGIN and UK_ARTIFACTORY_LOGIN_FILE do not',
      ]);
      expect(hidden.stderr).not.toContain('warning');
    });
  },
);
