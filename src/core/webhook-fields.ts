import { z } from 'zod';
import { AppError } from './errors.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A text that a sender may leave out or send as null: empty, then. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

/** Whether a JSON value is an object: no array, not null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own field at `path` of a JSON value; `undefined` when there is none. Total. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (isFields(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  );
}

/** The text at `path`; empty when there is none, or something else. Total. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** Whether a JSON value is an object with one of these fields. */
export function hasField(value: unknown, ...names: readonly string[]): boolean {
  return isFields(value) && names.some((name) => Object.hasOwn(value, name));
}

/**
 * The part of a webhook that `schema` describes. `at` is where in the body it is.
 *
 * @throws AppError `bad-request` that names the source, the fields and what is allowed in them.
 */
export function readFields<T>(
  source: string,
  schema: z.ZodType<T>,
  value: unknown,
  at: readonly string[] = [],
): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const { issues } = read.error;
  // A long list has long errors: the first few say enough.
  const told = issues
    .slice(0, 5)
    .map(({ path, message }) => `${[...at, ...path].join('.') || 'body'}: ${message}`);
  throw badBody(source, told.join('; '), read.error);
}

/** The error for a body that `source` does not send. */
export function badBody(source: string, text: string, cause?: unknown): AppError {
  return new AppError('bad-request', `${source}: ${text}`, cause === undefined ? {} : { cause });
}
