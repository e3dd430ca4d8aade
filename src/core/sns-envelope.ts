import type { Handshake, WebhookRequest } from './registry.ts';
import { badBody, fieldAt, textAt } from './webhook-fields.ts';

const types = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];

/**
 * Whether Amazon SNS has delivered this, whatever it carries. Total.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function isSnsDelivery({ headers, body }: WebhookRequest): boolean {
  return (
    headers['x-amz-sns-message-type'] !== undefined ||
    (types.includes(textAt(body, 'Type')) && textAt(body, 'TopicArn') !== '')
  );
}

/** What a topic that was subscribed to wants to have confirmed. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html */
export function snsHandshake({ body }: WebhookRequest): Handshake | undefined {
  if (textAt(body, 'Type') !== 'SubscriptionConfirmation') return undefined;
  const url = URL.parse(textAt(body, 'SubscribeURL'));
  return url !== null && confirms(url) ? { kind: 'confirm', url: url.href } : undefined;
}

/**
 * The JSON value that was published; `undefined` when a delivery carries none.
 *
 * @param source - the dialect's name, for errors.
 * @throws AppError `bad-request` when the body is no delivery of SNS.
 */
export function snsMessage(source: string, { headers, body }: WebhookRequest): unknown {
  // With raw message delivery the body is the message, without its envelope and its signature.
  if (headers['x-amz-sns-rawdelivery'] === 'true') return body;
  const type = textAt(body, 'Type');
  if (!types.includes(type)) throw badBody(source, `Type must be one of: ${types.join(', ')}`);
  if (type !== 'Notification') return undefined;
  const message = fieldAt(body, 'Message');
  if (typeof message !== 'string') throw badBody(source, 'Message must be a text');
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
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
