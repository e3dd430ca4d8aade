import { annotationPrefix } from '../core/annotations.ts';
import { approvalHash, approversOf, isReleased, progressOf } from '../core/approval.ts';
import { approvalAsked, type ApprovalSettings } from '../core/approval-rules.ts';
import { decide } from '../core/decide.ts';
import type { Clock, Cluster, Delivery, DeliveryResult, WorkloadView } from '../core/ports.ts';
import { AppError, hasCode, isRetryable, messageOf, type ErrorCode } from '../core/errors.ts';
import { withApprovedBy } from '../core/legacy-approval.ts';
import type { Target } from '../core/target.ts';
import type { ImageMove, Update } from '../core/update.ts';
import { workloadId, type Workload } from '../core/workload.ts';

export interface PatchDeliveryOptions {
  readonly cluster: Cluster;
  readonly view: WorkloadView;
  readonly targetsOf: (workload: Workload) => readonly Target[];
  readonly approvals: ApprovalSettings;
  readonly clock: Clock;
}

/** The annotation that says which update set the image: how a patch is recognised after a crash. */
const updateAnnotation = `${annotationPrefix}update`;
/** What `kubectl rollout history` shows. */
const changeCause = 'kubernetes.io/change-cause';
/** Others may write as fast as we read; after this many the step is tried again later. */
const maxConflicts = 5;

/** Delivers by patching the workload in the cluster, only ever as it was when it was last decided about. */
export function createPatchDelivery(options: PatchDeliveryOptions): Delivery {
  const { cluster, view } = options;
  const patience = createPatience(options.clock);
  return {
    async deliver(update, signal) {
      // The watch's copy saves a read. If it is old, the precondition fails and nothing was done.
      let workload = view.get(update.workload) ?? (await cluster.read(update.workload, signal));
      for (let conflicts = 0; ; conflicts++) {
        const plan = planFor(update, workload, options);
        try {
          const result = plan.kind === 'patch' ? await patch(options, update, plan, signal) : plan;
          patience.end(update.name);
          return result;
        } catch (error) {
          if (hasCode(error, 'forbidden')) return patience.refused(update.name, error);
          patience.end(update.name);
          if (!hasCode(error, 'conflict') || conflicts >= maxConflicts) throw error;
          workload = await cluster.read(update.workload, signal);
        }
      }
    },
  };
}

interface PatchPlan {
  readonly kind: 'patch';
  readonly workload: Workload;
  readonly moves: readonly ImageMove[];
}

type Plan = DeliveryResult | PatchPlan;

/** What is to be done about the workload as it is now: decided again, because time has passed. Pure. */
function planFor(update: Update, workload: Workload | undefined, options: PatchDeliveryOptions): Plan {
  if (!workload || workload.deleting || workload.uid !== update.uid) {
    return {
      kind: 'refused',
      reason: 'not-found',
      message: `${workloadId(update.workload)} is not there any more`,
    };
  }
  const isThere = update.moves.every(({ container, to }) => imageOf(workload, container) === to);
  if (isThere) return { kind: 'delivered', moves: update.moves };
  if (workload.annotations[updateAnnotation] === update.name) {
    return { kind: 'obsolete', reason: 'replaced', message: 'the image was changed again after this update' };
  }
  const plan = decideAgain(update, workload, options.targetsOf);
  return plan.kind === 'patch' ? (notReleased(update, plan, options.approvals) ?? plan) : plan;
}

function decideAgain(update: Update, workload: Workload, targetsOf: PatchDeliveryOptions['targetsOf']): Plan {
  const choices = targetsOf(workload)
    .filter(({ container }) => update.moves.some((move) => move.container === container))
    .map((target) => decide(target, [update]));
  const moves = update.moves.flatMap((move) => {
    const choice = choices.find(({ target, selected }) => target.container === move.container && selected);
    return choice ? [{ ...move, from: choice.target.image }] : [];
  });
  if (moves.length > 0) return ownedByGitOps(workload, moves) ?? { kind: 'patch', workload, moves };
  const [refused] = choices.flatMap(({ considered }) => considered);
  const { reason = 'no-policy', message = 'decided again before delivery' } = refused ?? {};
  return { kind: 'obsolete', reason, message };
}

