import { expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { warningsOf } from '../../src/config/warnings.ts';

const clusters = 'clusters: { east: { kubeconfig: e.yaml }, west: { kubeconfig: w.yaml } }\n';
const slack = { UK_NOTIFY_SLACK_TOKEN: 'xoxb-canary-1', UK_NOTIFY_SLACK_CHANNEL: 'deploys' };
const art = { UK_ARTIFACTORY_URL: 'https://art.example/seen' };

const read = (environment: Environment, file: string) =>
  warningsOf(loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, () => file).config);

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

test('a cluster in which nothing is watched is of no use', () => {
  expect(read(slack, `${clusters}watch: { east: [shop] }`)).toEqual([
    { fields: { clusters: ['west'] }, message: 'these clusters are not watched: nothing is done in them' },
  ]);
});

test('watching is of no use where nobody is told', () => {
  expect(read({ UK_WATCH_NAMESPACES: 'shop' }, `${clusters}watch: { east: [shop], west: ['*'] }`)).toEqual([
    {
      fields: { clusters: ['east', 'west', 'default'] },
      message: 'changes are watched, and nobody is told: there is no notifier',
    },
  ]);
});
