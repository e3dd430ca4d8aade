import type { Request } from 'express';
import { AppError } from '../core/errors.ts';
import { sameSecret } from '../core/secrets.ts';

/**
 * Lets a request pass that presents `secret`: last part of the path, `?token=`, Bearer, or Basic password
 * (`https://any:secret@host/` is all that Quay can be told).
 *
 * @throws AppError `unauthorized`, the same words for a missing and a wrong one.
 */
export function requireSecret(request: Request, secret: string | undefined): void {
  if (secret === undefined) return;
  const given = [pathToken(request), queryToken(request), ...headerTokens(request.get('authorization'))];
  // Every place is compared, so that the time tells nothing about which one was right.
  const right = given.filter((token) => token !== undefined && sameSecret(token, secret));
  if (right.length === 0) throw new AppError('unauthorized', 'the secret is missing or wrong');
}

function pathToken({ params }: Request): string | undefined {
  const { token } = params;
  return typeof token === 'string' ? token : undefined;
}

function queryToken({ query }: Request): string | undefined {
  return typeof query.token === 'string' ? query.token : undefined;
}

function headerTokens(header: string | undefined): readonly string[] {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return [value];
  if (scheme.toLowerCase() !== 'basic') return [];
  const text = Buffer.from(value, 'base64').toString('utf8');
  return [text.slice(text.indexOf(':') + 1)];
}
