import { expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { watchedPlaces } from '../../src/config/watched.ts';

const east = 'clusters: { east: { kubeconfig: east.yaml } }\n';

test.each<[Environment, string, Readonly<Record<string, unknown>>]>([
  [{}, '', {}],
  [{ UK_NAMESPACE: 'shop', UK_NAMESPACES: '*' }, '', {}],
  [{ UK_WATCH_NAMESPACES: 'shop, till  shop' }, '', { default: ['shop', 'till'] }],
  [{ NAMESPACES: '*' }, '', { default: 'all' }],
  [{}, 'watch: { default: [shop, shop] }', { default: ['shop'] }],
  [
    { UK_WATCH_NAMESPACES: 'till lab' },
    'watch: { default: [shop, till] }',
    { default: ['shop', 'till', 'lab'] },
  ],
  [{ UK_WATCH_NAMESPACES: '*' }, 'watch: { default: [shop] }', { default: 'all' }],
  [{ UK_WATCH_NAMESPACES: 'shop' }, "watch: { default: ['*'] }", { default: 'all' }],
  [{}, `${east}watch: { east: ['*'] }`, { east: 'all' }],
  [{ UK_WATCH_NAMESPACES: 'shop' }, `${east}watch: { east: [till] }`, { default: ['shop'], east: ['till'] }],
  [{}, east, {}],
])('with %j and the file %j it tells of %j', (environment, file, places) => {
  const { config } = loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, () => file);

  expect(Object.fromEntries(watchedPlaces(config))).toEqual(places);
});
