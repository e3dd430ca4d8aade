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

/**
 * Whether the answer is a 2xx of the `vendor`. Its body may be anything but a web page, which no vendor answers a program
 * with: it is the login of a proxy, or of a network, and nothing has come any further.
 *
 * @throws AppError `unavailable` when it is one.
 */
export function wasTaken(vendor: string, { status, body }: HttpAnswer): boolean {
  if (status < 200 || status > 299) return false;
  // A byte order mark is white space, too.
  if (!body.trimStart().startsWith('<')) return true;
  throw new AppError('unavailable', `${vendor} answered ${status} with a web page: is something in between?`);
}

/**
 * Throws unless the answer was taken: an AppError in the words of the `vendor`, without what is secret in `url`;
 * `unavailable` when it is a web page.
 */
export function mustBeTaken(vendor: string, url: string, answer: HttpAnswer): void {
  if (wasTaken(vendor, answer)) return;
  const { status, body, retryAfterMs } = answer;
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
