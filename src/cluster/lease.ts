import {
  candidatePauseMs,
  guardedUntilMs,
  heldRecord,
  nextMove,
  observe,
  renewDeadlineMs,
  retryPeriodMs,
  type Observation,
} from '../core/election.ts';
import { messageOf } from '../core/errors.ts';
import type { Election, ElectionListener } from '../core/leadership.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Rest } from '../core/rest.ts';
import { deadline, sleep } from '../core/wait.ts';
import { createLeaseNotes, type LeaseNotes, type Look } from './lease-notes.ts';
import { createLeaseObject, type LeaseObject } from './lease-object.ts';

export interface LeaseOptions {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly namespace: string;
  readonly name: string;
  /** Who we are, for `kubectl get lease`. No other process may have the same, not even this one's successor. */
  readonly identity: string;
}

/** How long one look may take: half of the renew deadline, so that a second one fits in. */
const lookMs = renewDeadlineMs / 2;

/**
 * An election through a Lease in the cluster. One replica leads; when it dies another leads within 20 s, when it
 * ends in order within 3 s. An API server that is away ends the term after ten seconds, and is asked on and on.
 */
export function createLease(options: LeaseOptions): Election {
  const { clock, random } = options;
  const object = createLeaseObject(options);
  const notes = createLeaseNotes(options);
  const looks = createLooks(options, object, () => holds());
  let guardMs = -Infinity;
  const leftMs = (): number => guardMs - clock.monotonicMs();
  const holds = (): boolean => leftMs() > 0;

  const look = async (limitMs: number, signal: AbortSignal): Promise<Look> => {
    const result = await within(clock, limitMs, signal, looks.look).catch((error: unknown): Look => {
      signal.throwIfAborted();
      return { kind: 'failed', error };
    });
    notes.looked(result);
    return result;
  };
  /** Resolves when we lead. */
  const campaign = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const result = await look(lookMs, signal);
      if (result.kind === 'held') guardMs = result.untilMs;
      // After a standstill the answer may come when the time that it gives is over.
      if (holds()) return;
      const expiryMs = result.kind === 'wait' ? result.untilMs - clock.monotonicMs() : Infinity;
      await sleep(clock, Math.min(candidatePauseMs(random()), expiryMs), signal);
    }
  };
  /** Renews until we lead no more, and says why. A renewal that comes too late begins a new term: no term has gaps. */
  const keep = async (signal: AbortSignal): Promise<string> => {
    let why = 'this process stood still';
    for (;;) {
      await sleep(clock, Math.min(retryPeriodMs, leftMs()), signal);
      if (!holds()) return why;
      const result = await look(Math.min(lookMs, leftMs()), signal);
      if (result.kind === 'wait') return 'the lease names another holder';
      why = result.kind === 'failed' ? `not renewed: ${messageOf(result.error)}` : 'this process stood still';
      if (!holds()) return why;
      if (result.kind === 'held') guardMs = result.untilMs;
    }
  };
  /** From one election won to its end. */
  const term = async (signal: AbortSignal, { acquired, lost }: ElectionListener): Promise<void> => {
    await campaign(signal);
    notes.acquired();
    acquired();
    const why = await keep(signal).catch((error: unknown) => (signal.aborted ? undefined : messageOf(error)));
    guardMs = -Infinity;
    notes.lost(why);
    lost();
  };
  return {
    holds,
    async run(signal, listener) {
      try {
        for (;;) await term(signal, listener);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      if (looks.maybeOurs()) await release(clock, object, notes);
    },
  };
}

/** Looks at the Lease and remembers since when it is as it is. */
function createLooks(
  { clock, identity }: Pick<LeaseOptions, 'clock' | 'identity'>,
  object: LeaseObject,
  holds: () => boolean,
): { look(signal: AbortSignal): Promise<Look>; maybeOurs(): boolean } {
  let observation: Observation | undefined;
  let maybeOurs = false;
  return {
    maybeOurs: () => maybeOurs,
    async look(signal) {
      const lease = await object.read(signal);
      const nowMs = clock.monotonicMs();
      observation = observe(observation, lease, nowMs);
      const move = nextMove(observation, { identity, holds: holds() }, nowMs);
      maybeOurs = move.kind !== 'wait';
      if (move.kind === 'wait') return move;
      const record = heldRecord(lease, identity, clock.now());
      signal.throwIfAborted();
      const sentMs = clock.monotonicMs();
      await object.write(lease, record, signal);
      return { kind: 'held', untilMs: guardedUntilMs(sentMs) };
    },
  };
}

/** Rejects at the deadline even if `work` does not heed its signal, as a program that gives out credentials may not. */
async function within<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, done } = deadline(clock, ms, parent);
  const over = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  try {
    signal.throwIfAborted();
    return await Promise.race([work(signal), over]);
  } finally {
    done();
  }
}

/** So that another takes over at its next look; who cannot say so is waited for as if it had died. */
async function release(clock: Clock, object: LeaseObject, notes: LeaseNotes): Promise<void> {
  try {
    const released = await within(clock, lookMs, new AbortController().signal, object.release);
    if (released) notes.released();
  } catch (error) {
    notes.notReleased(error);
  }
}
