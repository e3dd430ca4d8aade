import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';

export interface SnsCertificatesOptions {
  readonly clock: Clock;
  /** Gets the body of a 2xx answer; rejects on any other. */
  get(url: string, signal: AbortSignal): Promise<string>;
}

/**
 * The PEM at an address.
 *
 * @throws AppError `unavailable` when it cannot be had now.
 */
export type SnsCertificates = (url: string, signal: AbortSignal) => Promise<string>;

/** SNS has one certificate per region and year or so. */
const maxKept = 16;
/** Whoever knows a topic can make up addresses: no more than these are asked in a minute. */
const maxFetches = 20;
const minuteMs = 60_000;

/** Creates what fetches certificates once and keeps them. */
export function createSnsCertificates({ clock, get }: SnsCertificatesOptions): SnsCertificates {
  const kept = new Map<string, Promise<string>>();
  let fetchedAtMs: readonly number[] = [];
  const unavailable = (message: string, cause?: unknown): AppError =>
    new AppError('unavailable', message, { cause, retryAfterMs: minuteMs });
  const fetch = (url: string, signal: AbortSignal): Promise<string> => {
    const nowMs = clock.monotonicMs();
    fetchedAtMs = fetchedAtMs.filter((atMs) => nowMs - atMs < minuteMs);
    if (fetchedAtMs.length >= maxFetches)
      return Promise.reject(unavailable('too many certificates of SNS were asked for'));
    fetchedAtMs = [...fetchedAtMs, nowMs];
    const fetching = get(url, signal)
      .then(mustBePem)
      .catch((cause: unknown) => {
        kept.delete(url);
        throw unavailable('a certificate of SNS cannot be had', cause);
      });
    kept.set(url, fetching);
    // The oldest makes room.
    for (const old of [...kept.keys()].slice(0, -maxKept)) kept.delete(old);
    return fetching;
  };
  return (url, signal) => kept.get(url) ?? fetch(url, signal);
}

/** A page of something in between, with status 200, is not to be kept. */
function mustBePem(text: string): string {
  if (!text.startsWith('-----BEGIN ')) throw new Error('the answer is no PEM');
  return text;
}
