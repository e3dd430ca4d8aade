import type { ElectionListener, Leadership } from '../../core/leadership.ts';
import type { WorkloadKey } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';
import { startChangeTerm, type ChangeTerm, type ListedPlaces } from './change-term.ts';

/** Tells of changes on the replica that leads. While this one does not, all of it does nothing. */
export interface ChangeLead extends ElectionListener {
  /** A workload was changed, or is gone. */
  changed(key: WorkloadKey): void;
  /** Everything of a kind has been listed, in a namespace or (`undefined`) in all of a cluster. */
  listed(where: ListedPlaces): void;
  /** Tells what is due now, for at most `graceMs`, then stops. */
  drain(graceMs: number): Promise<void>;
}

/** Runs from each `acquired` to the next `lost`; hand it to the election as its listener. */
export function createChangeLead(context: ChangeContext, leadership: Leadership): ChangeLead {
  let term: ChangeTerm | undefined;
  let draining = false;
  const end = (): void => {
    void term?.stop();
    term = undefined;
  };
  return {
    acquired() {
      end();
      // Who is about to end begins nothing: the next leader takes it up in a moment.
      term = draining ? undefined : startChangeTerm(context, leadership);
    },
    lost: end,
    changed: (key) => term?.changed(key),
    listed: (where) => term?.takeUp(where),
    async drain(graceMs) {
      draining = true;
      await term?.drain(graceMs);
    },
  };
}