/** What people were shown is what is delivered, and nothing that they had to be asked about goes without them. */
function notReleased(
  { approval, ...update }: Update,
  { workload, moves }: PatchPlan,
  settings: ApprovalSettings,
): DeliveryResult | undefined {
  if (!approval) {
    if (approvalAsked(workload, settings).kind === 'none') return undefined;
    const message = 'approval has been asked for since this update was taken up: push the tag again';
    return { kind: 'refused', reason: 'not-approved', message };
  }
  if (!isReleased(approval)) {
    return { kind: 'refused', reason: 'not-approved', message: progressOf(approval) };
  }
  if (approvalHash({ ...update, moves }) === approval.hash) return undefined;
  return { kind: 'obsolete', reason: 'not-as-approved', message: 'it is not what was approved any more' };
}

function imageOf({ containers }: Workload, name: string): string | undefined {
  return containers.find((container) => container.name === name)?.image;
}

function ownedByGitOps(workload: Workload, moves: readonly ImageMove[]): DeliveryResult | undefined {
  const owned = moves.find(({ container }) => workload.gitOpsOwners[container] !== undefined);
  return (
    owned && {
      kind: 'refused',
      reason: 'owned-by-gitops',
      message:
        `the image of container ${owned.container} is applied by ${workload.gitOpsOwners[owned.container] ?? ''} ` +
        'and would be put back: change it in Git, or leave the image out of what Git applies',
    }
  );
}

async function patch(
  { cluster, approvals }: PatchDeliveryOptions,
  update: Update,
  { workload, moves }: PatchPlan,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const { resourceVersion } = workload;
  const annotations = {
    ...{ [updateAnnotation]: update.name, [changeCause]: cause(moves) },
    ...approvedBy(workload, update, approvals),
  };
  try {
    await cluster.patchImages({ workload: update.workload, resourceVersion, moves, annotations }, signal);
    return { kind: 'delivered', moves };
  } catch (error) {
    if (isRetryable(error) || passing.some((code) => hasCode(error, code)) || signal.aborted) throw error;
    return { kind: 'refused', reason: codeOf(error), message: messageOf(error) };
  }
}

/** The first system's annotation says who approved; whoever reads that goes on finding it there. */
function approvedBy(
  { annotations }: Workload,
  { approval }: Update,
  { legacyKey }: ApprovalSettings,
): Readonly<Record<string, string>> {
  const value = annotations[legacyKey];
  if (value === undefined || !approval) return {};
  return { [legacyKey]: withApprovedBy(value, approversOf(approval.given)) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}

/** What the caller looks at again. */
const passing: readonly ErrorCode[] = ['conflict', 'forbidden'];
/** So long an API server that has started may need to read its own rules. Until then it refuses everyone. */
const patienceMs = 30_000;

/** Tells a 403 that lasts from one that passes. */
interface Patience {
  /** @throws AppError `unavailable` as long as it may pass. */
  refused(name: string, error: AppError): DeliveryResult;
  /** Something else than a 403 came. */
  end(name: string): void;
}

function createPatience(clock: Clock): Patience {
  const sinceMs = new Map<string, number>();
  return {
    end: (name) => void sinceMs.delete(name),
    refused(name, { message, code }) {
      const since = sinceMs.get(name) ?? clock.monotonicMs();
      sinceMs.set(name, since);
      if (clock.monotonicMs() - since < patienceMs) throw new AppError('unavailable', message);
      sinceMs.delete(name);
      return { kind: 'refused', reason: code, message };
    },
  };
}

function cause(moves: readonly ImageMove[]): string {
  return `updatekate: ${moves.map(({ container, from, to }) => `${container} ${from} -> ${to}`).join(', ')}`;
}
