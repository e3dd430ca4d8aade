import { AppError } from '../core/errors.ts';

const maxDepth = 64;
/** Keys that reach a prototype when an object is copied carelessly somewhere down the line. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The JSON value that a text begins with. Some senders have bytes left over behind it, such as a brace too many: they
 * are passed over, unless they begin another value, which would be an event lost.
 *
 * @throws AppError `bad-request` when it is no JSON, too deep, or has keys that no registry sends.
 */
export function parseJson(text: string): unknown {
  const whole = parseWhole(text);
  const value = whole === undefined ? parseFirst(text) : whole;
  const problem = problemWith(value);
  if (problem !== undefined) throw new AppError('bad-request', `the body ${problem}`);
  return value;
}

/** `undefined` when the text as a whole is no JSON. */
function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseFirst(text: string): unknown {
  const end = endOfFirst(text);
  const value = end === undefined ? undefined : parseWhole(text.slice(0, end));
  if (value === undefined)
    throw new AppError('bad-request', text.trim() === '' ? 'the body is empty' : 'the body is not JSON');
  if (/[{["]/.test(text.slice(end)))
    throw new AppError('bad-request', 'the body is more than one JSON value');
  return value;
}

/** Index behind the object or array that a text begins with. */
function endOfFirst(text: string): number | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    // Brackets in a string do not count.
    if (char === '"') index = endOfString(text, index);
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth === 0 && /\S/.test(char)) return index + 1;
  }
  return undefined;
}

/** Index of the quote that ends the string which begins at `start`, or the length of the text. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charAt(index) !== '"') index += text.charAt(index) === '\\' ? 2 : 1;
  return index;
}

/** Walks level by level: a body may be deeper than the stack. */
function problemWith(value: unknown): string | undefined {
  let level: readonly object[] = isObject(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return `is nested deeper than ${maxDepth} levels`;
    const bad = level.flatMap((node) => (Array.isArray(node) ? [] : Object.keys(node))).find(isForbidden);
    if (bad !== undefined) return `has a key "${bad}"`;
    level = level.flatMap((node) => Object.values(node).filter(isObject));
  }
  return undefined;
}

function isForbidden(key: string): boolean {
  return forbiddenKeys.has(key);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
