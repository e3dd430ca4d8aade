import { hasCode } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { deadline, sleep } from '../../core/wait.ts';
import type { DecideOptions } from './cast.ts';
import { decideByClick, decideByPhrase, tellNotCounted } from './decide.ts';

/** Takes what Slack brings, after it has been acknowledged. */
export interface VoteTaker {
  /** Resolves when it has been dealt with; never rejects. */
  click(body: unknown): Promise<void>;
  message(body: unknown): Promise<void>;
  /** Resolves when nothing is being dealt with any more, after five seconds at the latest. */
  settled(): Promise<void>;
}

export interface VoteTakerOptions extends DecideOptions {
  readonly clock: Clock;
}

/** How long a vote may be worked on, and how long its end is waited for when the service ends. */
const [workMs, endMs] = [30_000, 5000];

/**
 * Deals with clicks and messages until `signal` fires. Slack brings nothing a second time that was acknowledged, so
 * they outlive the connection they came by and the leadership of this replica: what counts is the record.
 */
export function createVoteTaker(options: VoteTakerOptions, signal: AbortSignal): VoteTaker {
  const { clock, metrics, log } = options;
  const underWay = new Set<Promise<void>>();
  const dealWith = async (decide: typeof decideByClick, body: unknown): Promise<void> => {
    const limit = deadline(clock, workMs, signal);
    try {
      await patiently(clock, () => decide(options, body, limit.signal), limit.signal);
    } catch (error) {
      metrics.vote('slack', 'not-counted');
      log.error({ error }, 'slack: a vote could not be counted');
      await tellNotCounted(options, body, signal).catch(() => undefined);
    } finally {
      limit.done();
    }
  };
  const take = (decide: typeof decideByClick, body: unknown): Promise<void> => {
    const work = dealWith(decide, body).finally(() => underWay.delete(work));
    underWay.add(work);
    return work;
  };
  return {
    click: (body) => take(decideByClick, body),
    message: (body) => take(decideByPhrase, body),
    async settled() {
      const waiting = new AbortController();
      const longEnough = sleep(clock, endMs, waiting.signal).catch(() => undefined);
      await Promise.race([Promise.all(underWay), longEnough]);
      waiting.abort();
    },
  };
}

/** Again as soon as Slack says it may be, while there is time. Whoever is cut short so has counted nothing yet. */
async function patiently(clock: Clock, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      const waitMs = hasCode(error, 'rate-limited') ? error.retryAfterMs : undefined;
      if (waitMs === undefined) throw error;
      await sleep(clock, waitMs, signal).catch(() => {
        throw error;
      });
    }
  }
}
