import { z } from 'zod';
import { AppError, codeOfStatus } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import { deadline, sleep } from '../core/wait.ts';
import type { ListWatchHandler, Rest } from '../core/rest.ts';
import { tellsOfLife, tellsOfReturn } from './watch-life.ts';
import { createRounds, type RoundEnd } from './watch-rounds.ts';

export interface ListWatchOptions {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** The collection, `/apis/apps/v1/namespaces/shop/deployments`. */
  readonly path: string;
  /** For the log, where there may be several. */
  readonly cluster?: string;
}

const pageSize = 500;
/** The server ends a watch by then; a little later we do, so that a half-open connection cannot go unseen. */
const watchSeconds = 240;
const watchLimitMs = (watchSeconds + 30) * 1000;
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

/**
 * Lists, then watches, for ever: resumes from the last seen version after a break, and lists again when the server has
 * forgotten it (410, as an answer or inside the stream), or when it brings nothing from there but ends and errors. Ends
 * when `signal` fires.
 */
export async function listWatch<T>(
  options: ListWatchOptions,
  handler: ListWatchHandler<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, path, cluster, random } = options;
  const where = { ...(cluster === undefined ? {} : { cluster }), path };
  let version: string | undefined;
  const rounds = createRounds(random);
  const told = tellsOfReturn(handler, () => log.info(where, 'watch goes on'));
  for (;;) {
    const end = await round(options, told, { version, trusted: rounds.trusted() }, signal);
    if (signal.aborted) return;
    const { well, relist, tries, waitMs } = rounds.after(end);
    version = relist ? undefined : end.version;
    if (well) continue;
    const atOnce = new AppError('unavailable', `kubernetes: the watch of ${path} ended at once`);
    const error = end.error ?? atOnce;
    told.alive(false, error);
    const fields = { ...where, error, tries, waitMs, relist: version === undefined };
    log[tries > toldTries ? 'debug' : 'warn'](fields, 'watch interrupted');
    const slept = await sleep(clock, waitMs, signal).then(
      () => true,
      () => false,
    );
    if (!slept) return;
  }
}

/** What a round begins with. */
interface Start {
  /** `undefined` = a list comes first. */
  readonly version: string | undefined;
  /** As in `Rounds`. */
  readonly trusted: boolean;
}

/** One list, if nothing is known yet, and one watch. Never rejects. */
async function round<T>(
  options: ListWatchOptions,
  handler: ListWatchHandler<T>,
  { version, trusted }: Start,
  signal: AbortSignal,
): Promise<RoundEnd> {
  try {
    const from = version ?? (await list(options, handler, signal));
    return await watch(options, handler, { version: from, trusted }, signal);
  } catch (error) {
    return { version, error, opened: false, openMs: 0, brought: false, garbled: false };
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
  { version: from, trusted }: { readonly version: string; readonly trusted: boolean },
  signal: AbortSignal,
): Promise<RoundEnd> {
  const limit = deadline(clock, watchLimitMs, signal);
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: from,
    timeoutSeconds: String(watchSeconds),
  };
  const life = tellsOfLife(clock, trusted, () => handler.alive(true));
  let version = from;
  let openedMs: number | undefined;
  /** What ends it meanwhile is what the server sent, not the connection. */
  let reading = false;
  const end = (error: unknown): RoundEnd => {
    const openMs = clock.monotonicMs() - (openedMs ?? clock.monotonicMs());
    const opened = openedMs !== undefined;
    return { version, error, opened, openMs, brought: version !== from, garbled: reading };
  };
  try {
    const lines = await rest.lines({ method: 'GET', path, query }, limit.signal);
    openedMs = clock.monotonicMs();
    life.opened();
    for await (const line of lines) {
      if (line === '') continue;
      reading = true;
      version = accept(line, handler);
      reading = false;
      if (version !== from) life.shown();
    }
    return end(undefined);
  } catch (error) {
    return end(error);
  } finally {
    life.over();
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
