import { hasCode, messageOf } from '../core/errors.ts';
import { group } from './image-update.ts';

/** What a person has to do about a collection of ours, `imageupdates`, that cannot be used. */
export function explain(error: unknown, plural: string): string {
  const message = messageOf(error);
  if (hasCode(error, 'forbidden')) return `${message}: ${roleFor(plural)}`;
  if (!hasCode(error, 'not-found') || message.includes('namespaces "')) return message;
  return `kubernetes: ${plural}.${group} is not installed: kubectl apply -f k8s/crd.yaml`;
}

/** `updatekate notify` has a Role of its own, and of ours only journals in it. */
function roleFor(plural: string): string {
  const grants = 'kubectl apply -f k8s/role.yaml grants it';
  return plural === 'journals' ? `${grants}, to updatekate notify k8s/notify/role.yaml` : grants;
}
