import { expect, test } from '@jest/globals';
import { loadConfig, type Environment } from '../../src/config/load.ts';
import { unwatchedNamespaces, watchedNamespaces } from '../../src/config/namespaces.ts';

const file = 'environments: { prod: { namespaces: [shop, tilll] }, dev: { namespaces: [lab] } }';

test.each<[Environment, readonly string[], readonly string[]]>([
  [{}, ['default'], ['shop', 'tilll', 'lab']],
  [{ UK_NAMESPACE: 'shop', UK_NAMESPACES: 'till,lab,shop' }, ['shop', 'till', 'lab'], ['tilll']],
  [{ UK_NAMESPACES: '*' }, [], []],
])('with %j it watches %j, and of the file nobody watches %j', (environment, watched, unwatched) => {
  const { config } = loadConfig({ ...environment, UK_CONFIG: 'uk.yaml' }, () => file);

  expect(watchedNamespaces(config)).toEqual(watched);
  expect(unwatchedNamespaces(config)).toEqual(unwatched);
});
