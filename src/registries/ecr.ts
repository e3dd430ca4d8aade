import { ecrPushes, isEcrEvent } from '../core/ecr-event.ts';
import type { Registry } from '../core/registry.ts';
import { isSnsDelivery, snsHandshake, snsMessage } from '../core/sns-envelope.ts';
import { badBody, textAt } from '../core/webhook-fields.ts';
import { headerProof } from '../core/webhook-proofs.ts';

/** Amazon ECR: its events, which EventBridge sends to an API destination, or to a topic of SNS that delivers them here. */
export const ecr: Registry = {
  name: 'ecr',
  spec: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html',
  // A connection of the type "API key" sends a header of one's choice; this is the usual one.
  proofs: [headerProof('x-api-key')],
  recognises: ({ body }) => isEcrEvent(body),
  handshake: snsHandshake,
  parse(request) {
    const { registryHost } = request;
    const isEnvelope = isSnsDelivery(request);
    const body = isEnvelope ? snsMessage('ecr', request) : request.body;
    if (isEcrEvent(body)) return ecrPushes('ecr', body, registryHost);
    // A rule may let through what other services and other transformers send: an event, but no push.
    if (isEnvelope) return [];
    const isEvent = textAt(body, 'detail-type') !== '' || textAt(body, 'specversion') !== '';
    if (isEvent && textAt(body, 'source') !== '') return [];
    throw badBody('ecr', 'source and detail-type must say what happened: "aws.ecr" and "ECR Image Action"');
  },
};
