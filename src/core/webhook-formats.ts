import { outgoingEvent } from './announcement.ts';
import { cdEvent, type CdEventsVersion } from './cdevents.ts';
import { cloudEventHeaders } from './cloudevents.ts';
import type { Update } from './update.ts';

/** An outgoing webhook before it is signed. */
export interface WebhookMessage {
  /** Constant over every retry: the receiver's key against duplicates. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** Besides those of the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How an update's end is put into words; `undefined` when there is nothing to say. */
export type WebhookWording = (update: Update) => WebhookMessage | undefined;

/** Every format, by its name in `UK_WEBHOOK_FORMAT`. One more is one more line. */
export const webhookFormats = {
  updatekate: ownJson,
  cdevents: cdEventIn('0.5.1'),
  'cdevents-0.4': cdEventIn('0.4.1'),
} as const satisfies Readonly<Record<string, WebhookWording>>;

/** The name of a format. */
export type WebhookFormat = keyof typeof webhookFormats;

function ownJson(update: Update): WebhookMessage | undefined {
  const event = outgoingEvent(update);
  return event && { id: event.id, body: JSON.stringify(event), headers: {} };
}

/** A CDEvent in the binary mode of CloudEvents. https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md */
function cdEventIn(version: CdEventsVersion): WebhookWording {
  return (update) => {
    const event = cdEvent(update, version);
    if (!event) return undefined;
    const { id, source, type, timestamp } = event.context;
    const headers = cloudEventHeaders({ id, source, type, subject: event.subject.id, time: timestamp });
    return { id, body: JSON.stringify(event), headers };
  };
}
