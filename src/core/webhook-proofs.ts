import { createHmac } from 'node:crypto';
import type { WebhookProof } from './registry.ts';
import { sameSecret } from './secrets.ts';

/** How a header carries an HMAC of the body. */
export interface HmacForm {
  /** Lower case. */
  readonly header: string;
  readonly algorithm: 'sha1' | 'sha256';
  /** Before the hexadecimal digits: `sha256=`. */
  readonly prefix?: string;
}

/** The header holds the HMAC of the bytes of the body, in hexadecimal of any case. */
export function hmacProof({ header, algorithm, prefix = '' }: HmacForm): WebhookProof {
  return ({ headers, raw }, secret) => {
    const given = headers[header]?.trim();
    if (!given?.startsWith(prefix)) return false;
    const expected = createHmac(algorithm, secret).update(raw).digest('hex');
    return sameSecret(given.slice(prefix.length).toLowerCase(), expected);
  };
}

/** The header is the secret, word for word, in a place where its sender lets one configure a header's whole value. */
export function headerProof(header: string): WebhookProof {
  return ({ headers }, secret) => sameSecret(headers[header] ?? '', secret);
}

/** A field of the body's top level is the secret: for senders whose body is a template of the user's. */
export function fieldProof(...names: readonly string[]): WebhookProof {
  return ({ body }, secret) =>
    names
      .map((name) => fieldOf(body, name))
      .filter((value) => typeof value === 'string' && sameSecret(value, secret)).length > 0;
}

function fieldOf(body: unknown, name: string): unknown {
  const isThere = typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  return isThere ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
}
