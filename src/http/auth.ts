import type { Request } from 'express';
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
