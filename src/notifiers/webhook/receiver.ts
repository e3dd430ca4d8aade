import type { Receiver } from '../../core/ports.ts';
import type { WebhookWording } from '../../core/webhook-formats.ts';
import { postSigned, type SignedPostOptions } from '../../lib/signed-post.ts';

/** Where and how the outgoing webhook posts. */
export interface WebhookOptions extends SignedPostOptions {
  /** What is posted: one of `webhookFormats`. */
  readonly format: WebhookWording;
}

/** The outgoing webhook of UK_WEBHOOK: one signed POST for each event of an update. */
export function createWebhook({ format, ...to }: WebhookOptions): Receiver {
  return {
    name: 'webhook',
    takes: format.takes,
    async tell(update, event, signal) {
      const message = format.message(update, event);
      if (!message) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      return await postSigned(to, message, signal);
    },
  };
}
