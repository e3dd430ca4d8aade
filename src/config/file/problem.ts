import type { z } from 'zod';
import { printable } from '../../core/annotation-values.ts';
import { allowedSecret } from '../../core/secret-text.ts';

/** What is wrong at one place of the file. */
export interface Problem {
  /** Keys and indexes from the top; empty = the file as a whole. */
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

/** `environments.prod.namespaces[0]`; a key that is no plain word is quoted. */
export function spell(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    const key = String(part);
    return /^[\w-]{1,80}$/.test(key) ? `.${key}` : `.${quoted(key)}`;
  });
  return parts.join('').replace(/^\./, '');
}

/** What a value is, for a message: a scalar as it is written, of anything else only what it is. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return 'a section';
}

/** What a schema found wrong with `value`; messages of schemas say what is allowed. */
export function problemsOf(error: z.ZodError, value: unknown): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, value));
}

function problemsOfIssue(issue: z.core.$ZodIssue, value: unknown): readonly Problem[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], what: `unknown; allowed: ${message}` }));
  if (issue.code === 'invalid_key') {
    const allowed = issue.issues[0]?.message ?? message;
    return [{ path, what: `this name is not allowed; allowed: ${allowed}` }];
  }
  const found = at(value, path);
  const wrong = found === undefined ? 'missing' : `${shown(found, message)} is not allowed`;
  return [{ path, what: `${wrong}; allowed: ${message}` }];
}

/** A secret that was written into the file shall not be in the log as well. */
function shown(found: unknown, allowed: string): string {
  return allowed === allowedSecret && typeof found === 'string' ? 'a text' : describe(found);
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `"${printable(short)}"`;
}
