import type { PreReleases, Ranking, SkipReason } from '../../policy.ts';
import { compareVersions, type Version } from '../../version.ts';
import { refusePreRelease } from './pre-release.ts';
import { compareText } from './text-order.ts';

/** How one policy reads tags as versions. */
export interface Reading<V extends Version> {
  /** Whether a first look shows that the tag is a version of another flavour; false = look closer. */
  readonly isOther: (tag: string, flavour: string) => boolean;
  /** `undefined` when the tag is no version in this reading. Total. */
  readonly parse: (tag: string) => V | undefined;
  /** Whether two versions are written the same way. */
  readonly sameShape: (a: V, b: V) => boolean;
  /** Whether the policy's range has the candidate. */
  readonly within: (candidate: V, current: V) => boolean;
}

/** The highest version that is written like the running one: same flavour, same shape, same channel or stable. */
export function rankVersions<V extends Version>(
  reading: Reading<V>,
  currentTag: string,
  preReleases: PreReleases,
): Ranking | SkipReason {
  const { isOther, parse, sameShape, within } = reading;
  const current = parse(currentTag);
  if (!current) return 'current-not-comparable';
  const refuseLike = (candidate: V): SkipReason | undefined => {
    if (!sameShape(candidate, current)) return 'other-shape';
    const unfinished = refusePreRelease(candidate.channel, current.channel, preReleases);
    if (unfinished) return unfinished;
    if (!within(candidate, current)) return 'out-of-range';
    return compareVersions(candidate, current) > 0 ? undefined : 'not-newer';
  };
  // A decision refuses or compares tag after tag with the best so far: these two need not be read again.
  let [latest, best] = [current, current];
  const versionOf = (tag: string): V | undefined => {
    if (tag === latest.tag) return latest;
    return tag === best.tag ? best : parse(tag);
  };
  return {
    refuse(tag) {
      if (isOther(tag, current.flavour)) return 'other-flavour';
      const candidate = parse(tag);
      if (!candidate) return 'not-a-version';
      latest = candidate;
      return candidate.flavour === current.flavour ? refuseLike(candidate) : 'other-flavour';
    },
    compare(a, b) {
      const [left, right] = [versionOf(a), versionOf(b)];
      if (!left || !right) {
        return Number(left !== undefined) - Number(right !== undefined) || compareText(a, b);
      }
      const order = orderOf(left, right, current.prefix);
      best = order > 0 ? left : right;
      return order;
    },
  };
}

/** Precedence, then the running prefix, then byte order. */
function orderOf(a: Version, b: Version, prefix: string): number {
  return (
    compareVersions(a, b) ||
    Number(a.prefix === prefix) - Number(b.prefix === prefix) ||
    compareText(a.tag, b.tag)
  );
}
