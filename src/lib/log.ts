import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { pino, type DestinationStream } from 'pino';
import type { Log } from '../core/ports.ts';
import { AppError } from '../core/errors.ts';

/** Levels of `UK_LOG_LEVEL`. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** More than this waiting for a reader that does not read, and lines are dropped: memory is not for logs. */
const maxBufferedBytes = 16 * 1024 * 1024;

/** How long the end of the process waits for a reader that does not read. */
const closeLimitMs = 2000;

/** Where log lines go, and the way to see the last of them off. */
export interface LogOutput extends DestinationStream {
  /** Resolves when every line is written, or after two seconds without a reader. Nothing can be written after it. */
  close(): Promise<void>;
}

/** Standard output. A slow reader of it never holds the service up. */
export function standardOutput(): LogOutput {
  const output = pino.destination({ dest: 1, sync: false, maxLength: maxBufferedBytes });
  return {
    write: (line) => output.write(line),
    async close() {
      const written = once(output, 'close');
      output.end();
      await Promise.race([written, setTimeout(closeLimitMs, undefined, { ref: false })]);
    },
  };
}

/** JSON lines. Keys that may hold a secret are masked wherever they stand. */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => describe(fields) as Record<string, unknown>,
    },
  };
  const logger = pino(options, { write: (line) => destination.write(escapeControls(line)) });
  const line =
    (name: LogLevel): Log['info'] =>
    (fields, message) =>
      logger[name](fields, message);
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

const secretKey = /^(?:authorization|password|secret|token)$/i;
/** Deeper things are cut: nothing of ours is that deep, but a cycle is. */
const maxDepth = 8;

/** A copy with secrets masked and errors described. */
function describe(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth > maxDepth) return '…';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.map((item) => describe(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKey.test(key) ? '***' : describe(item, depth + 1),
    ]),
  );
}

/**
 * Message, code and chain of causes. Not pino's own serialiser: it prints every property of an error, and those
 * of HTTP clients hold headers and bodies.
 */
function describeError(error: Error, depth: number): unknown {
  const code = error instanceof AppError ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describe(error.cause, depth + 1) };
  const stack = error instanceof AppError ? {} : { stack: error.stack };
  return { name: error.name, message: error.message, ...code, ...cause, ...stack };
}

/** JSON leaves these as they are; some terminals and log readers take them for the end of a line or a command. */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
