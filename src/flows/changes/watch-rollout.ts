import { nextPollMs } from '../../core/backoff.ts';
import { rolloutState, type RolloutState } from '../../core/rollout.ts';
import { workloadId, type Workload } from '../../core/workload.ts';
import type { ChangeContext } from './change-context.ts';

/** Where a rollout stands, and when to look again if nothing happens before. */
export interface WatchedRollout {
  readonly state: RolloutState;
  readonly againMs: number | undefined;
}

/** Follows rollouts that nobody ordered of us. */
export interface RolloutWatch {
  /** @param mayEnd whether it counts as failed when it takes too long. */
  look(workload: Workload, mayEnd: boolean, signal: AbortSignal): Promise<WatchedRollout>;
  forget(id: string): void;
}

interface Progress {
  readonly generation: number;
  readonly sinceMs: number;
  pollAtMs: number;
}

/** What is not well for longer is asked about so often. */
const slowPollMs = 5 * 60_000;

/**
 * Judges from what the watch brought, and asks for the pods at every poll: only they say why a rollout does not end, or why
 * what was well is not any more.
 */
export function createRolloutWatch({ clock, watched, rollout }: ChangeContext): RolloutWatch {
  const progress = new Map<string, Progress>();
  const progressOf = (workload: Workload): Progress => {
    const id = workloadId(workload.key);
    const known = progress.get(id);
    if (known?.generation === workload.generation) return known;
    const nowMs = clock.now().getTime();
    const begun = { generation: workload.generation, sinceMs: nowMs, pollAtMs: nowMs };
    progress.set(id, begun);
    return begun;
  };
  return {
    forget: (id) => void progress.delete(id),
    async look(workload, mayEnd, signal) {
      const wanted = Object.fromEntries(workload.containers.map(({ name, image }) => [name, image]));
      const seen = rolloutState(workload, wanted, []);
      if (seen.kind !== 'progressing') {
        progress.delete(workloadId(workload.key));
        return { state: seen, againMs: undefined };
      }
      const since = progressOf(workload);
      const nowMs = clock.now().getTime();
      if (nowMs < since.pollAtMs) return { state: seen, againMs: since.pollAtMs - nowMs };
      const state = rolloutState(workload, wanted, await watched.pods(workload, signal));
      const elapsedMs = nowMs - since.sinceMs;
      const againMs = nextPollMs(elapsedMs, rollout.pollMs, rollout.timeoutMs) || slowPollMs;
      since.pollAtMs = nowMs + againMs;
      const isLate = state.kind === 'progressing' && elapsedMs >= rollout.timeoutMs && mayEnd;
      return { state: isLate ? late(rollout.timeoutMs, state.detail) : state, againMs };
    },
  };
}

function late(timeoutMs: number, detail: string): RolloutState {
  const what = `not done within ${timeoutMs / 1000} s: ${detail}`;
  return { kind: 'failed', reason: 'rollout-timeout', detail: what };
}
