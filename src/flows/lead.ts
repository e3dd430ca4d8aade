import { retryDelayMs } from '../core/backoff.ts';
import type { Election, ElectionListener, Leadership } from '../core/leadership.ts';
import type { FlowContext } from './context.ts';
import { guarded } from './guarded.ts';
import { warnOfMissing } from './missing-receivers.ts';
import { createReconciler, type Reconciler } from './reconcile.ts';

/** The reconciler of the replica that leads. While this one does not, all of it does nothing. */
export interface Lead extends ElectionListener, Pick<Reconciler, 'wake' | 'workloadChanged' | 'drain'> {
  /** Looks at everything that is open: what failed while the cluster was away need not wait for its next try. */
  lookAgain(): void;
}

/** Everything open is looked at again so often: whatever nobody told us of is found then at the latest. */
const resyncMs = 5 * 60_000;
const [firstRetryMs, longestRetryMs] = [500, 30_000];

/** For a store that one process has to itself: it always leads. */
export const alone: Election = {
  holds: () => true,
  run: (signal, { acquired, lost }) =>
    new Promise((resolve) => {
      const end = (): void => {
        lost();
        resolve();
      };
      acquired();
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }),
};

/**
 * Runs a reconciler from each `acquired` to the next `lost`; hand it to the election as its listener. `lost` breaks
 * off what is under way: whoever leads next repeats it, and recognises what was done.
 *
 * @param context its `delivery` must be made over `guardedCluster`.
 */
export function createLead(context: FlowContext, leadership: Leadership): Lead {
  let term: Term | undefined;
  let draining = false;
  return {
    acquired() {
      term?.end();
      // Who is about to end begins nothing: the next leader takes it up in a moment.
      term = draining ? undefined : startTerm(context, leadership);
    },
    lost() {
      term?.end();
      term = undefined;
    },
    wake: (name) => term?.reconciler.wake(name),
    workloadChanged: (key) => term?.reconciler.workloadChanged(key),
    lookAgain: () => term?.lookAgain(),
    async drain(graceMs) {
      draining = true;
      await term?.drain(graceMs);
    },
  };
}

interface Term {
  readonly reconciler: Reconciler;
  lookAgain(): void;
  drain(graceMs: number): Promise<void>;
  end(): void;
}

/** A term has a reconciler and a guard of its own: what lags behind from the last one never writes again. */
function startTerm(context: FlowContext, leadership: Leadership): Term {
  const { clock, log, random, receivers } = context;
  let over = false;
  const reconciler = createReconciler(guarded(context, { holds: () => !over && leadership.holds() }));
  let resyncing = true;
  let cancel = (): void => undefined;
  let failures = 0;
  let isFirst = true;
  /** Once a term it also says what waits for nobody. */
  const takeUp = async (): Promise<void> => {
    const open = await reconciler.resume();
    if (!isFirst || !resyncing) return;
    isFirst = false;
    const waiting = open.flatMap(({ update }) => update.announcements);
    warnOfMissing(log, waiting, receivers);
  };
  const resync = async (): Promise<void> => {
    const waitMs = await takeUp().then(
      () => {
        failures = 0;
        return resyncMs;
      },
      (error: unknown) => {
        const ms = retryDelayMs(++failures, firstRetryMs, longestRetryMs, random());
        if (resyncing)
          log.warn({ tries: failures, waitMs: ms, error }, 'unfinished updates cannot be read, retrying');
        return ms;
      },
    );
    if (resyncing) cancel = clock.after(waitMs, () => void resync());
  };
  const quiet = (): void => {
    resyncing = false;
    cancel();
  };
  void resync();
  return {
    reconciler,
    lookAgain: () => void reconciler.resume().catch(() => undefined),
    drain(graceMs) {
      quiet();
      return reconciler.drain(graceMs);
    },
    end() {
      over = true;
      quiet();
      void reconciler.stop();
    },
  };
}
