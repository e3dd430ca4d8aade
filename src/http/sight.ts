import { isApprover } from '../core/ballot.ts';
import type { Update } from '../core/update.ts';
import type { Identity } from './voters.ts';

/** Whether the approvers name him, whatever Kubernetes says. */
function isNamed({ names }: Identity, { approval }: Update): boolean {
  return isApprover({ names, rbac: false }, approval?.approvers ?? []);
}

/** Whether he may look at one update: it names him, or Kubernetes lets him `get` or `approve` it. */
export async function mayLookAt(identity: Identity, update: Update): Promise<boolean> {
  return (
    isNamed(identity, update) ||
    (await identity.may('get', update)) ||
    (await identity.may('approve', update))
  );
}

/**
 * Whether he is shown an update in a list: it names him, or he may `get` or `approve` all of its namespace. So Kubernetes
 * is asked two questions at most for a namespace, however many updates there are.
 */
export function sightOf(identity: Identity): (update: Update) => Promise<boolean> {
  const seen = new Map<string, boolean>();
  const seesAll = async (namespace: string): Promise<boolean> => {
    const known = seen.get(namespace);
    if (known !== undefined) return known;
    const sees = (await identity.mayAll('get', namespace)) || (await identity.mayAll('approve', namespace));
    seen.set(namespace, sees);
    return sees;
  };
  return async (update) => isNamed(identity, update) || seesAll(update.workload.namespace);
}
