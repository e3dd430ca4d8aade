import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import pRetry from 'p-retry';
import { AppError, codeOfStatus, isRetryable } from '../core/errors.ts';
import { sleep } from '../core/wait.ts';
import type { Clock } from '../core/ports.ts';

/** The one way out of the process (the Kubernetes API has its own). */
export interface Http {
  /**
   * Posts bytes and resolves on a 2xx. Tries again on no answer, 408, 429 and 5xx, waiting as Retry-After says.
   *
   * @throws AppError with the code of the answer; `unavailable` or `timeout` when there was none.
   */
  post(request: HttpPost, signal: AbortSignal): Promise<void>;
  /**
   * Posts bytes (or gets, where the request says so) once and gives the answer, whatever its status.
   *
   * @throws AppError `unavailable` or `timeout` when there was none, or none that ends.
   */
  ask(request: HttpPost, signal: AbortSignal): Promise<HttpAnswer>;
  /**
   * Gets the 2xx answer of an address, once.
   *
   * @throws AppError with the code of any other answer; `unavailable` or `timeout` when there was none, or none that ends.
   */
  get(url: string, signal: AbortSignal): Promise<string>;
}

/** One POST. */
export interface HttpPost {
  /** POST when it is not said. Of a GET the body is not sent; only `ask` does one. */
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly body: string;
  /** Made anew for every try, so that a timestamp is the try's own. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/** What another server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** At most 64 KiB, unless the options say otherwise. */
  readonly body: string;
  /** How long it asks to wait, if it does. */
  readonly retryAfterMs: number | undefined;
}

export interface HttpOptions {
  readonly clock: Clock;
  /** How long one try may take. */
  readonly timeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Wait before the second try; it doubles from there, with jitter. */
  readonly minDelayMs: number;
  readonly userAgent: string;
  /** How long an answer may be; 64 KiB when it is not said. */
  readonly maxAnswerBytes?: number;
}

const usualAnswerBytes = 64 * 1024;
/** Longer waits are the caller's business: it has a durable record, a sleeping promise is none. */
const maxRetryAfterMs = 10_000;

/** Creates the outbound client: no redirects, the status is the answer, bodies are dropped, connections reused. */
export function createHttp(options: HttpOptions): Http {
  const { clock, timeoutMs, retries, minDelayMs, userAgent, maxAnswerBytes = usualAnswerBytes } = options;
  const client = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    maxRedirects: 0,
    maxContentLength: maxAnswerBytes,
    decompress: false,
    responseType: 'stream',
    validateStatus: () => true,
  });
  /** One try: sends, and has `read` take the answer. */
  const attempt = async <T>(
    request: AxiosRequestConfig & { readonly url: string },
    signal: AbortSignal,
    read: (answer: AxiosResponse<Readable>) => Promise<T>,
  ): Promise<T> => {
    // Of the whole try: a socket's own timeout begins anew with every byte.
    const limit = AbortSignal.timeout(timeoutMs);
    const failed = (error: unknown): never => {
      throw error instanceof AppError ? error : noAnswer(request.url, error, limit.aborted);
    };
    const both = AbortSignal.any([signal, limit]);
    return client
      .request<Readable>({ ...request, signal: both })
      .then(read)
      .catch(failed);
  };
  const sent = ({ method = 'POST', url, body, headers }: HttpPost) => ({
    ...{ method, url, ...(method === 'GET' ? {} : { data: body }) },
    headers: { 'content-type': 'application/json', 'user-agent': userAgent, ...headers() },
  });
  return {
    ask: (request, signal) =>
      attempt(sent(request), signal, async ({ status, data, headers }) => ({
        ...{ status, body: await text(data), retryAfterMs: retryAfterOf(headers, clock.now()) },
      })),
    get: (url, signal) =>
      attempt({ url, headers: { 'user-agent': userAgent } }, signal, async (answer) => {
        const body = await text(answer.data);
        if (!isSuccess(answer.status)) throw refusal(url, answer, clock.now());
        return body;
      }),
    post: (request, signal) =>
      pRetry(
        () => attempt(sent(request), signal, (answer) => mustBeTaken(request.url, answer, clock.now())),
        {
          retries,
          minTimeout: minDelayMs,
          randomize: true,
          signal,
          shouldRetry: ({ error }) => worthRetrying(error),
          onFailedAttempt: ({ error, retriesLeft }) => waitAsAsked(clock, error, retriesLeft, signal),
        },
      ),
  };
}

/** Only a 2xx is a success, whatever the body. */
async function mustBeTaken(url: string, answer: AxiosResponse<Readable>, now: Date): Promise<void> {
  await drop(answer.data);
  if (!isSuccess(answer.status)) throw refusal(url, answer, now);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** Reads to the end, so that the connection can be used again; what is too long or too slow is cut, and no fault. */
async function drop(body: Readable): Promise<void> {
  await finished(body.resume()).catch(() => undefined);
}

/** Sleeps as long as the other side asked for, when another try follows. */
async function waitAsAsked(
  clock: Clock,
  error: Error,
  retriesLeft: number,
  signal: AbortSignal,
): Promise<void> {
  const askedMs = error instanceof AppError ? error.retryAfterMs : undefined;
  if (askedMs !== undefined && retriesLeft > 0 && worthRetrying(error)) await sleep(clock, askedMs, signal);
}

function worthRetrying(error: unknown): boolean {
  const askedMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
  return isRetryable(error) && askedMs <= maxRetryAfterMs;
}

/** The URL may carry a token: only its host is ever shown. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an invalid URL';
}

function refusal(url: string, { status, headers }: AxiosResponse, now: Date): AppError {
  const retryAfterMs = retryAfterOf(headers, now);
  return new AppError(codeOfStatus(status), `${hostOf(url)} answered ${status}`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function noAnswer(url: string, error: unknown, late: boolean): AppError {
  const code = error instanceof AxiosError ? (error.code ?? 'no answer') : 'no answer';
  if (late || code === 'ETIMEDOUT') return new AppError('timeout', `no answer from ${hostOf(url)} in time`);
  return new AppError('unavailable', `no answer from ${hostOf(url)} (${code})`);
}

function retryAfterOf(headers: AxiosResponse['headers'], now: Date): number | undefined {
  return parseRetryAfter(String(headers['retry-after'] ?? ''), now);
}

/** Seconds or an HTTP date, as milliseconds from `now`; `undefined` when it is neither. */
export function parseRetryAfter(text: string, now: Date): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse makes a date of almost anything, "-5" included.
  const at = text.endsWith(' GMT') ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
