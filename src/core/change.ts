import { annotationPrefix } from './annotations.ts';
import type { ChangeKind } from './change-kinds.ts';
import { differenceOf, imagesOf, scaledOf, type Difference } from './difference.ts';
import type { Notice } from './notice.ts';
import { isHeld, isJustLate, isWell, type RolloutState } from './rollout.ts';
import { fingerprint, isChangeThread, seenOf, threadOf, type Seen, type SeenFailure } from './seen.ts';
import type { Workload } from './workload.ts';

/** Something that people are to be told of a workload. */
export interface Change extends Pick<Notice, 'images' | 'scale' | 'thread'> {
  readonly kind: ChangeKind;
  readonly by: string | undefined;
  readonly reason?: string;
  readonly message?: string;
}

/** What a look at a workload comes to. */
export type Judgement =
  /** There is nothing new. */
  | { readonly kind: 'unchanged' }
  /** Whatever it is on its way to, it is not there yet. */
  | { readonly kind: 'waiting' }
  /** This is what it is compared with from now on, and what people are to be told, if anything. */
  | { readonly kind: 'settled'; readonly seen: Seen; readonly change?: Change };

const updateAnnotation = `${annotationPrefix}update`;
const unchanged: Judgement = { kind: 'unchanged' };
const waiting: Judgement = { kind: 'waiting' };

/**
 * Compares a workload with what was seen of it. Pure, and the same answer every time: whoever looks again after a crash
 * comes to what was not written down.
 *
 * @param state of its rollout to what it wants now.
 * @param own as in `differenceOf`.
 */
export function judge(
  seen: Seen | undefined,
  workload: Workload,
  state: RolloutState,
  own: string | undefined,
): Judgement {
  if (workload.deleting) return waiting;
  const difference = differenceOf(seen, workload, own);
  switch (state.kind) {
    case 'converged':
      return converged(seen, workload, difference);
    case 'failed':
      return failed(seen, workload, difference, state);
    case 'progressing':
      return held(seen, workload, difference);
    case 'replaced':
      return waiting;
  }
}

type Found = ReturnType<typeof differenceOf>;

/** The same of a workload that is gone. */
export function judgeGone(seen: Seen | undefined): Judgement {
  if (!seen || seen.type === 'DELETED') return unchanged;
  const { failed, ...rest } = seen;
  const deleted: Seen = { ...rest, type: 'DELETED' };
  // The predecessor noted some deletions and others not: nobody is told of workloads that are long gone.
  if (seen.uid === undefined) return { kind: 'settled', seen: deleted };
  const images = imagesOf(seen, seen.containers);
  const thread = failed?.thread ?? `ch-${seen.uid}`;
  return {
    kind: 'settled',
    seen: deleted,
    change: { kind: 'workload.deleted', images, thread, by: undefined },
  };
}

function converged(seen: Seen | undefined, workload: Workload, difference: Found): Judgement {
  if (seen?.failed && workload.traits?.scale === 0) return resting(seen, seen.failed, workload);
  const change = news(seen, workload, difference);
  if (!change)
    return isKnown(seen, difference) ? unchanged : { kind: 'settled', seen: seenOf(workload, 'MODIFIED') };
  const type = change.kind === 'workload.created' ? 'ADDED' : 'MODIFIED';
  return { kind: 'settled', seen: seenOf(workload, type), change };
}

/** What the predecessor wrote is only known in full when it has been compared. */
function isKnown(seen: Seen | undefined, difference: Found): boolean {
  return difference === 'none' && seen?.uid !== undefined && !seen.failed;
}

/** Without pods nothing fails, and nothing is well: whether it is mended shows when it has some again. */
function resting(seen: Seen, { thread }: SeenFailure, workload: Workload): Judgement {
  const scaled = scaledOf(seen, workload);
  if (!scaled) return unchanged;
  return { kind: 'settled', seen: { ...seen, scale: 0 }, change: { ...scaled, thread } };
}

/**
 * Old pods are kept back until a person does something, maybe for weeks: that what failed works again is told without
 * them, and so is another number of pods. The change itself is told when the last one is new.
 */
function held(seen: Seen | undefined, workload: Workload, difference: Found): Judgement {
  if (!seen || !isHeld(workload) || !isWell(workload)) return waiting;
  const { failed, ...rest } = seen;
  if (!failed) return scaledMeanwhile(seen, workload, difference) ?? waiting;
  if (workload.traits?.scale === 0) return resting(seen, failed, workload);
  // What was only late is so as long as they are there.
  if (isJustLate(failed.reason)) return waiting;
  return wellMeanwhile(rest, workload, difference, news(seen, workload, difference));
}

