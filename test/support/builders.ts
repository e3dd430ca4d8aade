import { readPolicy } from '../../src/core/policies/index.ts';
import type { Policy } from '../../src/core/policy.ts';
import { newUpdate, type Update, type UpdateIdentity } from '../../src/core/update.ts';
import type { Workload, WorkloadKey } from '../../src/core/workload.ts';

/** `default/default/Deployment/<name>`. */
export function keyOf(name = 'shop'): WorkloadKey {
  return { cluster: 'default', namespace: 'default', kind: 'Deployment', name };
}

/** A converged Deployment with one container `app`, with whatever is different. */
export function aWorkload(different: Partial<Workload> = {}): Workload {
  return {
    key: keyOf(),
    uid: 'uid-1',
    resourceVersion: '1',
    generation: 1,
    deleting: false,
    annotations: { 'updatekate.dev/policy': 'semver' },
    containers: [{ name: 'app', image: 'quay.io/acme/shop:1.0.0', init: false }],
    gitOpsOwners: {},
    selector: 'app=shop',
    paused: false,
    onDelete: false,
    replicas: 2,
    observedGeneration: 1,
    status: { replicas: 2, updated: 2, available: 2 },
    conditions: [],
    ...different,
  };
}

/** A pending update of the builder's workload to 1.1.0, with whatever is different. */
export function anUpdate(different: Partial<Update> = {}, now = new Date('2026-01-01T00:00:00Z')): Update {
  const identity: UpdateIdentity = {
    workload: keyOf(),
    uid: 'uid-1',
    repository: 'quay.io/acme/shop',
    tag: '1.1.0',
    digest: undefined,
    moves: [
      { container: 'app', init: false, from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' },
    ],
  };
  return { ...newUpdate(identity, 'semver', now), ...different };
}

/** The policy of a text that is known to be right. */
export function policyOf(text: string): Policy {
  const policy = readPolicy(text);
  if (typeof policy === 'string') throw new Error(policy);
  return policy;
}
