import { retryDelayMs } from '../core/backoff.ts';
import type { Clock, Log, ParkedPushes } from '../core/ports.ts';
import type { Push } from '../core/registry.ts';
import { sleep } from '../core/wait.ts';

export interface TakeParkedContext {
  readonly parked: ParkedPushes;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Decides pushes and records what follows; the workloads are known. */
  receive(pushes: readonly Push[]): Promise<unknown>;
}

const [firstWaitMs, longestWaitMs] = [500, 30_000];

/** Decides what was parked, as soon as that can be done. */
export interface Unparking {
  /** Receives what is parked by now, in the order it came. */
  start(): void;
  /** Resolves when everything that was started has ended; says what is left. */
  end(): Promise<void>;
}

/** What fails is tried again until `signal` fires; what is started after that is tried once. */
export function createUnparking(context: TakeParkedContext, signal: AbortSignal): Unparking {
  let running = Promise.resolve();
  return {
    start() {
      // One after the other: two at a time would receive the same pushes.
      running = running.then(() => takeParked(context, signal));
    },
    async end() {
      await running;
      const left = await context.parked.all();
      if (left.length > 0)
        context.log.warn({ webhooks: left.length }, 'parked pushes are left: keep their disk');
    },
  };
}

async function takeParked(context: TakeParkedContext, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = context;
  for (let failures = 1, stopped = false; !stopped; failures++) {
    try {
      await takeAll(context);
      return;
    } catch (error) {
      log.warn({ error }, 'parked pushes cannot be taken yet');
      const waitMs = retryDelayMs(failures, firstWaitMs, longestWaitMs, random());
      stopped = await sleep(clock, waitMs, signal).then(
        () => false,
        () => true,
      );
    }
  }
}

/** Removed only after it was received: a crash in between repeats it, and its updates have the same names. */
async function takeAll({ parked, receive, log }: TakeParkedContext): Promise<void> {
  const waiting = await parked.all();
  for (const { id, pushes } of waiting) {
    await receive(pushes);
    await parked.remove(id);
  }
  if (waiting.length > 0) log.info({ webhooks: waiting.length }, 'parked pushes taken');
}
