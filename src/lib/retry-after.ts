import type { AxiosResponse } from 'axios';

type Headers = AxiosResponse['headers'];

/** How long an answer asks to wait, in milliseconds from `now`. */
export function retryAfterOf(headers: Headers, now: Date): number | undefined {
  return parseRetryAfter(headerOf(headers, 'retry-after') ?? '', now);
}

/** A header of an answer; undefined when it is absent or empty. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = String(headers[name] ?? '');
  return value === '' ? undefined : value;
}

/** Seconds or an HTTP date, as milliseconds from `now`; `undefined` when it is neither. */
export function parseRetryAfter(text: string, now: Date): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse makes a date of almost anything, "-5" included.
  const at = text.endsWith(' GMT') ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
