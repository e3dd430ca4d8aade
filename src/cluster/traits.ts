import type { WorkloadKind, WorkloadTraits } from '../core/workload.ts';
import { under } from './fields.ts';
import type { ManagedEntry } from './managed-fields.ts';
import { settersOf, templateSetAt } from './setters.ts';
import { restartKey, templateHash, templatePath } from './template-hash.ts';

/** Of the others nobody says how many pods they have. */
const scaledKinds: readonly WorkloadKind[] = ['Deployment', 'StatefulSet'];

/**
 * What tells one state of an object from another, and who made it so.
 *
 * @param replicas how many pods it wants, if it is of a kind that says so.
 */
export function traitsOf(
  kind: WorkloadKind,
  object: unknown,
  replicas: number,
  entries: readonly ManagedEntry[],
): WorkloadTraits {
  const restartedAt = under(object, [...templatePath(kind), 'metadata', 'annotations'])[restartKey];
  const changedAt = templateSetAt(kind, entries);
  return {
    template: templateHash(kind, object),
    ...(typeof restartedAt === 'string' ? { restartedAt } : {}),
    ...(scaledKinds.includes(kind) ? { scale: replicas } : {}),
    ...(changedAt === undefined ? {} : { changedAt }),
    setBy: settersOf(kind, entries),
  };
}
