import type { Request } from 'express';
import { sameSecret } from '../../core/secrets.ts';

/**
 * What a request presents as a secret: last part of the path, `?token=`, Bearer, or Basic password
 * (`https://any:secret@host/` is all that some senders can be told).
 */
export function presentedTokens(request: Request): readonly string[] {
  const { params, query } = request;
  const { basic } = credentialsOf(request.get('authorization'));
  const password =
    basic &&
    Buffer.from(basic, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, '');
  return [params.token, query.token, bearerOf(request), password].filter(isText);
}

/** The Bearer token of a request. */
export function bearerOf(request: Pick<Request, 'headers'>): string | undefined {
  return credentialsOf(request.headers.authorization).bearer;
}

/** Whether one of `given` is one of `secrets`. Every pair is compared, so that the time does not tell which was right. */
export function presentsOneOf(given: readonly string[], secrets: readonly string[]): boolean {
  const right = given.flatMap((token) => secrets.filter((secret) => sameSecret(token, secret)));
  return right.length > 0;
}

/** The `Authorization` header by its scheme. */
function credentialsOf(header: string | undefined): Readonly<Partial<Record<'bearer' | 'basic', string>>> {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? [];
  return scheme === '' ? {} : { [scheme.toLowerCase()]: value };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
