import type { IncomingMessage } from 'node:http';
import { AppError } from '../core/errors.ts';

const maxBodyBytes = 1024 * 1024;
const maxDepth = 64;
/** Keys that reach a prototype when an object is copied carelessly somewhere down the line. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The bytes of a body. One that is too long is refused at once; what still comes of it is dropped as it comes, so
 * that the sender gets to read the answer.
 *
 * @throws AppError `too-large`, `unsupported-encoding`; `bad-request` when the body breaks off.
 */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') {
    throw new AppError('unsupported-encoding', 'send the body without Content-Encoding');
  }
  return new Promise((resolve, reject) => {
    const tooLarge = (): void => reject(new AppError('too-large', 'the body is larger than 1 MiB'));
    const chunks: Buffer[] = [];
    let left = maxBodyBytes;
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) tooLarge();
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left >= 0) chunks.push(chunk);
      else tooLarge();
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (cause) => reject(new AppError('bad-request', 'the body breaks off', { cause })));
  });
}

/**
 * The JSON value of a body.
 *
 * @throws AppError `bad-request` when it is no JSON, too deep, or has keys that no registry sends.
 */
export function parseJsonBody(raw: Uint8Array): unknown {
  const value = parse(new TextDecoder().decode(raw));
  const problem = problemWith(value);
  if (problem !== undefined) throw new AppError('bad-request', `the body ${problem}`);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('bad-request', text.trim() === '' ? 'the body is empty' : 'the body is not JSON', {
      cause,
    });
  }
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
