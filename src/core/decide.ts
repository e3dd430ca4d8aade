import { isImageTag, isValidTag, withTag } from './image-ref.ts';
import type { Candidate, Ranking, SkipReason } from './policy.ts';
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

/**
 * Which of `pushed` (tags, or tags with their digests; a `Push` is one) the target moves to, if any, and what was
 * wrong with the others. A tag that is named twice counts where it was named last. Total: never throws.
 */
export function decide(target: Target, pushed: readonly (string | Candidate)[]): Choice {
  const { selected, verdicts } = judge(target, pushed);
  const [id, from] = [targetId(target), target.image];
  const considered = verdicts.map(({ tag, digest, reason }): Decision => {
    const to = digest === undefined ? withTag(target.ref, tag) : `${withTag(target.ref, tag)}@${digest}`;
    if (reason === undefined) return { target: id, from, to, verdict: 'update' };
    const message = explainReason(target, reason);
    if (message === undefined) return { target: id, from, to, verdict: 'skip', reason };
    return { target: id, from, to, verdict: 'skip', reason, message };
  });
  return { target, selected, considered };
}

/** The image that a choice moves to: pinned under a policy that pins, as far as the digest is known. */
export function chosenImage({ considered }: Choice): string | undefined {
  return considered.find(({ verdict }) => verdict === 'update')?.to;
}

/** What a decision looks at: a target is one, and so is a workload that does not exist. */
export type Subject = Pick<Target, 'ref' | 'policy' | 'preReleases' | 'tags' | 'held'>;

/** What became of one tag. */
export interface Verdict {
  readonly tag: string;
  /** What it is pinned to; only under a policy that pins. */
  readonly digest: string | undefined;
  /** Why not; undefined for the one that is selected. */
  readonly reason: SkipReason | undefined;
}

/** The decision itself: at most one tag is selected, every other has a reason. Total. */
export function judge(
  subject: Subject,
  pushed: readonly (string | Candidate)[],
): { readonly selected: string | undefined; readonly verdicts: readonly Verdict[] } {
  const digests = subject.policy.pins ? knownDigests(pushed) : undefined;
  const tags = distinctTags(pushed);
  const ranking = rankingOf(subject);
  const running = runningTag(subject);
  let selected: string | undefined;
  const refusals = tags.map((tag) => {
    const reason = refusal(subject, ranking, tag, digests?.get(tag));
    if (typeof ranking !== 'string') selected = higher(ranking, selected, { tag, reason, running });
    return reason;
  });
  const verdicts = tags.map((tag, i) => ({
    tag,
    digest: digests?.get(tag),
    reason: tag === selected ? undefined : (refusals[i] ?? 'not-newer'),
  }));
  return { selected, verdicts };
}

/** More words for a person, where the code alone does not say enough. */
export function explainReason({ ref, policy, held }: Subject, reason: SkipReason): string | undefined {
  if (reason === 'held') return held;
  if (reason !== 'current-not-comparable') return undefined;
  if (ref.digest !== undefined) return 'the running image is pinned by digest';
  return ref.tag === undefined
    ? 'the running image has no tag'
    : `the running tag "${ref.tag}" is no version that "${policy.text}" can compare`;
}

/** Each tag once, where it was named last. */
function distinctTags(pushed: readonly (string | Candidate)[]): readonly string[] {
  const tags = pushed.map((candidate) => (typeof candidate === 'string' ? candidate : candidate.tag));
  // Registries list tags in byte order: then no set of thousands is needed to see that each is there once.
  return isAscending(tags) ? tags : [...new Set(tags.toReversed())].reverse();
}

function isAscending(tags: readonly string[]): boolean {
  let last: string | undefined;
  for (const tag of tags) {
    if (last !== undefined && last >= tag) return false;
    last = tag;
  }
  return true;
}

/** The digest that each tag was pushed with last. */
function knownDigests(pushed: readonly (string | Candidate)[]): ReadonlyMap<string, string> {
  return new Map(
    pushed.flatMap((candidate) =>
      typeof candidate === 'string' || typeof candidate.digest !== 'string'
        ? []
        : [[candidate.tag, candidate.digest]],
    ),
  );
}

/** A subject whose tag is floating or pinned has nothing that a newer tag could be compared with. */
function rankingOf(subject: Subject): Ranking | SkipReason {
  const { ref, policy, preReleases } = subject;
  const tag = runningTag(subject);
  if (tag === undefined || (ref.digest !== undefined && !policy.pins)) return 'current-not-comparable';
  return policy.rank(tag, preReleases, ref.digest);
}

/** An image without tag and digest runs `latest`, as every container runtime reads it: a tag that can be followed. */
function runningTag({ ref, policy }: Subject): string | undefined {
  return ref.tag ?? (policy.pins && ref.digest === undefined ? 'latest' : undefined);
}

function refusal(
  { held, tags }: Subject,
  ranking: Ranking | SkipReason,
  tag: string,
  digest: string | undefined,
): SkipReason | undefined {
  if (!isValidTag(tag)) return 'invalid-tag';
  if (!isImageTag(tag)) return 'not-an-image-tag';
  if (held !== undefined) return 'held';
  if (tags && !tags.matcher(tag).find()) return 'filtered';
  return typeof ranking === 'string' ? ranking : ranking.refuse(tag, digest);
}

/** A tag with what was said of it, and the tag that runs. */
interface Judged {
  readonly tag: string;
  readonly reason: SkipReason | undefined;
  readonly running: string | undefined;
}

/** The highest tag so far. Where tags have no order, what stands before the running tag was pushed before it. */
function higher(ranking: Ranking, best: string | undefined, judged: Judged): string | undefined {
  const { tag, reason, running } = judged;
  if (reason === undefined) return best === undefined || ranking.compare(tag, best) >= 0 ? tag : best;
  const isRunning = reason === 'not-newer' && tag === running && best !== undefined;
  return isRunning && ranking.compare(tag, best) === 0 ? undefined : best;
}
