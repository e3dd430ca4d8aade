/** A column of `kubectl get` as a CustomResourceDefinition says it. */
export interface PrinterColumn {
  readonly name: string;
  readonly path: string;
  /** With `-o wide` only. */
  readonly wide?: true;
}

/**
 * What the embedded cluster knows of Updatekate's own resource, without a CustomResourceDefinition. It does not check
 * objects against the schema. test/embedded holds it together with `k8s/crd.yaml`.
 */
export const imageUpdates = {
  resource: {
    group: 'updatekate.dev',
    version: 'v1alpha1',
    plural: 'imageupdates',
    kind: 'ImageUpdate',
    shortNames: ['iu'],
    fields: ['spec.workload.namespace', 'spec.workload.name', 'spec.repository', 'spec.tag', 'status.phase'],
  },
  /** After the name. */
  columns: [
    { name: 'Workload', path: 'spec.workload.name' },
    { name: 'Tag', path: 'spec.tag' },
    { name: 'Phase', path: 'status.phase' },
    { name: 'Reason', path: 'status.reason' },
    { name: 'Age', path: 'metadata.creationTimestamp' },
    { name: 'Namespace', path: 'spec.workload.namespace', wide: true },
    { name: 'Repository', path: 'spec.repository', wide: true },
    { name: 'Message', path: 'status.message', wide: true },
  ] as readonly PrinterColumn[],
  /** The status of an object that has none. */
  firstStatus: { phase: 'Pending' },
};
