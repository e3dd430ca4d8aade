import { HttpMethod, RequestContext, type KubeConfig } from '@kubernetes/client-node';
import { Agent, request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { AppError, codeOfStatus, messageOf } from '../core/errors.ts';
import { oneLine } from '../core/one-line.ts';
import { deadline } from '../core/wait.ts';
import type { Clock } from '../core/ports.ts';
import type { Rest, RestCall } from '../core/rest.ts';
import { createKeptDispatcher } from './kept-dispatcher.ts';

/** What the API server answers an error with; its message never holds more than the request's own names. */
const Status = z.object({ message: z.string().default(''), reason: z.string().default('') });
const userAgent = 'updatekate';
/** In UTF-16 units. */
const longestMessage = 1024;
/** HTTP/2 puts everything on one connection: undici 8.12 then leaves streams whose end is an uncaught error. */
const http1 = { allowH2: false };

/** The calls are our own and not client-node's typed ones: one mapping serves lists, watches and patches. */
export function createRest(kubeConfig: KubeConfig, clock: Clock, timeoutMs: number): Rest {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new AppError('bad-config', 'kubernetes: the configuration names no cluster');
  const kept = createKeptDispatcher(clock);
  // Where client-node has none, undici would take that of all the process: with NODE_USE_ENV_PROXY a proxy.
  const straight = new Agent(http1);
  const send = async (call: RestCall, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const url = `${server.replace(/\/$/, '')}${call.path}?${new URLSearchParams(call.query).toString()}`;
    const context = new RequestContext(url, HttpMethod[call.method]);
    await kubeConfig.applySecurityAuthentication(context).catch((cause: unknown) => {
      throw noCredentials(call, cause);
    });
    const dispatcher = kept.insteadOf(context.getDispatcher() ?? straight);
    // Not fetch: its streams and clones would more than double what a call costs.
    const response = await request(url, {
      method: call.method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...context.getHeaders(),
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(dispatcher ? { dispatcher } : {}),
      ...http1,
      signal,
    }).catch((cause: unknown) => {
      kept.drop();
      throw noAnswer(call, cause);
    });
    // A client certificate that has been renewed since may be what is missing.
    if (response.statusCode === 401) kept.drop();
    if (response.statusCode < 200 || response.statusCode > 299) throw await refusal(call, response);
    return response;
  };
  return {
    async json(call, signal) {
      const limit = deadline(clock, timeoutMs, signal);
      try {
        const { body } = await send(call, limit.signal);
        return await body.json().catch((cause: unknown) => Promise.reject(noAnswer(call, cause)));
      } finally {
        limit.done();
      }
    },
    async lines(call, signal) {
      const limit = deadline(clock, timeoutMs, signal);
      try {
        const { body } = await send(call, limit.signal);
        limit.lift();
        return splitLines(body.setEncoding('utf8'), limit.done);
      } catch (error) {
        limit.done();
        throw error;
      }
    },
  };
}

/** Calls `ended` when the last of the chunks has come, or nobody wants more of them. */
async function* splitLines(chunks: AsyncIterable<string>, ended: () => void): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of chunks) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    ended();
  }
}

/** The server's own message is quoted; client-node's errors are not, they hold headers and the whole body. */
async function refusal(
  { method, path }: RestCall,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<AppError> {
  const status = Status.safeParse(await body.json().catch(() => ({})));
  // Of what it refuses it may quote all.
  const message = status.success ? oneLine(status.data.message, longestMessage) : '';
  const seconds = Number(headers['retry-after'] ?? NaN);
  return new AppError(
    codeOfStatus(statusCode),
    `kubernetes: ${method} ${path} answered ${statusCode}${message ? `: ${message}` : ''}`,
    Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {},
  );
}

/** A token file that is just being renewed, an exec plugin that fails: the next try may find it mended. */
function noCredentials({ method, path }: RestCall, cause: unknown): AppError {
  const [why = ''] = messageOf(cause).split('\n');
  return new AppError('unavailable', `kubernetes: ${method} ${path}: no credentials (${why})`);
}

function noAnswer({ method, path }: RestCall, cause: unknown): AppError {
  const timedOut = cause instanceof DOMException && cause.name === 'TimeoutError';
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why =
    inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner);
  return new AppError(
    timedOut ? 'timeout' : 'unavailable',
    `kubernetes: ${method} ${path}: no answer (${why})`,
  );
}
