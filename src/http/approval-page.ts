import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { oneLine } from '../core/one-line.ts';
import type { Update } from '../core/update.ts';
import { byAge, type ListPlace } from '../flows/show-approvals.ts';

/** The part of a list that is wanted. */
export interface PageWish {
  readonly limit: number;
  /** The last one that was seen; absent = from the start. */
  readonly after?: ListPlace | undefined;
}

/** A part of a list, and what `?continue=` must be for the next one; `null` when this is the end. */
export interface Page {
  readonly updates: readonly Update[];
  readonly next: string | null;
}

const usualLimit = 100;
const maxLimit = 500;

const Limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(maxLimit));
const Place = z.tuple([z.string().min(1).max(64), z.string().min(1).max(253)]);
const Continue = z
  .base64url()
  .max(1024)
  .transform((text, context): ListPlace => {
    const place = Place.safeParse(parsed(Buffer.from(text, 'base64url').toString('utf8')));
    if (!place.success) {
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }
    const [createdAt, name] = place.data;
    return { createdAt, name };
  });
const Query = z.strictObject({ limit: Limit.default(usualLimit), continue: Continue.optional() });

const allowed: Readonly<Record<keyof z.output<typeof Query>, string>> = {
  limit: `a whole number from 1 to ${maxLimit}, once`,
  continue: '"continue" of the answer before, unchanged and once',
};

/** What the query of a list asks for. @throws AppError `bad-request` that names the parameter and what is allowed. */
export function readPageWish(query: unknown): PageWish {
  const read = Query.safeParse(query);
  if (read.success) return { limit: read.data.limit, after: read.data.continue };
  const [wrong] = read.error.issues.map(({ path: [name] }) => name);
  if (wrong === 'limit' || wrong === 'continue')
    throw new AppError('bad-request', `?${wrong}= is not allowed as it is; allowed: ${allowed[wrong]}`);
  const unknown = read.error.issues.flatMap((issue) => ('keys' in issue ? issue.keys : []));
  const named = oneLine(unknown.join(', '), 100);
  throw new AppError(
    'bad-request',
    `?${named}= means nothing here; allowed: ${Object.keys(allowed).join(', ')}`,
  );
}

/**
 * The next ones of `updates`, which are in the order of `byAge`, that may be shown. It goes on behind the last one seen
 * and not at a number, so that whatever is decided meanwhile takes none away. Only of what was shown is anything in
 * `next`: not of what is hidden.
 */
export async function pageOf(
  updates: readonly Update[],
  { limit, after }: PageWish,
  mayBeShown: (update: Update) => Promise<boolean>,
): Promise<Page> {
  const shown: Update[] = [];
  for (const update of updates) {
    if ((after && byAge(update, after) <= 0) || !(await mayBeShown(update))) continue;
    const last = shown.at(-1);
    if (last && shown.length === limit) return { updates: shown, next: continueAfter(last) };
    shown.push(update);
  }
  return { updates: shown, next: null };
}

function continueAfter({ createdAt, name }: ListPlace): string {
  return Buffer.from(JSON.stringify([createdAt, name])).toString('base64url');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
