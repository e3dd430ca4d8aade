import { isImageTag, isValidTag, withTag } from './image-ref.ts';
import type { Ranking, SkipReason } from './policy.ts';
import { targetId, type Target } from './target.ts';

/** What was decided about one tag for one target. */
export interface Decision {
  /** `cluster/namespace/kind/name/container`. */
  readonly target: string;
  /** The image that runs. */
  readonly from: string;
  /** The image it would become. */
  readonly to: string;
  readonly verdict: 'update' | 'skip';
  /** Why not; absent when the verdict is `update`. */
  readonly reason?: SkipReason;
  /** More words for a person, where the code alone does not say enough. */
  readonly message?: string;
}

/** The outcome for one target: every tag explained, at most one chosen. */
export interface Choice {
  readonly target: Target;
  /** The tag to move to. */
  readonly selected: string | undefined;
  readonly considered: readonly Decision[];
}

/** Which of `tags` the target moves to, if any, and what was wrong with the others. Total: never throws. */
export function decide(target: Target, tags: readonly string[]): Choice {
  const distinct = [...new Set(tags)];
  const ranking = rankingOf(target);
  const refusals = new Map(distinct.map((tag) => [tag, refusal(target, ranking, tag)]));
  const selected = highest(
    distinct.filter((tag) => refusals.get(tag) === undefined),
    ranking,
  );
  const considered = distinct.map((tag) =>
    tag === selected ? explain(target, tag) : explain(target, tag, refusals.get(tag) ?? 'not-newer'),
  );
  return { target, selected, considered };
}

/** A target whose tag is floating or pinned has nothing that a newer tag could be compared with. */
function rankingOf(target: Target): Ranking | SkipReason {
  const { tag, digest } = target.ref;
  if (tag === undefined || digest !== undefined) return 'current-not-comparable';
  return target.policy.rank(tag, target.preReleases);
}

function refusal(target: Target, ranking: Ranking | SkipReason, tag: string): SkipReason | undefined {
  if (!isValidTag(tag)) return 'invalid-tag';
  if (!isImageTag(tag)) return 'not-an-image-tag';
  if (target.held !== undefined) return 'held';
  if (target.tags && !target.tags.matcher(tag).find()) return 'filtered';
  return typeof ranking === 'string' ? ranking : ranking.refuse(tag);
}

function highest(tags: readonly string[], ranking: Ranking | SkipReason): string | undefined {
  if (typeof ranking === 'string') return undefined;
  return tags.reduce<string | undefined>(
    (best, tag) => (best === undefined || ranking.compare(tag, best) > 0 ? tag : best),
    undefined,
  );
}

function explain(target: Target, tag: string, reason?: SkipReason): Decision {
  const message = reason && messageFor(target, reason);
  return {
    target: targetId(target),
    from: target.image,
    to: withTag(target.ref, tag),
    verdict: reason ? 'skip' : 'update',
    ...(reason ? { reason } : {}),
    ...(message === undefined ? {} : { message }),
  };
}

function messageFor(target: Target, reason: SkipReason): string | undefined {
  if (reason === 'held') return target.held;
  if (reason !== 'current-not-comparable') return undefined;
  if (target.ref.digest !== undefined) return 'the running image is pinned by digest';
  return target.ref.tag === undefined
    ? 'the running image has no tag'
    : `the running tag "${target.ref.tag}" is no version that "${target.policy.text}" can compare`;
}
