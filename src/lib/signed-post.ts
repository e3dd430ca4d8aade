import type { AnnouncementResult, Clock } from '../core/ports.ts';
import { signWebhook } from '../core/signature.ts';
import { tried } from '../core/tried.ts';
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
 * Posts a message, signed as Standard Webhooks want it, the id the same over all retries.
 * https://github.com/standard-webhooks/standard-webhooks
 *
 * @throws AppError as `Http.post` does.
 */
export function sendSigned(
  { url, keys, http, clock }: SignedPostOptions,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<void> {
  const { id, body } = message;
  const headers = (): Readonly<Record<string, string>> => ({
    ...message.headers,
    ...signWebhook(id, Math.floor(clock.now().getTime() / 1000), body, keys),
  });
  return http.post({ url, body, headers }, signal);
}

/** Does the same, and says how that went. */
export function postSigned(
  to: SignedPostOptions,
  message: WebhookMessage,
  signal: AbortSignal,
): Promise<AnnouncementResult> {
  return tried(sendSigned(to, message, signal), signal);
}
