import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { imageUpdates } from '../../src/embedded/image-updates.ts';
import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { createFakeClock } from '../support/fake-clock.ts';

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly plural: string;
      readonly kind: string;
      readonly shortNames: readonly string[];
    };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly selectableFields: readonly { readonly jsonPath: string }[];
        readonly additionalPrinterColumns: readonly {
          readonly name: string;
          readonly jsonPath: string;
          readonly priority?: number;
        }[];
        readonly schema: {
          readonly openAPIV3Schema: {
            readonly properties: { readonly status: { readonly default: unknown } };
          };
        };
      },
    ];
  };
}

test('the resource is the one that k8s/crd.yaml defines', () => {
  const crd = parse(readFileSync('k8s/crd.yaml', 'utf8')) as Definition;
  const { group, names, versions } = crd.spec;
  const [{ name, selectableFields, additionalPrinterColumns, schema }] = versions;

  expect(imageUpdates).toEqual({
    resource: {
      ...{ group, version: name, plural: names.plural, kind: names.kind, shortNames: names.shortNames },
      fields: selectableFields.map(({ jsonPath }) => jsonPath.slice(1)),
    },
    columns: additionalPrinterColumns.map((column) => ({
      ...{ name: column.name, path: column.jsonPath.slice(1) },
      ...(column.priority === 1 ? { wide: true } : {}),
    })),
    firstStatus: schema.openAPIV3Schema.properties.status.default,
  });
});

test('kubectl get imageupdates is answered as a table', async () => {
  const clock = createFakeClock();
  const cluster = await startEmbeddedCluster({ clock, port: 0 });
  const url = `${cluster.url}/apis/updatekate.dev/v1alpha1/namespaces/default/imageupdates`;
  const spec = {
    workload: { namespace: 'shop', name: 'cart' },
    repository: 'quay.io/acme/cart',
    tag: '1.1.0',
  };
  const body = JSON.stringify({ metadata: { name: 'up-1' }, spec });
  const headers = { 'content-type': 'application/json' };
  await fetch(url, { method: 'POST', headers, body });
  await clock.advance(5000);

  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const table = await fetch(`${url}?fieldSelector=spec.workload.name%3Dcart`, { headers: { accept } });
  await cluster.close();

  expect(await table.json()).toMatchObject({
    columnDefinitions: [
      { name: 'Name', priority: 0 },
      { name: 'Workload', priority: 0 },
      { name: 'Tag', priority: 0 },
      { name: 'Phase', priority: 0 },
      { name: 'Reason', priority: 0 },
      { name: 'Age', priority: 0 },
      { name: 'Namespace', priority: 1 },
      { name: 'Repository', priority: 1 },
      { name: 'Message', priority: 1 },
    ],
    rows: [{ cells: ['up-1', 'cart', '1.1.0', 'Pending', '', '5s', 'shop', 'quay.io/acme/cart', ''] }],
  });
});
