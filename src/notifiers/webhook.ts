import { AppError, hasCode, messageOf } from '../core/errors.ts';
import type { AnnouncementResult, Clock, Receiver } from '../core/ports.ts';
import { signWebhook } from '../core/signature.ts';
import type { WebhookWording } from '../core/webhook-formats.ts';
import type { Http } from '../lib/http.ts';

export interface WebhookOptions {
  readonly url: string;
  /** What is posted: one of `webhookFormats`. */
  readonly format: WebhookWording;
  /** Signing keys, newest first; none = unsigned. */
  readonly keys: readonly Buffer[];
  readonly http: Http;
  readonly clock: Clock;
}

/**
 * The outgoing webhook: one POST for each event of an update, signed as Standard Webhooks want it, the id the same
 * over all retries. https://github.com/standard-webhooks/standard-webhooks
 */
export function createWebhook({ url, format, keys, http, clock }: WebhookOptions): Receiver {
  return {
    name: 'webhook',
    takes: format.takes,
    async tell(update, event, signal): Promise<AnnouncementResult> {
      const message = format.message(update, event);
      if (!message) return { kind: 'abandoned', message: `nothing to say about ${event}` };
      const { id, body } = message;
      const headers = (): Readonly<Record<string, string>> => ({
        ...message.headers,
        ...signWebhook(id, Math.floor(clock.now().getTime() / 1000), body, keys),
      });
      try {
        await http.post({ url, body, headers }, signal);
        return { kind: 'sent' };
      } catch (error) {
        if (signal.aborted) throw error;
        return refusal(error);
      }
    },
  };
}

/** Only a receiver that says it is gone is believed; whatever else went wrong may be mended by the next try. */
function refusal(error: unknown): AnnouncementResult {
  const message = messageOf(error);
  if (hasCode(error, 'gone')) return { kind: 'abandoned', message };
  return {
    kind: 'failed',
    message,
    retryAfterMs: error instanceof AppError ? error.retryAfterMs : undefined,
  };
}
