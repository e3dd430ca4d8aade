import type { ErrorRequestHandler, RequestHandler } from 'express';
import { z } from 'zod';
import { AppError, messageOf } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';

/** What the router throws about a path it cannot decode. */
const HttpError = z.object({ status: z.number().min(400).max(499) });

/** Answers what was thrown: `{"error":{"code","message"}}`, and nothing about the inside. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = toAppError(thrown);
    // The route, not the path: a path may end in a secret.
    const route = (request.route as { readonly path?: unknown } | undefined)?.path;
    const fields = { method: request.method, route, code: error.code };
    if (error.code === 'internal') log.error({ ...fields, error: thrown }, 'request failed');
    else if (error.status >= 500) log.warn({ ...fields, error }, 'request cannot be served now');
    else log.info({ ...fields, reason: error.message }, 'request refused');
    if (response.headersSent) {
      next(thrown);
      return;
    }
    if (error.retryAfterMs !== undefined)
      response.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    response.status(error.status).json({ error: { code: error.code, message: messageFor(error) } });
  };
}

/** A fault of the caller is explained; what fails behind us is for the log, where an operator reads it. */
function messageFor({ code, status, message }: AppError): string {
  if (status < 500) return message;
  return code === 'internal' ? 'something went wrong here' : 'this is not possible now, try again later';
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (HttpError.safeParse(thrown).success) return new AppError('bad-request', 'the request cannot be read');
  return new AppError('internal', messageOf(thrown), { cause: thrown });
}

/** Answers a method that a route does not have. */
export function methodNotAllowed(...allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set('allow', allowed.join(', '));
    throw new AppError(
      'method-not-allowed',
      `${request.method} is not possible here; allowed: ${allowed.join(', ')}`,
    );
  };
}

/** The refusal of a sender: the same words, whatever is missing or wrong. */
export function unauthorized(): AppError {
  return new AppError('unauthorized', 'the secret is missing or wrong');
}

/** Answers a path that is not there. */
export const notFound: RequestHandler = () => {
  throw new AppError('not-found', 'there is nothing at this path');
};

/** What a cluster or a store refuses us is no answer to who asks us: its 403 is not ours. */
export function notTheCallersFault(cause: unknown): never {
  throw cause instanceof AppError ? new AppError('unavailable', cause.message, { cause }) : cause;
}
