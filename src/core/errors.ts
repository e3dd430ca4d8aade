/** Every way the product fails on purpose. HTTP status and retry derive from the code, here and nowhere else. */
export type ErrorCode =
  | 'bad-request'
  | 'bad-config'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'unknown-source'
  | 'method-not-allowed'
  | 'conflict'
  | 'gone'
  | 'too-large'
  | 'unsupported-encoding'
  | 'invalid'
  | 'rate-limited'
  | 'unavailable'
  | 'not-leader'
  | 'timeout'
  | 'internal';

const traits: Readonly<Record<ErrorCode, { readonly status: number; readonly retry: boolean }>> = {
  'bad-request': { status: 400, retry: false },
  'bad-config': { status: 500, retry: false },
  unauthorized: { status: 401, retry: false },
  forbidden: { status: 403, retry: false },
  'not-found': { status: 404, retry: false },
  'unknown-source': { status: 404, retry: false },
  'method-not-allowed': { status: 405, retry: false },
  conflict: { status: 409, retry: false },
  gone: { status: 410, retry: false },
  'too-large': { status: 413, retry: false },
  'unsupported-encoding': { status: 415, retry: false },
  invalid: { status: 422, retry: false },
  'rate-limited': { status: 429, retry: true },
  unavailable: { status: 503, retry: true },
  // Another replica does it, or this one in its next term: to be thrown on, never written down as a failure.
  'not-leader': { status: 503, retry: true },
  timeout: { status: 504, retry: true },
  internal: { status: 500, retry: false },
};

/** An error of the product: a closed code, a message for a person, and what caused it. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** How long the other side asked us to wait, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'AppError';
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The HTTP status this error is answered with. */
  get status(): number {
    return traits[this.code].status;
  }
}

/** Whether trying the same thing again later may work. Anything that is not ours is a fault, not a hiccup. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AppError && traits[error.code].retry;
}

/** Whether `error` is ours and carries `code`. */
export function hasCode(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code;
}

/** One line about any thrown value, for a log or a record. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code for an HTTP status that another server answered with. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 408) return 'timeout';
  if (status >= 500) return 'unavailable';
  const found = Object.entries(traits).find(([, trait]) => trait.status === status);
  return found ? (found[0] as ErrorCode) : 'bad-request';
}
