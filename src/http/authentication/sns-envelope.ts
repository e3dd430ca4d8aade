import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';

const common = {
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.iso.datetime(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.base64(),
  SigningCertURL: z.string(),
};
const Confirmation = z.object({
  ...common,
  Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  SubscribeURL: z.string(),
  Token: z.string(),
});
const Notification = z.object({
  ...common,
  Type: z.literal('Notification'),
  Subject: z.string().nullish(),
});

/** What SNS wraps a message in. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export const SnsEnvelope = z.discriminatedUnion('Type', [Notification, Confirmation]);
export type SnsEnvelope = z.output<typeof SnsEnvelope>;

const digests = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' } as const;

/**
 * Whether the owner of a key signed an envelope.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 *
 * @param pem a certificate or a public key.
 * @throws Error when `pem` is neither.
 */
export function isSignedBy(envelope: SnsEnvelope, pem: string): boolean {
  const key = createPublicKey(pem);
  const text = Buffer.from(signedText(envelope));
  return verify(digests[envelope.SignatureVersion], text, key, Buffer.from(envelope.Signature, 'base64'));
}

/** The text that is signed: names and values, a line each, in the order of the names. */
export function signedText(envelope: SnsEnvelope): string {
  const { MessageId, Message, Timestamp, TopicArn, Type } = envelope;
  const own =
    envelope.Type === 'Notification'
      ? { Subject: envelope.Subject }
      : { SubscribeURL: envelope.SubscribeURL, Token: envelope.Token };
  return Object.entries({ Message, MessageId, ...own, Timestamp, TopicArn, Type })
    .filter(([, value]) => typeof value === 'string')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('');
}
