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
    expect(one('{ discord: { url: { file: /run/hook } } }', {}, { '/run/hook': `${url}\n` })?.kind).toBe(
      'discord',
    );
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
    [`{ ${discord}, teams: [''] }`, 'notifiers.ops.teams[0]: "" is not allowed; allowed: names of teams'],
  ])('%s stops the start and says where and what is allowed', (text, message) => {
    expect(fault(text)).toContain(`uk.yaml: ${message}`);
    expect(fault(text)).not.toContain('canary');
  });

  test('a template says what is wrong in it', () => {
    expect(fault(`{ ${discord}, template: '{{tem}}' }`)).toContain('({{tem}} is no field)');
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
