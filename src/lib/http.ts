import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import pRetry from 'p-retry';
import { AppError, isRetryable } from '../core/errors.ts';
import { sleep } from '../core/wait.ts';
import type { Clock } from '../core/ports.ts';
import { noAnswer, proxyRefusal, refusal } from './http-faults.ts';
import { createWays } from './proxy-agents.ts';
import type { Proxies } from './proxy.ts';
import { headerOf, retryAfterOf } from './retry-after.ts';

/** The one way out of the process (the Kubernetes API has its own). */
export interface Http {
  /**
   * Posts bytes and resolves on a 2xx. Tries again on no answer, 408, 429 and 5xx, waiting as Retry-After says.
   *
   * @throws AppError with the code of the answer; `unavailable` or `timeout` when there was none.
   */
  post(request: HttpPost, signal: AbortSignal): Promise<void>;
  /**
   * Posts bytes (or gets or puts, where the request says so) once and gives the answer, whatever its status.
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
  /** POST when it is not said. Of a GET the body is not sent; only `ask` does others. */
  readonly method?: 'GET' | 'POST' | 'PUT';
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
  /** Its entity tag as it was sent, quoted or not; absent when there is none. */
  readonly etag?: string | undefined;
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
  /** What goes through a proxy; nothing when it is not said, whatever the environment holds. */
  readonly proxies?: Proxies | undefined;
}

const usualAnswerBytes = 64 * 1024;
/** Longer waits are the caller's business: it has a durable record, a sleeping promise is none. */
const maxRetryAfterMs = 10_000;

/**
 * Creates the outbound client: no redirects, the status is the answer, bodies are dropped, connections reused.
 *
 * @throws AppError `bad-config` when there are proxies, and this Node does not know them.
 */
export function createHttp(options: HttpOptions): Http {
  const { clock, timeoutMs, retries, minDelayMs, userAgent, maxAnswerBytes = usualAnswerBytes } = options;
  // What is compressed would have to be unpacked, with a limit of its own; axios asks for it unless it is told otherwise.
  const ours = { 'user-agent': userAgent, 'accept-encoding': 'identity' };
  const wayTo = createWays(options.proxies, timeoutMs);
  const client = axios.create({
    maxRedirects: 0,
    maxContentLength: maxAnswerBytes,
    decompress: false,
    // A body is sent as it is: axios would trim what is JSON, and make JSON of what is none.
    transformRequest: (body: unknown) => body,
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
    const { agents, proxy } = wayTo(request.url);
    const failed = (error: unknown): never => {
      throw error instanceof AppError ? error : noAnswer(request.url, error, { late: limit.aborted, proxy });
    };
    const both = AbortSignal.any([signal, limit]);
    return client
      .request<Readable>({ ...request, ...agents, signal: both })
      .then((answer) => handedOn(request.url, answer, proxy))
      .then(read)
      .catch(failed);
  };
  const sent = ({ method = 'POST', url, body, headers }: HttpPost) => ({
    ...{ method, url, ...(method === 'GET' ? {} : { data: body }) },
    headers: { 'content-type': 'application/json', ...ours, ...headers() },
  });
  return {
    ask: (request, signal) =>
      attempt(sent(request), signal, async ({ status, data, headers }) => {
        const body = await bodyOf(status, data, signal);
        const retryAfterMs = retryAfterOf(headers, clock.now());
        return { status, body, retryAfterMs, etag: headerOf(headers, 'etag') };
      }),
    get: (url, signal) =>
      attempt({ url, headers: ours }, signal, async (answer) => {
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

/** A proxy that wants another login answers in place of whom we called. */
async function handedOn(
  url: string,
  answer: AxiosResponse<Readable>,
  proxy: string | undefined,
): Promise<AxiosResponse<Readable>> {
  if (proxy === undefined || answer.status !== 407) return answer;
  await drop(answer.data);
  throw proxyRefusal(url, proxy, answer.status);
}

/** Only a 2xx is a success, whatever the body. */
async function mustBeTaken(url: string, answer: AxiosResponse<Readable>, now: Date): Promise<void> {
  await drop(answer.data);
  if (!isSuccess(answer.status)) throw refusal(url, answer, now);
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** A refusal says most by its status: a page about it that is too long or too slow is left unread. */
async function bodyOf(status: number, data: Readable, signal: AbortSignal): Promise<string> {
  try {
    return await text(data);
  } catch (error) {
    if (isSuccess(status) || signal.aborted) throw error;
    return '';
  }
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
