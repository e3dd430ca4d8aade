import { ecrPushes, isEcrEvent } from '../core/ecr-event.ts';
import type { Registry } from '../core/registry.ts';
import { badBody, fieldAt, textAt } from '../core/webhook-fields.ts';

const types = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];

/** Amazon SNS: a topic that carries ECR's events, subscribed to over HTTPS. */
export const sns: Registry = {
  name: 'sns',
  spec: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html',
  recognises: ({ headers, body }) =>
    headers['x-amz-sns-message-type'] !== undefined ||
    (types.includes(textAt(body, 'Type')) && textAt(body, 'TopicArn') !== ''),
  /** https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html */
  handshake({ body }) {
    if (textAt(body, 'Type') !== 'SubscriptionConfirmation') return undefined;
    const url = URL.parse(textAt(body, 'SubscribeURL'));
    return url !== null && confirms(url) ? { kind: 'confirm', url: url.href } : undefined;
  },
  parse({ headers, body, registryHost }) {
    // With raw message delivery the body is the message, without its envelope and its signature.
    if (headers['x-amz-sns-rawdelivery'] === 'true') return pushesIn(body, registryHost);
    const type = textAt(body, 'Type');
    if (!types.includes(type)) throw badBody('sns', `Type must be one of: ${types.join(', ')}`);
    if (type !== 'Notification') return [];
    const message = fieldAt(body, 'Message');
    if (typeof message !== 'string') throw badBody('sns', 'Message must be a text');
    return pushesIn(jsonIn(message), registryHost);
  },
};

/** Whatever else is published to the topic is a message, but no push. */
function pushesIn(message: unknown, registryHost: string | undefined): ReturnType<Registry['parse']> {
  return isEcrEvent(message) ? ecrPushes('sns', message, registryHost) : [];
}

/** Only AWS itself is ever asked, and nothing else than to confirm. */
function confirms({ protocol, host, username, password, searchParams }: URL): boolean {
  return (
    protocol === 'https:' &&
    /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/.test(host) &&
    `${username}${password}` === '' &&
    searchParams.get('Action') === 'ConfirmSubscription'
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
