import type { Metrics } from '../../src/core/ports.ts';

/** Metrics that keep what was counted, as `name:label`. */
export function createFakeMetrics(): Metrics & { readonly counted: readonly string[] } {
  const counted: string[] = [];
  return {
    counted,
    webhook: (source, status) => counted.push(`webhook:${source}:${status}`),
    decision: ({ verdict, reason }) => counted.push(`decision:${verdict}:${reason ?? ''}`),
    delivery: (result) => counted.push(`delivery:${result}`),
    rollout: (result) => counted.push(`rollout:${result}`),
    announcement: (result) => counted.push(`announcement:${result}`),
    vote: (via, result) => counted.push(`vote:${via}:${result}`),
    watch: (cluster, resource, alive) => counted.push(`watch:${cluster}:${resource}:${alive}`),
    spooled: (updates) => counted.push(`spooled:${updates}`),
    change: (kind) => counted.push(`change:${kind}`),
    retrying: (what, more) => counted.push(`retrying:${what}:${more}`),
    leading: (leads) => counted.push(`leading:${leads}`),
  };
}
