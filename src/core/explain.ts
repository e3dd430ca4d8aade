import { explainReason, judge, type Subject } from './decide.ts';
import type { Candidate, SkipReason } from './policy.ts';
import { isDigest } from './resolve-digest.ts';

/** A workload that need not exist: what it runs, and its rules. */
export type Supposed = Omit<Subject, 'held'>;

/** What would come of a push. */
export interface Explanation {
  readonly selected: string | null;
  readonly considered: readonly ConsideredTag[];
}

export interface ConsideredTag {
  readonly tag: string;
  readonly verdict: 'update' | 'skip';
  /** `null` when the verdict is `update`. */
  readonly reason: SkipReason | null;
  /** More words for a person, where the code alone does not say enough. */
  readonly message?: string;
}

/** What the service would decide about a push of `candidates`, tag by tag. Total. */
export function explain(supposed: Supposed, candidates: readonly Candidate[]): Explanation {
  const subject = { ...supposed, held: undefined };
  const { selected, verdicts } = judge(subject, candidates);
  const considered = verdicts.map(({ tag, reason }): ConsideredTag => {
    if (reason === undefined) return { tag, verdict: 'update', reason: null };
    const message = explainReason(subject, reason);
    return { tag, verdict: 'skip', reason, ...(message === undefined ? {} : { message }) };
  });
  return { selected: selected ?? null, considered };
}

/** Reads `tag` or `tag@sha256:…`. Whatever else stands behind an `@` makes it a tag that is invalid. Total. */
export function readCandidate(text: string): Candidate {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  return at < 0 || !isDigest(digest) ? { tag: text } : { tag: text.slice(0, at), digest };
}
