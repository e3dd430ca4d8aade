import { distributionPushes, isDistributionEnvelope } from '../core/distribution-events.ts';
import type { Registry } from '../core/registry.ts';

/** Docker Distribution (`registry:2`, `registry:3`) and what is built on it: its notifications. */
export const distribution: Registry = {
  name: 'distribution',
  spec: 'https://distribution.github.io/distribution/about/notifications/',
  // An envelope has any number of events: a busy registry collects them while it waits.
  maxBodyBytes: 4 * 1024 * 1024,
  recognises: isDistributionEnvelope,
  parse: (request) => distributionPushes('distribution', request),
};
