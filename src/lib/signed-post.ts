import { AppError, hasCode, messageOf } from '../core/errors.ts';
import type { AnnouncementResult, Clock } from '../core/ports.ts';
import { signWebhook } from '../core/signature.ts';
import type { WebhookMessage } from '../core/webhook-formats.ts';
import type { Http } from './http.ts';

/** Where messages are posted, and what they are signed with. */
export interface SignedPostOptions {
  readonly url: string;
  /** Signing keys, newest first; none = unsigned. */
  readonly keys: readonly Buffer[];
  readonly http: Http;
  readonly clock: Clock;
}

/**
 * Posts a message, signed as Standard Webhooks want it, the id the same over all retries, and says how that went.
 * https://github.com/standard-webhooks/standard-webhooks
 */
export async function postSigned(
  { url, keys, http, clock }: SignedPostOptions,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<AnnouncementResult> {
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
