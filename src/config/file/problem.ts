import { printable } from '../../core/annotation-values.ts';
import { withoutTokens } from '../mask.ts';

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
    const key = hidden(String(part));
    return /^[\w-]{1,80}$/.test(key) ? `.${key}` : `.${quoted(key)}`;
  });
  return parts.join('').replace(/^\./, '');
}

/** Without its `url:` the address of a webhook is a key; so is a token without its `token:`. */
function hidden(key: string): string {
  return withoutTokens(key.replace(/:\/\/.*/s, '://***'));
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

function quoted(text: string): string {
  // Before it is cut: half a token would not be known for one.
  const shown = withoutTokens(text);
  const short = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return `"${printable(short)}"`;
}
