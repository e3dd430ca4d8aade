import type { PreReleases, Ranking, SkipReason } from '../../policy.ts';
import { compareNatural, naturalKey } from './natural-order.ts';
import { refusePreRelease } from './pre-release.ts';
import { remembered } from './remembered.ts';
import { compareSpelling } from './text-order.ts';

/** The highest tag, in natural order, of those that match. A running tag that does not match has no place in it. */
export function rankMatching(
  matches: (tag: string) => boolean,
  current: string,
  preReleases: PreReleases,
): Ranking | SkipReason {
  if (!matches(current)) return 'current-not-comparable';
  const keyOf = remembered(naturalKey);
  const running = keyOf(current);
  return {
    refuse(tag) {
      if (!matches(tag)) return 'filtered';
      const candidate = keyOf(tag);
      const unfinished = refusePreRelease(candidate.channel, running.channel, preReleases);
      if (unfinished) return unfinished;
      return compareNatural(candidate, running) > 0 ? undefined : 'not-newer';
    },
    compare: (a, b) => compareNatural(keyOf(a), keyOf(b)) || compareSpelling(a, b, current),
  };
}
