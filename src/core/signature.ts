import { createHmac } from 'node:crypto';

/** The headers of a signed webhook. https://github.com/standard-webhooks/standard-webhooks */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  /** Absent when there is no key to sign with. */
  readonly 'webhook-signature'?: string;
}

const prefix = 'whsec_';

/** The key of a `whsec_<base64>` secret; `undefined` unless it is 24 to 64 bytes, as the specification wants. */
export function webhookKey(secret: string): Buffer | undefined {
  const encoded = secret.startsWith(prefix) ? secret.slice(prefix.length) : undefined;
  if (encoded === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const key = Buffer.from(encoded, 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** Several keys, separated by white space; `undefined` when one of them is none. */
export function webhookKeys(text: string): readonly Buffer[] | undefined {
  const keys = text.trim().split(/\s+/).map(webhookKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/**
 * Signs a webhook body. Several keys give several signatures, so that keys can be rotated.
 *
 * @param timestamp seconds since 1970.
 */
export function signWebhook(
  id: string,
  timestamp: number,
  body: string | Uint8Array,
  keys: readonly Buffer[],
): SignatureHeaders {
  const signatures = keys.map((key) => signature(id, String(timestamp), body, key));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}

function signature(id: string, timestamp: string, body: string | Uint8Array, key: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}
