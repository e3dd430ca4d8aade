import type { Request } from 'express';
import { AppError } from '../core/errors.ts';
import { canonicalRepository } from '../core/image-ref.ts';
import type { WebhookRequest } from '../core/registry.ts';
import { unpack } from './unpack.ts';

/** A request as the dialects take it. With a problem its body is undefined, and only its raw bytes can be trusted. */
export interface Delivery {
  readonly webhook: WebhookRequest;
  readonly problem?: AppError;
}

/** Makes of a request what the dialects take. */
export function toWebhook(request: Request, raw: Uint8Array): Delivery {
  const headers = headersOf(request);
  try {
    const registryHost = registryHostOf(request);
    return { webhook: { headers, raw, registryHost, body: unpack(request.headers, raw) } };
  } catch (problem) {
    if (!(problem instanceof AppError)) throw problem;
    return { webhook: { headers, raw, registryHost: undefined, body: undefined }, problem };
  }
}

function headersOf({ headers }: Request): WebhookRequest['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function registryHostOf({ query }: Request): string | undefined {
  const host = query.registry;
  if (host === undefined) return undefined;
  if (typeof host === 'string' && isHost(host)) return host;
  throw new AppError('bad-request', '?registry= must be a host, such as quay.example.com:8443');
}

function isHost(text: string): boolean {
  return (
    !text.includes('/') && canonicalRepository(`${text}/x`)?.startsWith(`${text.toLowerCase()}/`) === true
  );
}
