import type { Request } from 'express';
import { AppError } from '../core/errors.ts';
import { presentedTokens, presentsOneOf } from './authentication/token.ts';
import { unauthorized } from './errors.ts';

/**
 * Lets a request pass that presents `secret`, in any place where a token may be.
 *
 * @throws AppError `unauthorized`, the same words for a missing and a wrong one.
 */
export function requireSecret(request: Request, secret: string | undefined): void {
  if (secret === undefined) return;
  if (!presentsOneOf(presentedTokens(request), [secret])) throw unauthorized();
}

/**
 * An order needs a token, also where reading does not: without one it is refused.
 *
 * @throws AppError `forbidden` when nobody may give orders, `unauthorized` when the token is missing or wrong.
 */
export function requireAdmin(request: Request, token: string | undefined): void {
  if (token === undefined)
    throw new AppError('forbidden', 'orders are refused as long as the service has no UK_ADMIN_TOKEN');
  requireSecret(request, token);
}
