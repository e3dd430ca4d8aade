import { createLease } from '../../src/cluster/lease.ts';
import type { Election } from '../../src/core/leadership.ts';
import type { Rest } from '../../src/core/rest.ts';
import type { FakeClock } from './fake-clock.ts';
import { createFakeLog } from './fake-log.ts';

/** Of the Lease, as `k8s/role.yaml` allows it. */
export const leaseName = 'updatekate-leader';

/** One replica that stands for election. */
export interface Contender extends Election {
  /** `acquired` and `lost` as they came, with the second since it stands. */
  readonly terms: readonly string[];
  readonly log: ReturnType<typeof createFakeLog>;
  /** SIGTERM; resolves when `run` has. */
  stop(): Promise<void>;
  /** kill -9: nothing of it runs any more, and what it held stays as it is. */
  kill(): void;
  ended(): boolean;
}

/** Stands for the Lease of `namespace`, with the longest pauses between two looks. */
export function aContender(identity: string, rest: Rest, clock: FakeClock, namespace = 'shop'): Contender {
  const log = createFakeLog();
  const terms: string[] = [];
  const stopping = new AbortController();
  let dead = false;
  let ended = false;
  const mortal: FakeClock = {
    ...clock,
    after: (ms, run) => clock.after(ms, () => (dead ? undefined : run())),
  };
  const election = createLease({
    ...{ rest, clock: mortal, log, random: () => 0.999, identity },
    ...{ namespace, name: leaseName },
  });
  const startMs = clock.monotonicMs();
  const second = (): number => (clock.monotonicMs() - startMs) / 1000;
  const running = election
    .run(stopping.signal, {
      acquired: () => terms.push(`acquired ${second()}`),
      lost: () => terms.push(`lost ${second()}`),
    })
    .then(() => {
      ended = true;
    });
  return {
    ...election,
    ...{ terms, log },
    stop() {
      stopping.abort();
      return running;
    },
    kill() {
      dead = true;
    },
    ended: () => ended,
  };
}
