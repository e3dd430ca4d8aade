import { expect, test } from '@jest/globals';
import { imageUpdates } from '../../src/embedded/image-updates.ts';
import { startEmbeddedCluster } from '../../src/embedded/index.ts';
import { journals } from '../../src/embedded/journals.ts';
import { definitionOf } from '../k8s/manifests.ts';
import { createFakeClock } from '../support/fake-clock.ts';

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly plural: string;
      readonly kind: string;
      readonly shortNames?: readonly string[];
    };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly subresources?: unknown;
        readonly selectableFields?: readonly { readonly jsonPath: string }[];
        readonly additionalPrinterColumns: readonly {
          readonly name: string;
          readonly jsonPath: string;
          readonly priority?: number;
        }[];
        readonly schema: {
          readonly openAPIV3Schema: {
            readonly properties: { readonly status?: { readonly default: unknown } };
          };
        };
      },
    ];
  };
}

test.each([
  ['ImageUpdate', imageUpdates, { status: {} }],
  ['Journal', journals, undefined],
])('%s is the resource that k8s/crd.yaml defines', (resourceKind, served, subresources) => {
  const { group, names, versions } = (definitionOf(resourceKind) as Definition).spec;
  const [version] = versions;
  const { status } = version.schema.openAPIV3Schema.properties;
  const { shortNames = [], plural, kind } = names;

  expect(versions).toHaveLength(1);
  expect(version.subresources).toEqual(subresources);
  expect(served).toEqual({
    resource: {
      ...{ group, version: version.name, plural, kind, shortNames },
      fields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.slice(1)),
    },
    columns: version.additionalPrinterColumns.map((column) => ({
      ...{ name: column.name, path: column.jsonPath.slice(1) },
      ...(column.priority === 1 ? { wide: true } : {}),
    })),
    ...(status ? { firstStatus: status.default } : {}),
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

test('kubectl get journals is answered as a table', async () => {
  const clock = createFakeClock();
  const cluster = await startEmbeddedCluster({ clock, port: 0 });
  const url = `${cluster.url}/apis/updatekate.dev/v1alpha1/namespaces/default/journals`;
  const body = JSON.stringify({ metadata: { name: 'a.json' }, spec: { bytes: 2, text: '{}' } });
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await clock.advance(5000);

  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const table = await fetch(url, { headers: { accept } });
  await cluster.close();

  expect(await table.json()).toMatchObject({
    columnDefinitions: [{ name: 'Name' }, { name: 'Bytes' }, { name: 'Age' }],
    rows: [{ cells: ['a.json', 2, '5s'] }],
  });
});
