import type { Stored } from '../core/ports.ts';
import type { WorkloadKey } from '../core/workload.ts';
import { createAdvance } from './advance.ts';
import { atMost } from './at-most.ts';
import { createAnnounce } from './announce.ts';
import type { FlowContext, Next } from './context.ts';
import { createStepQueue } from './step-queue.ts';
import type { WorkQueue } from './work-queue.ts';

/** Moves updates through their phases. Level-triggered: it knows names, and reads everything else again. */
export interface Reconciler {
  /** Looks at this update now. */
  wake(name: string): void;
  /** Looks at the update that is under way in this workload, if there is one. */
  workloadChanged(key: WorkloadKey): void;
  /** Takes up everything that is not finished, and returns it. */
  resume(): Promise<readonly Stored[]>;
  /** Ends the steps that are due now, for at most `graceMs`, then stops. */
  drain(graceMs: number): Promise<void>;
  /** Breaks off the steps under way and stops; resolves when they have ended. */
  stop(): Promise<void>;
}

const stepConcurrency = 16;
/** Every receiver has a queue of its own, so that a slow one delays neither deliveries nor other receivers. */
const announcementConcurrency = 8;

/** Creates the reconciler; nothing runs before the first `wake` or `resume`. */
export function createReconciler(context: FlowContext): Reconciler {
  const { store, clock, log } = context;
  const advance = createAdvance(
    context,
    (name) => steps.add(name),
    (name) => outboxes.forEach((outbox) => outbox.add(name)),
  );
  const steps = updateQueue(context, stepConcurrency, (stored, signal) => advance.step(stored, signal));
  const outboxes = context.receivers.map((receiver) =>
    updateQueue(context, announcementConcurrency, createAnnounce(context, receiver)),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([steps, ...outboxes].map((queue) => queue.stop()));
  };
  return {
    stop,
    wake: (name) => steps.add(name),
    workloadChanged(key) {
      const name = advance.followed(key);
      if (name !== undefined) steps.add(name);
    },
    async resume() {
      const open = await store.open();
      open.forEach(({ update }) => steps.add(update.name));
      log[open.length > 0 ? 'info' : 'debug']({ updates: open.length }, 'unfinished updates taken up');
      return open;
    },
    async drain(graceMs) {
      const done = steps.idle().then(() => Promise.all(outboxes.map((outbox) => outbox.idle())));
      await atMost(clock, graceMs, done);
      await stop();
    },
  };
}

/** A queue of update names that reads the record and does `work`. */
function updateQueue(
  context: FlowContext,
  concurrency: number,
  work: (stored: Stored, signal: AbortSignal) => Promise<Next>,
): WorkQueue {
  return createStepQueue(context, concurrency, 'update', async (name, signal) => {
    const stored = await context.store.get(name);
    return stored ? work(stored, signal) : { kind: 'idle' };
  });
}
