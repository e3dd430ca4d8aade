import { readFileSync } from 'node:fs';
import type { Config } from '../config/load.ts';
import type { Clock, Log, Metrics } from '../core/ports.ts';
import { authenticationFrom } from '../http/authentication/from-config.ts';
import { readTls, type TlsOptions } from '../http/tls.ts';
import type { WebhookOptions } from '../http/webhook.ts';
import { createHttp } from '../lib/http.ts';
import { registries } from '../registries/index.ts';
import { quay } from '../registries/quay.ts';

/** What takes webhooks, but for what becomes of them. Part of the composition root. */
export interface WebhookSide {
  readonly options: Omit<WebhookOptions, 'receive'>;
  /** Undefined = the service listens without TLS. */
  readonly tls: TlsOptions | undefined;
  /** Says who may send that perhaps should not, and fetches what the first sender would have to wait for. */
  prepare(end: AbortSignal): void;
}

export interface WebhookParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Of what senders are checked with: keys, certificates, subscriptions. */
const outbound = { timeoutMs: 4000, retries: 0, minDelayMs: 0, userAgent: 'updatekate' };

/**
 * Puts together what takes webhooks.
 *
 * @throws AppError `bad-config` when variables do not fit each other or the sources.
 */
export function wireWebhook(config: Config, { clock, log, metrics }: WebhookParts): WebhookSide {
  const { get } = createHttp({ ...outbound, clock, proxies: config.proxies });
  const sources = registries.map(({ name }) => name);
  const senders = authenticationFrom(config, { clock, get, sources });
  const { authentication, clients, open, anyAccount, warmUp } = senders;
  return {
    tls: readTls(config, (path) => readFileSync(path, 'utf8')),
    options: {
      ...{ registries, fallback: quay, authentication, clients, ratePerSecond: config.webhookRate },
      ...{ answered: metrics.webhook, confirm: get, log },
    },
    prepare(end) {
      if (open.length > 0) {
        const close = 'set UK_WEBHOOK_TOKEN, or UK_WEBHOOK_TOKENS for single sources';
        log.warn({ sources: open, close }, 'these sources take webhooks from anyone who reaches the port');
      }
      if (anyAccount)
        log.warn({}, 'any account of UK_OIDC_ISSUER may post: set UK_OIDC_EMAIL or UK_OIDC_SUBJECT');
      warmUp(end).catch((error: unknown) => {
        if (!end.aborted) log.warn({ error }, 'the keys of UK_OIDC_ISSUER cannot be fetched yet');
      });
    },
  };
}
