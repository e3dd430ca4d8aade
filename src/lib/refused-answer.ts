import { z } from 'zod';
import { AppError, codeOfStatus } from '../core/errors.ts';
import { oneLine } from '../core/one-line.ts';
import type { HttpAnswer } from './http.ts';

/**
 * What Google's APIs and Azure answer when they refuse: a word for programs and words for people.
 * https://google.aip.dev/193#http11json-representation
 * https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
 */
const Refused = z.object({
  error: z.object({ code: z.unknown().optional(), status: z.string().optional(), message: z.string() }),
});

/** Throws unless the answer is a 2xx: an AppError in the words of the `vendor`, without what is secret in `url`. */
export function mustBeTaken(vendor: string, url: string, answer: HttpAnswer): void {
  const { status, body, retryAfterMs } = answer;
  if (status >= 200 && status <= 299) return;
  const words = wordsOf(body);
  const message = `${vendor} answered ${status}${words === '' ? '' : `: ${withoutSecrets(words, url)}`}`;
  throw new AppError(
    codeOfStatus(status),
    oneLine(message, 300),
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

/** Empty when it is no error in this form: a proxy's page is of no use in a log. */
function wordsOf(body: string): string {
  const read = Refused.safeParse(json(body));
  if (!read.success) return '';
  const { code, status, message } = read.data.error;
  const word = status ?? (typeof code === 'string' ? code : undefined);
  return word === undefined ? message : `${word}: ${message}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whoever has the query of such a URL can post: an answer that repeats it must not bring it into the log. */
function withoutSecrets(words: string, url: string): string {
  const given = new URL(url);
  const values = given.search.split(/[?&]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  const secrets = [...values, ...given.searchParams.values()].filter((value) => value.length >= 8);
  return secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, '***'), words);
}
