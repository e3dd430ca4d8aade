import type { Request, RequestHandler, Response } from 'express';
import type { Registry, WebhookRequest } from '../core/registry.ts';
import type { Authentication } from './authentication/index.ts';

export interface ValidationOptions {
  readonly authentication: Authentication;
  readonly ratePerSecond: number;
  /** Those that a request may be in. @throws AppError `unknown-source` */
  dialectsFor(request: Request): readonly Registry[];
}

/**
 * Answers `OPTIONS` of senders that ask whether they may deliver here, such as Event Grid.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#4-abuse-protection
 */
export function answerValidation(options: ValidationOptions, otherwise: RequestHandler): RequestHandler {
  return async (request, response, next) => {
    const origin = request.get('webhook-request-origin');
    if (origin === undefined || !/^[\w.:/-]{1,253}$/.test(origin)) {
      await otherwise(request, response, next);
      return;
    }
    await mayAsk(options, request);
    allow(response, origin, options.ratePerSecond);
  };
}

/** There is no body to prove anything, or to tell the dialect. */
async function mayAsk({ authentication, dialectsFor }: ValidationOptions, request: Request): Promise<void> {
  const dialects = dialectsFor(request);
  const empty: WebhookRequest = {
    ...{ headers: {}, body: undefined, raw: new Uint8Array(), registryHost: undefined },
  };
  await Promise.any(dialects.map((dialect) => authentication.identify(request, dialect, empty))).catch(
    (error: unknown) => {
      throw error instanceof AggregateError ? error.errors[0] : error;
    },
  );
}

function allow(response: Response, origin: string, ratePerSecond: number): void {
  const perMinute = ratePerSecond > 0 ? String(ratePerSecond * 60) : '*';
  response.set({
    allow: 'POST, OPTIONS',
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': perMinute,
  });
  response.status(200).end();
}
