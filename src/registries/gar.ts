import { splitName } from '../core/image-name.ts';
import { imageParts, pushesOf, repositoryAt, tagsAnImage } from '../core/pushed-image.ts';
import type { Push, Registry } from '../core/registry.ts';
import { badBody, fieldAt, hasField, isFields, textAt } from '../core/webhook-fields.ts';

/** Google Artifact Registry and Container Registry: the topic `gcr`, pushed by Pub/Sub with or without its wrapper. */
export const gar: Registry = {
  name: 'gar',
  spec: 'https://cloud.google.com/artifact-registry/docs/configure-notifications',
  recognises: ({ body }) => isWrapped(body) || isNotification(body),
  parse({ body }) {
    if (isWrapped(body)) return pushesIn(messageIn(textAt(body, 'message', 'data')));
    if (isNotification(body)) return pushesIn(body);
    throw badBody('gar', 'the body must be a Pub/Sub push (message, subscription) or have action and tag');
  },
};

/** https://cloud.google.com/pubsub/docs/push#receive_push — a message has an id even where it has nothing else. */
function isWrapped(body: unknown): boolean {
  const message = fieldAt(body, 'message');
  return (
    isFields(message) &&
    (textAt(body, 'subscription') !== '' || hasField(message, 'messageId', 'message_id', 'data'))
  );
}

function isNotification(body: unknown): boolean {
  return ['INSERT', 'DELETE'].includes(textAt(body, 'action')) && hasField(body, 'tag', 'digest');
}

/** Anyone who may publish to the topic can put anything there: what is no notification is acknowledged, else it comes back for days. */
function messageIn(data: string): unknown {
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function pushesIn(notification: unknown): readonly Push[] {
  const { name, tag } = imageParts(textAt(notification, 'tag'));
  const { host, path } = splitName(name);
  // An image that has no tag is announced by its digest alone.
  if (textAt(notification, 'action') !== 'INSERT' || !tagsAnImage(tag) || !isGoogles(host)) return [];
  const { digest } = imageParts(textAt(notification, 'digest'));
  return pushesOf(repositoryAt({ source: 'gar', field: 'tag', host, path }), tag, digest);
}

/** The topic is no proof of where an image is: only Google's own registries are announced there. */
function isGoogles(host = ''): boolean {
  return /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z0-9-]+\.)?gcr\.io)$/.test(host);
}
