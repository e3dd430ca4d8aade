import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
  type Logger,
} from '@slack/web-api';
import { z } from 'zod';
import { AppError, codeOfStatus, messageOf } from '../../core/errors.ts';
import { orAborted } from '../or-aborted.ts';
import { createProxyDispatcher } from '../proxy-dispatcher.ts';
import type { Proxies } from '../proxy.ts';
import { slackError } from './problems.ts';

/** Slack's Web API as we use it: one call, one answer, no tries behind our back. */
export interface SlackClient {
  /**
   * Calls a method and gives what `answer` takes of the result.
   *
   * @throws AppError `unauthorized`, `forbidden`, `not-found`, `rate-limited` (with the wait), `bad-request` as Slack
   *   refuses it, with what to do; `unavailable` or `timeout` when there was no answer.
   */
  call<T>(
    method: string,
    body: Readonly<Record<string, unknown>>,
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T>;
  /**
   * As `call`, page by page: what they give, in one list.
   *
   * @throws AppError `too-large` besides, after 50 of them: half a list would pass for the whole one.
   */
  pages<T>(
    method: string,
    body: Readonly<Record<string, unknown>>,
    paging: Paging<T>,
    signal: AbortSignal,
  ): Promise<readonly T[]>;
}

/** What is taken of a page, and whether the next one is needed. */
export interface Paging<T> {
  readonly answer: z.ZodType<readonly T[]>;
  /** Whether this is the one that is looked for: nothing is asked for after its page. */
  readonly isLast?: (one: T) => boolean;
}

export interface SlackClientOptions {
  /** `xoxb-…` or `xapp-…`. */
  readonly token: string;
  /** Slack's own when undefined. */
  readonly apiUrl: string | undefined;
  /** What goes through a proxy; nothing when undefined. */
  readonly proxies?: Proxies | undefined;
}

const timeoutMs = 10_000;
const maxPages = 50;
const Cursor = z.object({
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const Refusal = z.object({ needed: z.string().optional() });

/** Connects to nothing before the first call. */
export function createSlackClient({ token, apiUrl, proxies }: SlackClientOptions): SlackClient {
  const client = new WebClient(token, {
    ...slackConnection(apiUrl),
    ...(proxies === undefined ? {} : { fetch: createProxyDispatcher(proxies).fetch }),
    maxRequestConcurrency: 10,
    rejectRateLimitedCalls: true,
  });
  const raw = async (
    method: string,
    body: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown> => {
    signal.throwIfAborted();
    try {
      // The library knows no signals: the call ends with its own deadline.
      return await orAborted(client.apiCall(method, { ...body }), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      throw translated(method, error);
    }
  };
  return {
    call: async (method, body, answer, signal) => parsed(method, answer, await raw(method, body, signal)),
    async pages<T>(
      method: string,
      body: Readonly<Record<string, unknown>>,
      { answer, isLast = () => false }: Paging<T>,
      signal: AbortSignal,
    ) {
      const all: T[] = [];
      let next: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const result = await raw(method, page === 0 ? body : { ...body, cursor: next }, signal);
        const items = parsed(method, answer, result);
        all.push(...items);
        next = parsed(method, Cursor, result).response_metadata?.next_cursor;
        if (next === undefined || next === '' || items.some(isLast)) return all;
      }
      throw new AppError('too-large', `slack: ${method}: there are more than ${maxPages} pages`);
    },
  };
}

/** How we reach Slack, for the Web API and for Bolt: no retries of its own, and a time for each call. */
export function slackConnection(apiUrl: string | undefined): {
  slackApiUrl?: string;
  retryConfig: { retries: number };
  timeout: number;
  allowAbsoluteUrls: boolean;
  logger: Logger;
} {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl.replace(/\/*$/, '/') }),
    retryConfig: { retries: 0 },
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    logger: silent,
  };
}

const nothing = (): void => undefined;
/** The library's own lines go to the console and hold bodies: what matters is thrown. */
const silent: Logger = {
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing },
  getLevel: () => LogLevel.ERROR,
};

function translated(method: string, error: unknown): AppError {
  if (error instanceof WebAPIRateLimitedError)
    return new AppError('rate-limited', `slack: ${method} (ratelimited): wait ${error.retryAfter} s`, {
      retryAfterMs: error.retryAfter * 1000,
    });
  if (error instanceof WebAPIPlatformError) {
    const { needed } = Refusal.catch({}).parse(error.data);
    return slackError({ method, error: error.data.error, needed });
  }
  if (error instanceof WebAPIHTTPError)
    return new AppError(codeOfStatus(error.statusCode), `slack: ${method}: it answered ${error.statusCode}`);
  return new AppError('unavailable', `slack: ${method}: no answer (${causeOf(error)})`);
}

/** The innermost code: `ECONNREFUSED` says more than `fetch failed`. */
function causeOf(error: unknown): string {
  let found: string | undefined;
  let at = Link.safeParse(error).data;
  for (let depth = 0; at && depth < 5; depth++) {
    const [, refused] = /^Proxy response \((\d+)\)/.exec(at.message ?? '') ?? [];
    if (refused !== undefined) return `the proxy answered ${refused}`;
    if (/^(?:E[A-Z_]+|UND_[A-Z_]+|CERT_[A-Z_]+)$/.test(at.code ?? '')) found = at.code;
    at = Link.safeParse(at.original ?? at.cause).data;
  }
  return found ?? firstWords(messageOf(error));
}

/** An error in a chain of them. */
const Link = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  original: z.unknown().optional(),
  cause: z.unknown().optional(),
});

function firstWords(text: string): string {
  return /timeout/i.test(text) ? 'in time' : 'connection failed';
}

function parsed<T>(method: string, answer: z.ZodType<T>, result: unknown): T {
  const read = answer.safeParse(result);
  if (read.success) return read.data;
  const path = read.error.issues[0]?.path.join('.') ?? '';
  throw new AppError('bad-request', `slack: ${method}: the answer is not understood (${path})`);
}
