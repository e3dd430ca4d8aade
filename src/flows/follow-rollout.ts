import { nextPollMs } from '../core/backoff.ts';
import type { Stored } from '../core/ports.ts';
import { rolloutState, timeoutReason, type RolloutState, type WantedImages } from '../core/rollout.ts';
import { enter, type Update } from '../core/update.ts';
import type { Workload } from '../core/workload.ts';
import type { FlowContext, Next } from './context.ts';
import { finish } from './finish.ts';
import { createLastingDeadline } from './lasting-deadline.ts';

/** Looks at one rollout and says what comes next: its end, or the next look. */
export interface RolloutFollower {
  step(stored: Stored, signal: AbortSignal): Promise<Next>;
}

/**
 * Follows rollouts: at every change of the workload from what the watch brought, and at every poll by asking the
 * API server for the workload and its pods, so that a dead watch delays a verdict and never prevents it.
 */
export function createRolloutFollower(context: FlowContext): RolloutFollower {
  const { clock, view, rollout } = context;
  /** When an update is polled next; one that is not here (just delivered, or a restart) is polled at once. */
  const polls = new Map<string, number>();
  const deadline = createLastingDeadline(clock);

  const nextPoll = (update: Update): number =>
    Math.max(nextPollMs(elapsedMs(context, update), rollout.pollMs, rollout.timeoutMs), 1);
  const untilPoll = (update: Update): number =>
    Math.max((polls.get(update.name) ?? 0) - clock.now().getTime(), 1);
  return {
    async step(stored, signal) {
      const { update } = stored;
      const wanted = wantedBy(update);
      const seen = view.get(update.workload);
      const due = clock.now().getTime() >= (polls.get(update.name) ?? 0);
      // A copy without our images may be older than our patch: only the API server can tell.
      const fresh = due || seen?.uid !== update.uid || !shows(seen, wanted);
      const late = elapsedMs(context, update) >= rollout.timeoutMs;
      let untilDeadlineMs = Infinity;
      // At its end there is no time to wait whether what is said stays so.
      const judged = (workload: Workload): Workload => {
        if (late) return workload;
        const found = deadline.judged(update.name, workload);
        untilDeadlineMs = found.againMs ?? Infinity;
        return found.workload;
      };
      const state = fresh
        ? await ask(context, update, { wanted, judged }, signal)
        : rolloutState(judged(seen), wanted, []);
      if (state.kind === 'progressing' && !late) {
        context.log.debug(
          { update: update.name, detail: state.detail, polled: fresh },
          'rollout progressing',
        );
        const ms = Math.min(due ? nextPoll(update) : untilPoll(update), untilDeadlineMs);
        polls.set(update.name, clock.now().getTime() + ms);
        return { kind: 'after', ms };
      }
      polls.delete(update.name);
      deadline.forget(update.name);
      return verdict(context, stored, state);
    },
  };
}

function elapsedMs({ clock }: FlowContext, { deliveredAt, createdAt }: Update): number {
  return clock.now().getTime() - Date.parse(deliveredAt ?? createdAt);
}

function wantedBy({ moves }: Update): WantedImages {
  return Object.fromEntries(moves.map(({ container, to }) => [container, to]));
}

function shows({ containers }: Workload, wanted: WantedImages): boolean {
  const images = new Map(containers.map(({ name, image }) => [name, image]));
  return Object.entries(wanted).every(([name, image]) => images.get(name) === image);
}

/** The API server's word; pods are asked for only when the workload alone does not decide. */
async function ask(
  { cluster }: FlowContext,
  update: Update,
  { wanted, judged }: { readonly wanted: WantedImages; judged(workload: Workload): Workload },
  signal: AbortSignal,
): Promise<RolloutState> {
  const workload = await cluster.read(update.workload, signal);
  const same = workload?.uid === update.uid ? judged(workload) : undefined;
  const state = rolloutState(same, wanted, []);
  if (state.kind !== 'progressing' || !same) return state;
  return rolloutState(same, wanted, await cluster.pods(same, signal));
}

async function verdict(
  context: FlowContext,
  { update, revision }: Stored,
  state: RolloutState,
): Promise<Next> {
  const { clock, metrics, rollout } = context;
  const end = (
    phase: 'Succeeded' | 'Failed' | 'Superseded',
    reason?: string,
    message?: string,
  ): Promise<Next> => {
    metrics.rollout(phase.toLowerCase(), elapsedMs(context, update) / 1000);
    const cause = { ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
    return finish(context, enter(update, phase, clock.now(), cause), revision);
  };
  switch (state.kind) {
    case 'converged':
      return end('Succeeded');
    case 'failed':
      return end('Failed', state.reason, state.detail);
    case 'replaced':
      return end('Superseded', 'replaced', state.detail);
    case 'progressing':
      return end('Failed', timeoutReason, `not done within ${rollout.timeoutMs / 1000} s: ${state.detail}`);
  }
}
