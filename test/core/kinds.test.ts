import { expect, test } from '@jest/globals';
import { apiVersionOf, collectionPath, objectPath, pluralOf, podSpecPath } from '../../src/core/kinds.ts';
import { workloadKinds } from '../../src/core/workload.ts';

test('each kind is called as the API calls it', () => {
  const said = workloadKinds.map((kind) => [
    apiVersionOf(kind),
    pluralOf(kind),
    podSpecPath(kind).join('.'),
    collectionPath(kind, undefined),
    objectPath({ cluster: 'north', namespace: 'till', kind, name: 'shop' }),
  ]);

  const apps = (plural: string) => [
    ...['apps/v1', plural, 'spec.template.spec', `/apis/apps/v1/${plural}`],
    `/apis/apps/v1/namespaces/till/${plural}/shop`,
  ];
  expect(said).toEqual([
    ...['deployments', 'statefulsets', 'daemonsets'].map(apps),
    [
      ...['batch/v1', 'cronjobs', 'spec.jobTemplate.spec.template.spec', '/apis/batch/v1/cronjobs'],
      '/apis/batch/v1/namespaces/till/cronjobs/shop',
    ],
  ]);
});
