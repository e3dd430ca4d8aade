import type { RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { AppError } from '../core/errors.ts';
import type { ClientAddresses } from './client-address.ts';
import type { Tally } from './tally.ts';

/**
 * Refuses an address with too many failed attempts (IPv6: a network), before anything it presents is looked at:
 * otherwise a right guess would still be told from a wrong one. What succeeds is not counted.
 *
 * @param failure the status by which an attempt has failed.
 */
export function limitFailures(failures: Tally, clients: ClientAddresses, failure: 401 | 403): RequestHandler {
  return (request, response, next) => {
    const key = ipKeyGenerator(clients.of(request));
    const retryAfterMs = failures.waitMs(key);
    if (retryAfterMs > 0) throw tooMany(retryAfterMs);
    response.once('finish', () => {
      if (response.statusCode === failure) failures.add(key);
    });
    next();
  };
}

function tooMany(retryAfterMs: number): AppError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const message = `too many wrong tokens or links from this address: try again in ${seconds} s`;
  return new AppError('rate-limited', message, { retryAfterMs });
}