/** @param rest what was seen, but for the failure. */
function wellMeanwhile(rest: Seen, workload: Workload, difference: Found, change?: Change): Judgement {
  const told = change?.kind === 'workload.recovered' ? { change } : {};
  // Our own change is told by its update, and not here when the last pod is new.
  if (difference === 'ours') return { kind: 'settled', seen: seenOf(workload, 'MODIFIED'), ...told };
  if (!told.change) return scaledMeanwhile(rest, workload, difference) ?? { kind: 'settled', seen: rest };
  const { scale } = told.change;
  return { kind: 'settled', seen: scale ? { ...rest, scale: scale.to } : rest, ...told };
}

/** Only the number of pods has arrived: what it is compared with else stays what it was. */
function scaledMeanwhile(seen: Seen, workload: Workload, difference: Found): Judgement | undefined {
  if (typeof difference !== 'string' && difference.kind === 'workload.created') return undefined;
  const scaled = scaledOf(seen, workload);
  if (!scaled) return undefined;
  const images = imagesOf(seen, seen.containers);
  return {
    kind: 'settled',
    seen: { ...seen, scale: scaled.scale.to },
    change: { ...scaled, images, thread: threadOf(workload) },
  };
}

/** What people are told of a workload that is well. */
function news(seen: Seen | undefined, workload: Workload, difference: Found): Change | undefined {
  // Of what nobody was told, nobody needs to hear the end.
  const failure = seen?.failed?.silent ? undefined : seen?.failed;
  if (difference === 'ours' && !endsHere(failure, workload)) return undefined;
  if (failure) {
    return { ...whatOf(seen, workload, difference), kind: 'workload.recovered', thread: failure.thread };
  }
  return typeof difference === 'string' ? undefined : { ...difference, thread: threadOf(workload) };
}

/** Of ours the update tells, but neither that what it said has failed works after all, nor the end of what we told. */
function endsHere(failure: SeenFailure | undefined, workload: Workload): boolean {
  return failure !== undefined && (failure.of === fingerprint(workload) || isChangeThread(failure.thread));
}

function failed(
  seen: Seen | undefined,
  workload: Workload,
  difference: Found,
  { reason, detail }: Extract<RolloutState, { kind: 'failed' }>,
): Judgement {
  const of = fingerprint(workload);
  const found = { reason, ...(reason === 'CrashLoopBackOff' ? { loops: true as const } : {}) };
  if (seen?.failed?.of === of && !isOther(seen.failed, reason)) return sameFailure(seen, seen.failed, found);
  const thread = threadOfFailure(seen, workload, difference);
  // What it was before stays what it is compared with: the way from there is what the next one is told.
  const before = seen && seen.type !== 'DELETED' ? seen : seenOf(workload, 'ADDED');
  const remembered = { ...before, failed: { of, thread, ...found } };
  if (difference === 'ours') return { kind: 'settled', seen: remembered };
  const what = whatOf(seen, workload, difference);
  const change: Change = { ...what, kind: 'workload.failed', thread, reason, message: detail };
  return { kind: 'settled', seen: remembered, change };
}

/** What nobody was told of fails in another way than it did at first: that is news. */
function isOther({ silent, reason: first }: SeenFailure, reason: string): boolean {
  return silent === true && first !== undefined && first !== reason && !isJustLate(reason);
}

/** Nobody is told; that it is well in between from now on, or why it fails at all, is kept. */
function sameFailure(
  seen: Seen,
  known: SeenFailure,
  found: Required<Pick<SeenFailure, 'reason'>> & Pick<SeenFailure, 'loops'>,
): Judgement {
  if (known.reason !== undefined && (known.loops || !found.loops)) return unchanged;
  const failed = { ...known, ...found, reason: known.reason ?? found.reason };
  return { kind: 'settled', seen: { ...seen, failed } };
}

/** That of our update, where it is its failure; that of the failure before, of which this is no end. */
function threadOfFailure(seen: Seen | undefined, workload: Workload, difference: Found): string {
  const before = seen?.failed;
  // What was told of before, and is not at its end, goes on.
  if (before && !before.silent && isChangeThread(before.thread)) return before.thread;
  const known = difference === 'ours' ? workload.annotations[updateAnnotation] : before?.thread;
  return known ?? threadOf(workload);
}

/** What was changed; where nobody else changed anything, all of it as it was and is. */
function whatOf(
  seen: Seen | undefined,
  { containers }: Workload,
  difference: Found,
): Omit<Difference, 'kind'> {
  return typeof difference === 'string' ? { images: imagesOf(seen, containers), by: undefined } : difference;
}
