import type { Condition, Pod, PodContainer, Workload } from './workload.ts';

/** Where a rollout stands. `detail` is for a person. */
export type RolloutState =
  | { readonly kind: 'converged' }
  | { readonly kind: 'progressing'; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  /** The template was changed again by someone else: this rollout will never be the one that ends. */
  | { readonly kind: 'replaced'; readonly detail: string };

/** Images wanted, by container name. */
export type WantedImages = Readonly<Record<string, string>>;

/** Waiting reasons after which the kubelet has already tried and failed; a crash counts from the third restart. */
const hopeless = new Set([
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]);
const crashLimit = 3;
const deadlineReason = 'ProgressDeadlineExceeded';
/** Of a rollout that takes longer than we wait, whatever its controller says. */
export const timeoutReason = 'rollout-timeout';

/** Whether a reason says no more than that it takes too long: why is another one's to say. */
export function isJustLate(reason: string | undefined): boolean {
  return reason === deadlineReason || reason === timeoutReason;
}

/**
 * Whether the workload runs `wanted` everywhere, is on its way, or cannot get there. The one convergence rule of
 * the product, first match wins: gone, replaced, unseen by its controller, deadline over, pods hopeless, paused,
 * then the counters. Pure.
 */
export function rolloutState(
  workload: Workload | undefined,
  wanted: WantedImages,
  pods: readonly Pod[],
): RolloutState {
  if (!workload || workload.deleting) {
    return { kind: 'failed', reason: 'WorkloadDeleted', detail: 'the workload was deleted' };
  }
  const images = new Map(workload.containers.map(({ name, image }) => [name, image]));
  const other = Object.keys(wanted).find((name) => images.get(name) !== wanted[name]);
  if (other !== undefined) {
    return {
      kind: 'replaced',
      detail: `container ${other} now has image ${images.get(other) ?? '(it is gone)'}`,
    };
  }
  if (workload.observedGeneration < workload.generation) return progressing('waiting for the controller');
  return deadline(workload) ?? hopelessPod(wanted, pods) ?? counters(workload);
}

function progressing(detail: string): RolloutState {
  return { kind: 'progressing', detail };
}

/** Whether its controller says of what is wanted now that the deadline is over. */
export function isOverdue({ generation, observedGeneration, conditions }: Workload): boolean {
  return observedGeneration >= generation && conditions.some(saysOverdue);
}

/** The same as if nothing were said of its deadline. */
export function withoutDeadline(workload: Workload): Workload {
  return { ...workload, conditions: workload.conditions.filter((one) => !saysOverdue(one)) };
}

/** Whether an old pod stays until somebody does something about it. */
export function isHeld({ paused, onDelete }: Workload): boolean {
  return paused || onDelete;
}

/**
 * The same as if no old pods were kept back: a pause says nothing about the pods that are there, nor does what waits for
 * somebody to delete them, or to lower a partition. What is paused half-way has more pods than are wanted: all are to be well.
 */
function withoutHold(workload: Workload): Workload {
  if (!isHeld(workload)) return workload;
  const { paused, status } = workload;
  const replicas = paused ? Math.max(workload.replicas, status.replicas) : workload.replicas;
  return { ...workload, paused: false, replicas, status: { ...status, updated: replicas } };
}

/** Whether all its pods are well, new or kept back. */
export function isWell(workload: Workload): boolean {
  return rolloutState(withoutHold(workload), {}, []).kind === 'converged';
}

/** Whether a pod has all these images. */
export function runs(wanted: WantedImages, { containers }: Pod): boolean {
  const images = new Map(containers.map(({ name, image }) => [name, image]));
  return Object.entries(wanted).every(([name, image]) => images.get(name) === image);
}

function saysOverdue({ type, reason }: Condition): boolean {
  return type === 'Progressing' && reason === deadlineReason;
}

function deadline({ conditions }: Workload): RolloutState | undefined {
  const over = conditions.find(saysOverdue);
  return over && { kind: 'failed', reason: over.reason, detail: over.message };
}

/** Only pods that run all wanted images count: the old ones may well be what this update repairs. */
function hopelessPod(wanted: WantedImages, pods: readonly Pod[]): RolloutState | undefined {
  const [first] = pods
    .filter((pod) => runs(wanted, pod))
    .flatMap((pod) => pod.containers.flatMap((container) => stuck(pod, container) ?? []));
  return first;
}

function stuck(pod: Pod, container: PodContainer): RolloutState | undefined {
  const { name, waitingReason: reason, waitingMessage, restarts } = container;
  const isLoop = reason === 'CrashLoopBackOff' && restarts >= crashLimit;
  if (reason === undefined || !(isLoop || hopeless.has(reason))) return undefined;
  const detail = `pod ${pod.name}, container ${name}${waitingMessage ? `: ${waitingMessage}` : ''}`;
  return { kind: 'failed', reason, detail };
}

function counters({ paused, onDelete, replicas, status, conditions }: Workload): RolloutState {
  if (paused) return progressing('the workload is paused');
  if (status.updated < replicas) {
    const refused = conditions.find(({ type, status: on }) => type === 'ReplicaFailure' && on === 'True');
    const byHand = onDelete ? ' (OnDelete: somebody has to delete the old ones)' : '';
    const why = refused ? ` (${refused.reason}: ${refused.message})` : byHand;
    return progressing(`${status.updated} of ${replicas} pods are new${why}`);
  }
  if (status.replicas > status.updated) {
    return progressing(`${status.replicas - status.updated} old pods are still there`);
  }
  if (status.available < replicas)
    return progressing(`${status.available} of ${replicas} pods are available`);
  return { kind: 'converged' };
}
