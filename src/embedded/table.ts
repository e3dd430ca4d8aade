import { columnsOf } from './columns.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';

/** How a client wants its table. */
export interface TableWish {
  /** What a row carries beside its cells. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
}

/** Whether the first acceptable form is a `meta.k8s.io/v1` Table, as `kubectl get` asks. */
export function tableWish(accept = '', query: URLSearchParams): TableWish | undefined {
  const [first = ''] = accept.split(',');
  const parameters = first.split(';').map((parameter) => parameter.trim());
  const wanted = ['as=Table', 'g=meta.k8s.io', 'v=v1'].every((parameter) => parameters.includes(parameter));
  if (!wanted) return undefined;
  const given = query.get('includeObject');
  return { includeObject: given === 'None' || given === 'Object' ? given : 'Metadata' };
}

/** Objects of a kind as a table, with the columns the real server prints. */
export function tableOf(
  kind: string,
  objects: readonly KubeObject[],
  { includeObject, now }: TableWish & { readonly now: Date },
): JsonObject {
  const columns = columnsOf(kind);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: objects.at(-1)?.metadata.resourceVersion ?? '' },
    columnDefinitions: columns.map(({ name, wide }) => ({
      ...{ name, type: 'string', description: name, priority: wide ? 1 : 0 },
      format: name === 'Name' ? 'name' : '',
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, now)),
      ...rowObject(object, includeObject),
    })),
  };
}

function rowObject(object: KubeObject, include: TableWish['includeObject']): JsonObject {
  if (include === 'None') return {};
  if (include === 'Object') return { object };
  const type = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
  return { object: { ...type, metadata: object.metadata } };
}
