import { z } from 'zod';
import { retryDelayMs } from '../core/backoff.ts';
import { AppError, codeOfStatus, hasCode } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import { deadline, sleep } from '../core/wait.ts';
import type { ListWatchHandler, Rest } from '../core/rest.ts';

export interface ListWatchOptions {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** The collection, `/apis/apps/v1/namespaces/shop/deployments`. */
  readonly path: string;
}

const pageSize = 500;
/** The server ends a watch by then; a little later we do, so that a half-open connection cannot go unseen. */
const watchSeconds = 240;
const watchLimitMs = (watchSeconds + 30) * 1000;
/** A watch that ends sooner than this without a word is a fault, not a rotation. */
const shortestWatchMs = 1000;
const [firstRetryMs, longestRetryMs] = [200, 30_000];

const ListPage = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});
const Event = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown(),
});
const Versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const Failure = z.object({ code: z.number().default(500), message: z.string().default('') });

/** Where a watch stands: the version to go on from, and what broke it, if anything did. */
interface WatchEnd {
  readonly version: string;
  readonly error: unknown;
}

/**
 * Lists, then watches, for ever: resumes from the last seen version after a break, and lists again only when the
 * server has forgotten it (410, as an answer or inside the stream). Ends when `signal` fires.
 */
export async function listWatch<T>(
  options: ListWatchOptions,
  handler: ListWatchHandler<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, path, random } = options;
  let version: string | undefined;
  let failures = 0;
  for (;;) {
    const started = clock.now().getTime();
    const end = await round(options, handler, version, signal);
    if (signal.aborted) return;
    version = hasCode(end.error, 'gone') ? undefined : end.version;
    if (end.error === undefined) {
      failures = 0;
      continue;
    }
    handler.alive(false, end.error);
    // A watch that held is no failure in a row, though something between us and the server cut it.
    if (clock.now().getTime() - started > longestRetryMs) failures = 0;
    const askedMs = end.error instanceof AppError ? (end.error.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(askedMs, retryDelayMs(++failures, firstRetryMs, longestRetryMs, random()));
    log.warn({ path, error: end.error, waitMs, relist: version === undefined }, 'watch interrupted');
    const slept = await sleep(clock, waitMs, signal).then(
      () => true,
      () => false,
    );
    if (!slept) return;
  }
}

/** One list, if nothing is known yet, and one watch. Never rejects. */
async function round<T>(
  options: ListWatchOptions,
  handler: ListWatchHandler<T>,
  known: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly version: string | undefined; readonly error: unknown }> {
  const { clock, path } = options;
  try {
    const from = known ?? (await list(options, handler, signal));
    const started = clock.now().getTime();
    const end = await watch(options, handler, from, signal);
    const atOnce = end.version === from && clock.now().getTime() - started < shortestWatchMs;
    if (!atOnce || end.error !== undefined) return end;
    return { ...end, error: new AppError('unavailable', `kubernetes: the watch of ${path} ended at once`) };
  } catch (error) {
    return { version: known, error };
  }
}

async function list<T>(
  { rest, path }: ListWatchOptions,
  handler: ListWatchHandler<T>,
  signal: AbortSignal,
): Promise<string> {
  const items: T[] = [];
  let token: string | undefined;
  for (;;) {
    const query = { limit: String(pageSize), ...(token ? { continue: token } : {}) };
    const page = ListPage.parse(await rest.json({ method: 'GET', path, query }, signal));
    for (const object of page.items ?? []) {
      const item = handler.read(object);
      if (item !== undefined) items.push(item);
    }
    token = page.metadata.continue;
    if (!token) {
      handler.replaced(items, page.metadata.resourceVersion);
      return page.metadata.resourceVersion;
    }
  }
}

/** Follows one stream to its end. Never rejects: what was seen before a break is not seen again. */
async function watch<T>(
  { rest, path, clock }: ListWatchOptions,
  handler: ListWatchHandler<T>,
  from: string,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const limit = deadline(clock, watchLimitMs, signal);
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds: String(watchSeconds),
  };
  let version = from;
  try {
    const lines = await rest.lines({ method: 'GET', path, query }, limit.signal);
    handler.alive(true);
    for await (const line of lines) if (line !== '') version = accept(line, handler);
    return { version, error: undefined };
  } catch (error) {
    return { version, error };
  } finally {
    limit.done();
  }
}

/** Hands one line on and returns its version. */
function accept<T>(line: string, handler: ListWatchHandler<T>): string {
  const { type, object } = Event.parse(JSON.parse(line));
  if (type === 'ERROR') {
    const { code, message } = Failure.parse(object);
    throw new AppError(codeOfStatus(code), `kubernetes: watch: ${message}`);
  }
  const { resourceVersion } = Versioned.parse(object).metadata;
  const item = type === 'BOOKMARK' ? undefined : handler.read(object);
  if (type !== 'BOOKMARK' && item !== undefined) handler.changed(type, item);
  return resourceVersion;
}
