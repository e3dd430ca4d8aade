import type { PrinterColumn } from './image-updates.ts';

/**
 * What the embedded cluster knows of Updatekate's resource for texts, without a CustomResourceDefinition. It does not
 * check objects against the schema. test/embedded holds it together with `k8s/crd.yaml`.
 */
export const journals = {
  resource: {
    group: 'updatekate.dev',
    version: 'v1alpha1',
    plural: 'journals',
    kind: 'Journal',
    shortNames: [],
    fields: [],
  },
  /** After the name. */
  columns: [
    { name: 'Bytes', path: 'spec.bytes' },
    { name: 'Age', path: 'metadata.creationTimestamp' },
  ] as readonly PrinterColumn[],
};
