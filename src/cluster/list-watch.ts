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
/** A server that is back is to be noticed within two seconds; a list is much work for it, and asked for less and less. */
const [firstRetryMs, longestRetryMs, longestRelistMs] = [200, 2000, 30_000];
/** Of one outage so many tries are told. */
const toldTries = 5;

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

/** How one list, if there was one, and the watch after it ended. */
interface RoundEnd {
  /** To go on from; `undefined` = nothing is known yet. */
  readonly version: string | undefined;
  /** What broke it, if anything did. */
  readonly error: unknown;
  readonly listed: boolean;
  /** Whether the watch brought something, or lasted. */
  readonly held: boolean;
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
  const pace = createPace(random);
  const told = tellsOfReturn(handler, () => log.info({ path }, 'watch goes on'));
  for (;;) {
    const end = await round(options, told, version, signal);
    if (signal.aborted) return;
    version = hasCode(end.error, 'gone') ? undefined : end.version;
    const { waitMs, tries } = pace(end);
    if (end.error === undefined) continue;
    told.alive(false, end.error);
    const fields = { path, error: end.error, tries, waitMs, relist: version === undefined };
    log[tries > toldTries ? 'debug' : 'warn'](fields, 'watch interrupted');
    const slept = await sleep(clock, waitMs, signal).then(
      () => true,
      () => false,
    );
    if (!slept) return;
  }
}

function tellsOfReturn<T>(handler: ListWatchHandler<T>, returned: () => void): ListWatchHandler<T> {
  let interrupted = false;
  return {
    ...handler,
    alive(alive, error) {
      if (alive && interrupted) returned();
      interrupted = !alive;
      handler.alive(alive, error);
    },
  };
}

/** How many rounds have failed in a row, and how long to wait after them. */
function createPace(random: () => number): (end: RoundEnd) => { readonly tries: number; waitMs: number } {
  let [failures, relists] = [0, 0];
  return ({ error, listed, held }) => {
    if (listed || held) failures = 0;
    if (held) relists = 0;
    if (error === undefined) return { tries: 0, waitMs: 0 };
    const askedMs = error instanceof AppError ? (error.retryAfterMs ?? 0) : 0;
    // A server that has forgotten is well: how long it was away before says nothing about when to list again.
    const isGone = hasCode(error, 'gone');
    const tries = isGone ? ++relists : ++failures;
    const longestMs = isGone ? longestRelistMs : longestRetryMs;
    return { tries, waitMs: Math.max(askedMs, retryDelayMs(tries, firstRetryMs, longestMs, random())) };
  };
}

/** One list, if nothing is known yet, and one watch. Never rejects. */
async function round<T>(
  options: ListWatchOptions,
  handler: ListWatchHandler<T>,
  known: string | undefined,
  signal: AbortSignal,
): Promise<RoundEnd> {
  const { clock, path } = options;
  try {
    const listed = known === undefined;
    const from = known ?? (await list(options, handler, signal));
    const startedMs = clock.monotonicMs();
    const end = await watch(options, handler, from, signal);
    const held = end.version !== from || clock.monotonicMs() - startedMs >= shortestWatchMs;
    const atOnce = new AppError('unavailable', `kubernetes: the watch of ${path} ended at once`);
    return { ...end, listed, held, error: end.error ?? (held ? undefined : atOnce) };
  } catch (error) {
    return { version: known, error, listed: false, held: false };
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
): Promise<Pick<RoundEnd, 'version' | 'error'>> {
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
