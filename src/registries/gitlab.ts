import { distributionPushes, isDistributionEnvelope } from '../core/distribution-events.ts';
import type { Registry } from '../core/registry.ts';
import { fieldAt } from '../core/webhook-fields.ts';

/**
 * GitLab's container registry: notifications of Docker Distribution, and more actions. Where the path does not name
 * it, it is known by what GitLab adds to the actor.
 */
export const gitlab: Registry = {
  name: 'gitlab',
  spec: 'https://gitlab.com/gitlab-org/container-registry/-/blob/master/docs/spec/gitlab/notifications.md',
  maxBodyBytes: 4 * 1024 * 1024,
  recognises(request) {
    const events = fieldAt(request.body, 'events');
    const first: unknown = Array.isArray(events) ? events[0] : undefined;
    return isDistributionEnvelope(request) && fieldAt(first, 'actor', 'user_type') !== undefined;
  },
  parse: (request) => distributionPushes('gitlab', request),
};
