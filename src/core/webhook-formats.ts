import { outgoingEvent, type EventType } from './announcement.ts';
import { cdEvent, isCdEvent, type CdEventsVersion } from './cdevents.ts';
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

/** How an event of an update is put into words; `undefined` when there are none for it. */
export interface WebhookWording {
  /** Whether there are words for it. */
  takes(event: EventType): boolean;
  message(update: Update, event: EventType): WebhookMessage | undefined;
}

/** Every format, by its name in `UK_WEBHOOK_FORMAT`. One more is one more line. */
export const webhookFormats = {
  updatekate: { takes: () => true, message: ownJson },
  cdevents: cdEventIn('0.5.1'),
  'cdevents-0.4': cdEventIn('0.4.1'),
} as const satisfies Readonly<Record<string, WebhookWording>>;

/** The name of a format. */
export type WebhookFormat = keyof typeof webhookFormats;

function ownJson(update: Update, type: EventType): WebhookMessage | undefined {
  const event = outgoingEvent(update, type);
  return event && { id: event.id, body: JSON.stringify(event), headers: {} };
}

/** A CDEvent in the binary mode of CloudEvents. https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md */
function cdEventIn(version: CdEventsVersion): WebhookWording {
  const message: WebhookWording['message'] = (update, told) => {
    const event = cdEvent(update, version, told);
    if (!event) return undefined;
    const { id, source, type, timestamp } = event.context;
    const headers = cloudEventHeaders({ id, source, type, subject: event.subject.id, time: timestamp });
    return { id, body: JSON.stringify(event), headers };
  };
  return { takes: isCdEvent, message };
}
