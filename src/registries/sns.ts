import { ecrPushes, isEcrEvent } from '../core/ecr-event.ts';
import type { Registry } from '../core/registry.ts';
import { isSnsDelivery, snsHandshake, snsMessage } from '../core/sns-envelope.ts';

/** Amazon SNS: a topic that carries ECR's events, subscribed to over HTTPS. */
export const sns: Registry = {
  name: 'sns',
  spec: 'https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html',
  recognises: isSnsDelivery,
  handshake: snsHandshake,
  parse(request) {
    const message = snsMessage('sns', request);
    // Whatever else is published to the topic is a message, but no push.
    return isEcrEvent(message) ? ecrPushes('sns', message, request.registryHost) : [];
  },
};
