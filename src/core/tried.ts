import { AppError, hasCode, messageOf } from './errors.ts';
import type { AnnouncementResult } from './ports.ts';

/**
 * How one try to tell somebody ended. Only who says that it is gone is believed; whatever else went wrong may be mended
 * by the next try. Rejects when `signal` has fired: a stop is no failure.
 */
export async function tried(telling: Promise<void>, signal: AbortSignal): Promise<AnnouncementResult> {
  try {
    await telling;
    return { kind: 'sent' };
  } catch (error) {
    if (signal.aborted) throw error;
    const message = messageOf(error);
    if (hasCode(error, 'gone')) return { kind: 'abandoned', message };
    const retryAfterMs = error instanceof AppError ? error.retryAfterMs : undefined;
    const isTooMuch = hasCode(error, 'rate-limited') ? ({ isTooMuch: true } as const) : {};
    return { kind: 'failed', message, retryAfterMs, ...isTooMuch };
  }
}
