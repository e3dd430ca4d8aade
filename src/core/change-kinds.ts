/** What can be told of a workload that somebody else than us changed, or that failed by itself. */
export const changeKinds = [
  'workload.created',
  'workload.image-changed',
  /** Anything else of its pods. */
  'workload.config-changed',
  'workload.restarted',
  'workload.scaled',
  /** By an autoscaler: of interest to few. */
  'workload.autoscaled',
  'workload.deleted',
  'workload.failed',
  /** After a failure that was told. */
  'workload.recovered',
] as const;
export type ChangeKind = (typeof changeKinds)[number];
