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

/** A policy seen from one running tag: what it refuses, and the total order of what it does not. Pure. */
export interface Ranking {
  /** The reason `tag` is not a candidate, or `undefined` when it is one and above the running tag. */
  refuse(tag: string): SkipReason | undefined;
  /** Orders two tags that were not refused; 0 only for equal tags. */
  compare(a: string, b: string): number;
}

/** Picks among tags. Pure and total: the same answer every time, in any order of the tags. */
export interface Policy {
  /** As it was written, for logs and records. */
  readonly text: string;
  /** The policy seen from the running tag, or why there is none. */
  rank(current: string, preReleases: PreReleases): Ranking | SkipReason;
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
