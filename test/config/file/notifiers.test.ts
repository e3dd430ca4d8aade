import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../../src/config/load.ts';
import { noticeKinds, noticeWords } from '../../../src/core/notice.ts';
import { usualWording } from '../../../src/core/wording.ts';
import { aNotice } from '../../contract/sink.ts';

const url = 'https://discord.com/api/webhooks/1234567890/canary-token-of-a-webhook';
const load = (notifiers: string, environment: Environment = { HOOK: url }, files: Environment = {}) =>
  loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, (path) => {
    const text = path === 'uk.yaml' ? `notifiers:\n  ops: ${notifiers}\n` : files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  });
const one = (...given: Parameters<typeof load>) => load(...given).config.file.notifiers.ops;
const fault = (...given: Parameters<typeof load>): string => {
  try {
    load(...given);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

const discord = 'discord: { url: { env: HOOK } }';

/** The faults of `ops`, without the file. */
const faults = (...given: Parameters<typeof load>): readonly string[] =>
  fault(...given)
    .split('\n')
    .map((line) => line.replace(/^uk\.yaml: /, ''));

describe('a notifier', () => {
  test('is told of ends and of changes, everywhere, in the usual words, where nothing else is said', () => {
    expect(one(`{ ${discord} }`)).toMatchObject({
      kind: 'discord',
      filter: {
        events: [
          ...['update.succeeded', 'update.failed', 'workload.failed', 'workload.created'],
          ...['workload.image-changed', 'workload.config-changed', 'workload.restarted', 'workload.scaled'],
          ...['workload.deleted', 'workload.recovered'],
        ],
      },
      wording: usualWording,
      quiet: undefined,
    });
  });

  test('is told of what is said', () => {
    const notifier = one(
      `{ ${discord}, events: [rejected], namespaces: [shop], teams: [checkout], severity: warning,
         template: '{{name}}!', quiet: { from: '22:00', to: '07:30', zone: Europe/Copenhagen, except: warning } }`,
    );

    expect(notifier).toMatchObject({
      filter: {
        ...{ events: ['update.rejected'], namespaces: ['shop'], teams: ['checkout'], severity: 'warning' },
      },
      quiet: { fromMinute: 1320, toMinute: 450, zone: 'Europe/Copenhagen', except: 'warning' },
    });
    expect(notifier?.wording(aNotice())).toBe('shop!');
  });

  test.each([
    ['[failed, failed]', ['update.failed', 'workload.failed']],
    ['[autoscaled, approved]', ['workload.autoscaled', 'update.approved']],
  ])('is told of events %s by the kinds that they are', (events, kinds) => {
    expect(one(`{ ${discord}, events: ${events} }`)?.filter.events).toEqual(kinds);
  });

  test('may be told of each kind there is', () => {
    const events = one(`{ ${discord}, events: [${noticeWords.join(', ')}] }`)?.filter.events;

    expect([...(events ?? [])].sort()).toEqual([...noticeKinds].sort());
  });

  test('takes its secrets from the environment or a file, and shows only from where', () => {
    const { config, shown } = load(`{ ${discord} }`);

    expect(JSON.parse(JSON.stringify(shown))).toMatchObject({
      file: { notifiers: { ops: { kind: 'discord', settings: { url: { env: 'HOOK' } } } } },
    });
    expect(JSON.stringify([shown, config.file])).not.toContain('canary');
    expect(one('{ discord: { url: { file: /run/hook } } }', {}, { '/run/hook': `${url}\n` })).toMatchObject({
      ...{ kind: 'discord', settings: { url: { file: '/run/hook' } } },
    });
  });

  test('shows its other settings as they are written', () => {
    const written = '{ email: { host: mail, from: a@b.example, to: [c@d.example, e@f.example], port: 25 } }';

    expect(one(written)?.settings).toEqual({
      ...{ host: 'mail', from: 'a@b.example', to: ['c@d.example', 'e@f.example'], port: 25 },
    });
  });

  const events =
    'a list of awaiting-approval, approved, rejected, expired, superseded, succeeded, failed, created, image-changed, config-changed, restarted, scaled, autoscaled, deleted, recovered';
  test.each([
    ['{}', 'notifiers.ops: a section is not allowed; allowed: one of discord, email,'],
    [
      `{ ${discord}, slack: { channel: x } }`,
      'notifiers.ops: a section is not allowed; allowed: one of discord,',
    ],
    [
      '{ irc: {} }',
      'notifiers.ops.irc: unknown; allowed: events, namespaces, teams, severity, template, quiet, discord,',
    ],
    [
      `{ discord: { url: '${url}' } }`,
      'notifiers.ops.discord.url: a text is not allowed; allowed: { env: NAME } or { file: PATH }',
    ],
    ['{ discord: { url: { env: NONE } } }', 'notifiers.ops.discord.url: the environment has no NONE'],
    [
      '{ discord: { url: { file: /none } } }',
      'notifiers.ops.discord.url: the file /none cannot be read, or is empty',
    ],
    [
      `{ ${discord}, events: [deployed] }`,
      `notifiers.ops.events[0]: "deployed" is not allowed; allowed: ${events}`,
    ],
    [`{ ${discord}, events: [] }`, `notifiers.ops.events: an empty list is not allowed; allowed: ${events}`],
    [
      `{ ${discord}, severity: bad }`,
      'notifiers.ops.severity: "bad" is not allowed; allowed: info, warning, error',
    ],
    [
      `{ ${discord}, template: '{{tem}}' }`,
      'notifiers.ops.template: "{{tem}}" is not allowed; allowed: a Mustache template with {{name}},',
    ],
    [
      `{ ${discord}, quiet: { from: 22, to: '07:00' } }`,
      'notifiers.ops.quiet.from: 22 is not allowed; allowed: a time of day such as "22:30", in quotes',
    ],
    [`{ ${discord}, quiet: { from: '22:00' } }`, 'notifiers.ops.quiet.to: missing; allowed: a time of day'],
    [
      `{ ${discord}, quiet: { from: '22:00', to: '07:00', zone: Mars } }`,
      'notifiers.ops.quiet.zone: "Mars" is not allowed; allowed: a time zone',
    ],
    [
      `{ ${discord}, quiet: { from: '22:00', to: '22:00' } }`,
      'notifiers.ops.quiet.to: "22:00" is not allowed; allowed: another time than from',
    ],
    [
      `{ ${discord}, template: ' ' }`,
      'notifiers.ops.template: " " is not allowed; allowed: a Mustache template with {{name}},',
    ],
    [
      `{ ${discord}, events: [created, deleted], severity: error }`,
      'notifiers.ops.severity: "error" is not allowed; allowed: info, warning: none of its events is worse',
    ],
    [
      `{ ${discord}, events: [created], severity: warning }`,
      'notifiers.ops.severity: "warning" is not allowed; allowed: info: none of its events is worse',
    ],
    [`{ ${discord}, teams: [''] }`, 'notifiers.ops.teams[0]: "" is not allowed; allowed: names of teams'],
  ])('%s stops the start and says where and what is allowed', (text, message) => {
    expect(fault(text)).toContain(`uk.yaml: ${message}`);
    expect(fault(text)).not.toContain('canary');
  });

  test('a template says what is wrong in it', () => {
    expect(fault(`{ ${discord}, template: '{{tem}}' }`)).toContain('({{tem}} is no field)');
    expect(fault(`{ ${discord}, template: '{{images}}' }`)).toContain(
      '({{images}} is a list: {{#images}}…{{/images}} goes through it)',
    );
  });
});

describe('a secret that is written where none belongs is not repeated', () => {
  const text = 'a text is not allowed; allowed: a section with';
  const name = 'the variable that is named here is not set; allowed: the name of one,';
  const path = 'the file cannot be read, or is empty; allowed: the path of a file,';

  test.each([
    ['an address without its key', `{ discord: '${url}' }`, `notifiers.ops.discord: ${text} url`],
    ['one as a key', `{ discord: { ${url} } }`, 'notifiers.ops.discord."https://***": unknown'],
    ['one instead of all', `'${url}'`, `notifiers.ops: ${text} events`],
    [
      'a login',
      '{ slack: { channel: x, apiUrl: "https://joe:canary@proxy/api/" } }',
      'notifiers.ops.slack.apiUrl: "https://***@proxy/api/" is not allowed',
    ],
    [
      'a login without a scheme',
      '{ slack: { channel: x, apiUrl: "joe:canary@proxy/api/" } }',
      'notifiers.ops.slack.apiUrl: "***@proxy/api/" is not allowed',
    ],
    [
      'a query',
      '{ telegram: { token: { env: HOOK }, chat: 1, api: "https://proxy/?key=canary" } }',
      'notifiers.ops.telegram.api: "https://proxy/?***" is not allowed',
    ],
    [
      'a login in the address of a mail server',
      '{ email: { host: "smtps://joe:canary@mail", from: a@b.example, to: [a@b.example] } }',
      'notifiers.ops.email.host: "smtps://***@mail" is not allowed',
    ],
    [
      'a number',
      '{ email: { host: mail, user: joe, password: 20304050, from: a@b.example, to: [a@b.example] } }',
      'notifiers.ops.email.password: a number is not allowed; allowed: { env: NAME }',
    ],
    [
      'the value for its variable',
      `{ discord: { url: { env: '${url}' } } }`,
      `notifiers.ops.discord.url: ${name}`,
    ],
    [
      'a token for its variable',
      '{ slack: { channel: x, token: { env: xoxb_canary } } }',
      `notifiers.ops.slack.token: ${name}`,
    ],
    [
      'a key of capitals for its variable',
      '{ pagerduty: { routingKey: { env: R028DIE06SNKNO6V5ACSLRVCANARYTUV } } }',
      `notifiers.ops.pagerduty.routingKey: ${name}`,
    ],
    [
      'the value for its file',
      `{ discord: { url: { file: '${url}' } } }`,
      `notifiers.ops.discord.url: ${path}`,
    ],
    [
      'a token for its file',
      '{ slack: { channel: x, token: { file: xoxb-canary } } }',
      `notifiers.ops.slack.token: ${path}`,
    ],
    [
      'a key of a cloud for its file',
      "{ pagerduty: { routingKey: { file: '/canary+K7MDENG=' } } }",
      `notifiers.ops.pagerduty.routingKey: ${path}`,
    ],
  ])('%s', (_what, written, message) => {
    const said = faults(written);

    expect(said).toContainEqual(expect.stringContaining(message));
    expect(said.join('\n')).not.toMatch(/canary|20304050/i);
  });

  test('nor is it shown at the start, whatever there is of that name', () => {
    const odd = load('{ discord: { url: { env: hook_canary } }, teams: [checkout] }', { hook_canary: url });
    const file = load('{ discord: { url: { file: canary } } }', {}, { canary: url });
    const settings = [odd, file].map(({ config }) => config.file.notifiers.ops?.settings);

    expect(settings).toEqual([{ url: { env: '***' } }, { url: { file: '***' } }]);
    expect(JSON.stringify([odd.shown, file.shown])).not.toContain('canary');
  });

  test.each([
    [
      'a token of a bot that stands where the chat belongs',
      '{ telegram: { token: { env: HOOK }, chat: "123456:CANARYcanaryCANARYcanary" } }',
      'notifiers.ops.telegram.chat: "***" is not allowed; allowed: the id of a chat',
    ],
    [
      'a token of a bot that stands in the address of its server',
      '{ telegram: { token: { env: HOOK }, chat: 1, api: "https://api.telegram.org/bot123456:CANARY" } }',
      'notifiers.ops.telegram.api: "https://api.telegram.org/bot***" is not allowed; allowed: the address of a Bot API',
    ],
    [
      'a token that stands where a key belongs',
      '{ slack: { channel: x, xoxb-1-canary: } }',
      'notifiers.ops.slack."***": unknown; allowed: channel, token, apiUrl',
    ],
    [
      'a long text with a token in it',
      `{ slack: { channel: '${'x '.repeat(35)}ghp_canarycanary' } }`,
      'notifiers.ops.slack.channel: "x x ',
    ],
    [
      'a key of a cloud for its variable',
      '{ slack: { env: AKIACANARYCANARYCANA } }',
      `notifiers.ops.slack: ${name}`,
    ],
  ])('%s is not repeated either', (_what, written, message) => {
    const said = faults(written);

    expect(said).toContainEqual(expect.stringContaining(message));
    expect(said.join('\n')).not.toMatch(/canary/i);
  });

  test('nor is one that is taken for something else shown at the start', () => {
    const { shown } = load(`{ ${discord}, teams: [xoxb-1-canary], template: 'ghp_canary {{name}}' }`);
    const variable = load(`{ ${discord} }`, { HOOK: url, UK_DEPLOYMENT: 'xoxb-1-canary' });

    expect(JSON.stringify([shown, variable.shown])).not.toContain('canary');
    expect(variable.config.deployment).toBe('xoxb-1-canary');
  });

  test('nor is a file that is the secret itself', () => {
    const read = () => loadConfig({ UK_CONFIG: '/run/hook' }, () => url);

    expect(read).toThrow(/^\/run\/hook: a text is not allowed; allowed: a section with environments/);
    expect(read).not.toThrow('canary');
  });
});

describe('a fault is said once, and in words of the file', () => {
  test.each<[string, readonly string[], Environment]>([
    [
      '{ slack: { channel: x, token: { env: constructor } } }',
      [
        'notifiers.ops.slack.token: the variable that is named here is not set; allowed: the name of one, never the secret itself',
      ],
      {},
    ],
    [
      '{ slack: { channel: x, token: { env: NOPE } } }',
      ['notifiers.ops.slack.token: the environment has no NOPE'],
      {},
    ],
    ['{ slack: { env: NOPE } }', ['notifiers.ops.slack: the environment has no NOPE'], {}],
    [
      '{ slack: { env: TOK } }',
      ['notifiers.ops.slack: a secret does not belong here; allowed: a section with channel, token, apiUrl'],
      { TOK: 'xoxb-canary' },
    ],
    [
      '{ slack: { channel: { env: TOK } } }',
      [
        'notifiers.ops.slack.channel: a secret does not belong here; allowed: the name or the id of a channel',
      ],
      { TOK: 'xoxb-canary' },
    ],
    [
      '{ email: { host: mail, user: joe, password: { env: TOK }, from: a@b.example, to: [a@b.example] } }',
      [
        'notifiers.ops.email.password: this secret is not allowed; allowed: a secret that is one line of text',
      ],
      { TOK: 'can\nary' },
    ],
    [
      '{ slack: { channel: x, apiUrl: "https://slack-gov.com/api/" } }',
      [
        'notifiers.ops.slack.token: missing; allowed: { env: NAME } or { file: PATH }, never the secret itself, as there is an apiUrl: without a token UK_SLACK_BOT_TOKEN posts, where UK_SLACK_API_URL says',
      ],
      {},
    ],
    [
      '{ event: { env: TOK } }',
      ['notifiers.ops.event: a secret does not belong here; allowed: a section with nothing in it, {}'],
      { TOK: 'xoxb-canary' },
    ],
    ['{ event: { level: x } }', ['notifiers.ops.event.level: unknown; allowed: nothing in it, {}'], {}],
    [
      '{ event: }',
      [
        'notifiers.ops.event: empty: what begins with # is a comment; allowed: a section with nothing in it, {}',
      ],
      {},
    ],
    [
      '\n    slack:\n      channel: #deploys',
      [
        expect.stringMatching(
          /^notifiers\.ops\.slack\.channel: empty: what begins with # is a comment; allowed: the name/,
        ) as unknown as string,
      ],
      {},
    ],
    [
      '{ telegram: { token: { env: TOK }, chat: 99999999999999999999 } }',
      [
        'notifiers.ops.telegram.chat: 100000000000000000000 is not allowed; allowed: the id of a chat such as -1001234567890, or @name of a public channel or group',
      ],
      { TOK: '123456:canary' },
    ],
    [
      '{ email: { host: mail, port: 465, from: a@b.example, to: [a@b.example] } }',
      ['notifiers.ops.email.tls: missing; allowed: implicit: port 465 speaks TLS from the start'],
      {},
    ],
  ])('%s', (written, said, environment) => {
    expect(faults(written, environment)).toEqual(said);
  });

  test.each([
    ['{ env: TOK }', /^notifiers\.ops: a secret does not belong here; allowed: a section with events, /],
    ['{ slak: { channel: x } }', /^notifiers\.ops\.slak: unknown; allowed: events, /],
  ])('%s', (written, said) => {
    expect(faults(written, { TOK: 'canary' })).toEqual([expect.stringMatching(said)]);
  });

  test('a secret for all of them does not belong there', () => {
    const read = () => loadConfig({ UK_CONFIG: 'uk.yaml', TOK: 'canary' }, () => 'notifiers: { env: TOK }');

    expect(read).toThrow(/^uk\.yaml: notifiers: a secret does not belong here$/);
  });
});

test('the sample of the docs is read', () => {
  const docs = readFileSync(new URL('../../../docs/notifiers.md', import.meta.url), 'utf8');
  const [, sample = ''] = /```yaml\n(.*?)```/s.exec(docs) ?? [];
  const hook = 'https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=x';
  const files: Environment = { 'uk.yaml': sample, '/var/run/secrets/pagerduty/key': 'a'.repeat(32) };

  const { config } = loadConfig({ UK_CONFIG: 'uk.yaml', TEAMS_WEBHOOK: hook }, (path) => files[path] ?? '');

  expect(Object.entries(config.file.notifiers).map(([name, { kind }]) => [name, kind])).toEqual([
    ...[
      ['deploys', 'slack'],
      ['checkout', 'msteams'],
      ['on-call', 'pagerduty'],
      ['wiki', 'email'],
    ],
  ]);
});
