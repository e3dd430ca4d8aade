/** Why a tag was refused. Closed: it reaches the HTTP answer, the log, the record and the metrics. */
export type SkipReason =
  | 'not-newer'
  | 'not-a-version'
  | 'pre-release'
  | 'other-channel'
  | 'out-of-range'
  | 'other-flavour'
  | 'other-shape'
  | 'not-an-image-tag'
  | 'invalid-tag'
  | 'current-not-comparable'
  | 'filtered'
  | 'other-tag'
  | 'other-image'
  | 'no-policy'
  | 'held'
  | 'frozen'
  | 'unverified'
  | 'already-recorded';

/** Which pre-releases a target sees (annotation `updatekate.dev/prereleases`). */
export type PreReleases = 'off' | 'same' | 'all';

/** What was pushed: a tag and, when the registry said one, its digest. A `Push` is one. */
export interface Candidate {
  readonly tag: string;
  /** `sha256:…` */
  readonly digest?: string | null | undefined;
}

/** A policy seen from one running image: what it refuses, and the order of what it does not. Pure and total. */
export interface Ranking {
  /** The reason the candidate is none, or `undefined` when it is one and above the running image. */
  refuse(tag: string, digest?: string): SkipReason | undefined;
  /**
   * A total order of tags, 0 only for equal ones. A policy that does not compare tags (`newest`, `digest`) gives 0
   * for all: of two, the one pushed last is the higher.
   */
  compare(a: string, b: string): number;
}

/** Picks among tags. Pure and total: the same answer every time, in any order of the tags. */
export interface Policy {
  /** As it was written, for logs and records. */
  readonly text: string;
  /** It follows the digest of one tag: it also looks at a pinned image, and pins what it selects. */
  readonly pins?: true;
  /** The policy seen from the running tag (and digest, for a policy that pins), or why there is none. */
  rank(current: string, preReleases: PreReleases, digest?: string): Ranking | SkipReason;
}

/** One kind of policy: a file in `core/policies`, a line in its index. */
export interface PolicyModule {
  /** Names before the colon that this module reads. */
  readonly names: readonly string[];
  /** How it is written, for error messages. */
  readonly usage: string;
  /** Reads `name[:argument]`; a text is what is wrong with the argument. */
  read(name: string, argument: string | undefined): Policy | string;
}
