import { AxiosError, type AxiosResponse } from 'axios';
import { z } from 'zod';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { retryAfterOf } from './retry-after.ts';

/** How a try without an answer ended. */
export interface Try {
  /** Whether its time was over. */
  readonly late: boolean;
  /** `host:port` of the proxy it went through. */
  readonly proxy: string | undefined;
}

/** What Node says of a tunnel that a proxy did not open. */
const Tunnel = z.object({ statusCode: z.number().optional() });

/** The URL may carry a token: only its host is ever shown. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an invalid URL';
}

/** An answer that is no success, as an error. */
export function refusal(url: string, { status, headers }: AxiosResponse, now: Date): AppError {
  const retryAfterMs = retryAfterOf(headers, now);
  return new AppError(codeOfStatus(status), `${hostOf(url)} answered ${status}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A proxy that hands nothing on: whom the request was for has not seen it. */
export function proxyRefusal(url: string, proxy: string, status: number): AppError {
  return new AppError('unavailable', `no answer from ${placeOf(url, proxy)} (the proxy answered ${status})`);
}

/** No answer, or none that ends, as an error. */
export function noAnswer(url: string, error: unknown, { late, proxy }: Try): AppError {
  const { code = 'no answer', cause } = error instanceof AxiosError ? error : {};
  const { statusCode } = Tunnel.catch({}).parse(cause);
  if (proxy !== undefined && statusCode !== undefined) return proxyRefusal(url, proxy, statusCode);
  const place = placeOf(url, proxy);
  return late || code === 'ETIMEDOUT'
    ? new AppError('timeout', `no answer from ${place} in time`)
    : new AppError('unavailable', `no answer from ${place} (${code})`);
}

function placeOf(url: string, proxy: string | undefined): string {
  return proxy === undefined ? hostOf(url) : `${hostOf(url)} through the proxy ${proxy}`;
}
