import { z } from 'zod';
import { imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Handshake, Registry, WebhookRequest } from '../core/registry.ts';
import { badBody, fieldAt, optionalText, readFields, textAt } from '../core/webhook-fields.ts';

const Uploaded = z.object({
  /** `repo:tag`, or `repo@digest` for what has no tag. */
  resourceName: z.string().min(1),
  /** `path` is the namespace of the tenancy and the repository. */
  additionalDetails: z.object({ path: z.string().min(1), digest: optionalText }),
});

/** Oracle Cloud's container registry: its event "Container Image - Upload", by a Notifications topic. */
export const ocir: Registry = {
  name: 'ocir',
  spec: 'https://docs.oracle.com/en-us/iaas/Content/Events/Reference/eventsproducers.htm',
  recognises: (request) =>
    textAt(request.body, 'eventType').startsWith('com.oraclecloud.') ||
    request.headers['x-oci-ns-messagetype'] !== undefined,
  handshake: confirmation,
  parse({ headers, body, registryHost: host }) {
    const type = textAt(body, 'eventType').toLowerCase();
    if (type === '' && headers['x-oci-ns-messagetype'] !== undefined) return [];
    if (type === '') throw badBody('ocir', 'eventType must name the event: "com.oraclecloud.artifacts.…"');
    if (type !== 'com.oraclecloud.artifacts.uploaddockerimage') return [];
    const data = readFields('ocir', Uploaded, fieldAt(body, 'data'), ['data']);
    const { tag, digest } = imageParts(data.resourceName);
    if (!tagsAnImage(tag)) return [];
    const { path, digest: told } = data.additionalDetails;
    const named = { field: 'data.additionalDetails.path', path: imageParts(path).name.toLowerCase() };
    return pushesOf(repositoryAt({ source: 'ocir', host, ...named }), tag, told || digest);
  },
};

/**
 * A new subscription of a topic is confirmed by fetching the address in its first message, if that is Oracle's.
 * https://docs.oracle.com/en-us/iaas/Content/Notification/Tasks/confirm-subscription.htm
 */
function confirmation({ headers, body }: WebhookRequest): Handshake | undefined {
  if (headers['x-oci-ns-messagetype'] !== 'SubscriptionConfirmation') return undefined;
  const url = headers['x-oci-ns-confirmationurl'] ?? textAt(body, 'ConfirmationURL');
  return isNotificationUrl(url) ? { kind: 'confirm', url } : undefined;
}

function isNotificationUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.port !== '') return false;
  return /^(?:[a-z0-9-]+\.)?notification\.[a-z0-9-]+\.(?:oci\.)?oraclecloud\.com$/.test(url.hostname);
}
