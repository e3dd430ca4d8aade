import { describe, expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import type { Duties } from '../../src/config/duties.ts';
import { warningsOf } from '../../src/config/warnings.ts';

const clusters = 'clusters: { east: { kubeconfig: e.yaml }, west: { kubeconfig: w.yaml } }\n';
const slack = { UK_NOTIFY_SLACK_TOKEN: 'xoxb-canary-1', UK_NOTIFY_SLACK_CHANNEL: 'deploys' };
const art = { UK_ARTIFACTORY_URL: 'https://art.example/seen' };

const read = (environment: Environment, file: string, duties: Duties = 'all') =>
  warningsOf(loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, () => file).config, duties);

test.each<[Environment, string]>([
  [{}, ''],
  [slack, ''],
  [{ ...slack, UK_WATCH_NAMESPACES: '*' }, ''],
  [{ ...art, UK_ARTIFACTORY_LOGIN: 'canary:canary' }, ''],
  [slack, `${clusters}watch: { east: [shop], west: [shop] }`],
])('nothing is to be said of %j and the file %j', (environment, file) => {
  expect(read(environment, file)).toEqual([]);
});

test('an Artifactory without a login is not used', () => {
  expect(read(art, '')).toEqual([
    {
      fields: { url: 'https://art.example/seen' },
      message:
        'UK_ARTIFACTORY_URL is not used: without UK_ARTIFACTORY_LOGIN what was seen is kept in the store',
    },
  ]);
});

test('who is told of updates is told of nothing where none are made', () => {
  const environment = {
    ...{ ...slack, UK_WEBHOOK: 'https://ci.example/canary' },
    ...{ UK_APPROVAL_WEBHOOK: 'https://ask.example/canary', UK_VOTE_LINK_SECRET: 'x'.repeat(32) },
    UK_PUBLIC_URL: 'https://uk.example',
  };
  const message =
    'these variables mean nothing to updatekate notify, which makes no updates; a notifier of the kind webhook is told of changes';

  expect(read({ ...environment, UK_WATCH_NAMESPACES: 'shop' }, '', 'notify')).toEqual([
    { fields: { variables: ['UK_WEBHOOK', 'UK_APPROVAL_WEBHOOK'] }, message },
  ]);
  expect(read(environment, '', 'all')).toEqual([]);
});

test('a cluster in which nothing is watched is of no use', () => {
  expect(read(slack, `${clusters}watch: { east: [shop] }`)).toEqual([
    { fields: { clusters: ['west'] }, message: 'these clusters are not watched: nothing is done in them' },
  ]);
});

describe('a token of Slack that is there for notifiers alone', () => {
  const bot = { UK_SLACK_BOT_TOKEN: 'xoxb-canary-1' };
  const file = 'notifiers: { deploys: { slack: { channel: deploys } } }';
  const off = expect.objectContaining({
    message: expect.stringMatching(
      /^approvals in Slack are off: UK_SLACK_BOT_TOKEN posts for notifiers/,
    ) as unknown,
  }) as unknown;

  test('turns approvals off there, which is said', () => {
    expect(read(bot, file)).toEqual([off]);
    expect(read({ ...bot, UK_NOTIFY_SLACK_CHANNEL: 'deploys' }, '')).toEqual([off]);
  });

  test('is nothing to be said of where there are none, or they are on', () => {
    expect(read({ ...bot, UK_WATCH_NAMESPACES: 'shop' }, file, 'notify')).toEqual([]);
    expect(read({ ...bot, UK_SLACK_SIGNING_SECRET: '0123456789abcdef' }, file)).toEqual([]);
    expect(read({}, 'notifiers: { ops: { event: {} } }')).toEqual([]);
  });
});

test('watching is of no use where nobody is told', () => {
  expect(read({ UK_WATCH_NAMESPACES: 'shop' }, `${clusters}watch: { east: [shop], west: ['*'] }`)).toEqual([
    {
      fields: { clusters: ['east', 'west', 'default'] },
      message: 'changes are watched, and nobody is told: there is no notifier',
    },
  ]);
});

describe('a notifier that cannot be told', () => {
  const notifier = (more: string) => `notifiers: { ops: { event: {}, ${more} } }\n`;
  const shop = { UK_WATCH_NAMESPACES: 'shop' };
  const nothing = {
    fields: { notifiers: ['ops'] },
    message:
      'these notifiers are told of nothing: none of their events happens here and is one that they tell',
  };
  const missing = (...namespaces: readonly string[]) => ({
    fields: { namespaces: { ops: namespaces } },
    message: 'these notifiers name namespaces that are not watched: nothing in them is told',
  });

  test.each<[Environment, string, Duties, readonly unknown[]]>([
    [shop, 'namespaces: [shop, shopp]', 'notify', [missing('shopp')]],
    [shop, 'namespaces: [shopp]', 'notify', [missing('shopp')]],
    [shop, 'namespaces: [shop, default]', 'all', []],
    [shop, 'namespaces: [shop, default]', 'notify', [missing('default')]],
    [shop, 'namespaces: [shop, default], events: [created]', 'all', [missing('default')]],
    [shop, 'namespaces: [shop, default], events: [approved]', 'all', [missing('shop')]],
    [{ UK_WATCH_NAMESPACES: '*' }, 'namespaces: [till]', 'notify', []],
    [{ ...shop, UK_NAMESPACES: '*' }, 'namespaces: [till], events: [approved]', 'all', []],
    [{ ...shop, UK_NAMESPACES: '*' }, 'namespaces: [till], events: [created]', 'all', [missing('till')]],
    [shop, 'events: [succeeded, rejected]', 'notify', [nothing]],
    [shop, 'events: [succeeded, rejected]', 'all', []],
    [shop, 'events: [succeeded, failed]', 'notify', []],
    [shop, 'events: [rejected, recovered], severity: warning', 'notify', [nothing]],
    [{}, 'events: [created]', 'all', [nothing]],
  ])('with %j and %s, where %s is done', (environment, more, duties, said) => {
    expect(read(environment, notifier(more), duties)).toEqual(said);
  });

  test('is told of a namespace that only a further cluster has', () => {
    const file = `${clusters}watch: { east: [till], west: [shop] }\n${notifier('namespaces: [till]')}`;

    expect(read({}, file, 'notify')).toEqual([]);
  });
});
