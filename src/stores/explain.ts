import { hasCode, messageOf } from '../core/errors.ts';
import { group } from './image-update.ts';

/** What a person has to do about a collection of ours, `imageupdates`, that cannot be used. */
export function explain(error: unknown, plural: string): string {
  const message = messageOf(error);
  if (hasCode(error, 'forbidden')) return `${message}: kubectl apply -f k8s/role.yaml grants it`;
  if (!hasCode(error, 'not-found') || message.includes('namespaces "')) return message;
  return `kubernetes: ${plural}.${group} is not installed: kubectl apply -f k8s/crd.yaml`;
}
