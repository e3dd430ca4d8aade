import { nextPollMs } from '../../core/backoff.ts';
import { imagesOf } from '../../core/difference.ts';
import { newRevision, troubled, without, type DatedPod } from '../../core/old-pods.ts';
import { rolloutState, timeoutReason, type RolloutState, type WantedImages } from '../../core/rollout.ts';
import { workloadId, type Workload } from '../../core/workload.ts';
import { createLastingDeadline } from '../lasting-deadline.ts';
import type { ChangeContext } from './change-context.ts';
import { ageMs, arrived, underWay, type Before, type Progress, type UnderWay } from './rollout-progress.ts';

/** Where a rollout stands, and when to look again if nothing happens before. */
export interface WatchedRollout {
  readonly state: RolloutState;
  readonly againMs: number | undefined;
}

/** Follows rollouts that nobody ordered of us. */
export interface RolloutWatch {
  look(workload: Workload, before: Before, signal: AbortSignal): Promise<WatchedRollout>;
  forget(id: string): void;
}

/** What is not well for longer is asked about so often. */
const slowPollMs = 5 * 60_000;

/**
 * Judges from what the watch brought, and asks for the pods at every poll: only they say why a rollout does not end, or why
 * what was well is not any more.
 */
export function createRolloutWatch({
  clock,
  watched,
  rollout,
}: Pick<ChangeContext, 'clock' | 'watched' | 'rollout'>): RolloutWatch {
  const progress = new Map<string, Progress>();
  const deadline = createLastingDeadline(clock);
  /** Those that have been looked at: what begins with them now, begins under our eyes. */
  const met = new Set<string>();
  const keep = (id: string, known: Progress | undefined): void => {
    if (known) progress.set(id, known);
    else progress.delete(id);
  };
  const sofarMs = (id: string, workload: Workload, before: Before): number =>
    met.has(id) ? 0 : ageMs(workload, before, clock.now(), rollout.timeoutMs);
  const poll = async (
    { workload, before, known }: { workload: Workload; before: Before; known: UnderWay },
    signal: AbortSignal,
  ): Promise<WatchedRollout> => {
    const nowMs = clock.monotonicMs();
    const there: readonly DatedPod[] = await watched.pods(workload, signal);
    const pods = there.filter(({ isLeaving }) => !isLeaving);
    const old = known.old ?? troubled(pods, { revision: newRevision(workload, pods), images: known.moved });
    const marks = before.keepsOld ? {} : marksOfNew(workload, before, pods);
    const state = rolloutState(workload, marks, without(pods, old));
    const elapsedMs = nowMs - known.sinceMs;
    const againMs = nextPollMs(elapsedMs, rollout.pollMs, rollout.timeoutMs) || slowPollMs;
    keep(workloadId(workload.key), { ...known, old, pollAtMs: nowMs + againMs });
    const isLate = state.kind === 'progressing' && elapsedMs >= rollout.timeoutMs && before.mayEnd;
    return { state: isLate ? late(rollout.timeoutMs, state.detail) : state, againMs };
  };
  return {
    forget(id) {
      progress.delete(id);
      deadline.forget(id);
      met.delete(id);
    },
    async look(given, before, signal) {
      const id = workloadId(given.key);
      const { workload, againMs: untilDeadlineMs = Infinity } = deadline.judged(id, given);
      const seen = rolloutState(workload, {}, []);
      const nowMs = clock.monotonicMs();
      const begunMs = nowMs - sofarMs(id, workload, before);
      met.add(id);
      if (seen.kind === 'converged') keep(id, arrived(workload, before));
      if (seen.kind !== 'progressing') return { state: seen, againMs: undefined };
      const known = underWay(progress.get(id), workload, before, { nowMs, begunMs });
      keep(id, known);
      const looked =
        nowMs < known.pollAtMs
          ? { state: seen, againMs: known.pollAtMs - nowMs }
          : await poll({ workload, before, known }, signal);
      return { ...looked, againMs: Math.min(looked.againMs ?? Infinity, untilDeadlineMs) };
    },
  };
}

/**
 * The images by which new pods are known: those that moved, and those that pods have as they are wanted. Any other one may be
 * rewritten on its way into every pod, by Istio or by a mirror.
 */
function marksOfNew({ containers }: Workload, { seen }: Before, pods: readonly DatedPod[]): WantedImages {
  const marks = imagesOf(seen, containers).filter(
    ({ container, from, to }) =>
      (from !== '' && from !== to) ||
      pods.some((pod) => pod.containers.some(({ name, image }) => name === container && image === to)),
  );
  return Object.fromEntries(marks.map(({ container, to }) => [container, to]));
}

function late(timeoutMs: number, detail: string): RolloutState {
  const what = `not done within ${timeoutMs / 1000} s: ${detail}`;
  return { kind: 'failed', reason: timeoutReason, detail: what };
}
