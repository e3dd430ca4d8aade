import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { AppError } from '../core/errors.ts';
import type { ClientAddresses } from './client-address.ts';

/** The limit is far above what a registry sends: it is there for a flood, and per address (IPv6: per network). */
export function limiter(perSecond: number, clients: ClientAddresses): RequestHandler {
  return rateLimit({
    windowMs: 1000,
    limit: perSecond,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: (request) => ipKeyGenerator(clients.of(request)),
    // Which proxies are believed is ours to say, and nothing is written to the console.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: () => {
      throw new AppError('rate-limited', 'too many webhooks from this address', { retryAfterMs: 1000 });
    },
  });
}
