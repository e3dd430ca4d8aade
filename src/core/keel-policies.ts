import { printable } from './annotation-values.ts';
import { compareNatural, compareText } from './keel-order.ts';
import { readGlob, readRegexp } from './keel-patterns.ts';
import { compareKeelVersions, parseKeelVersion, sameHead, type KeelVersion } from './keel-version.ts';
import type { Policy } from './policy.ts';
import { isDigest } from './resolve-digest.ts';

/** What goes with a policy of Keel's. */
export interface KeelOptions {
  /** `force` takes the running tag only. */
  readonly matchTag: boolean;
  /** `major`, `minor` and `patch` take tags with the running pre-release only. */
  readonly matchPreRelease: boolean;
}

type Rank = Policy['rank'];

const usage = 'all, major, minor, patch, force, glob:<pattern>, regexp:<pattern>, never';
/** How many numbers of the running version must stay. */
const bounds: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['major', 0],
  ['minor', 1],
  ['patch', 2],
]);

/**
 * Reads `keel.sh/policy`; a text is what is wrong with it. These are Keel's rules, not ours by other names:
 * docs/migrate-from-keel.md lists each place where they deviate from Keel, and why. https://keel.sh/docs/#policies
 */
export function readKeelPolicy(text: string, options: KeelOptions): Policy | string {
  const rank = readRank(text, options);
  if (typeof rank === 'string') return rank;
  const policy = { text: printable(`keel: ${text}${optionsText(text, options)}`), rank };
  // A tag that is pushed again changes nothing in the workload, unless the image is pinned to its digest.
  return text === 'force' ? { ...policy, pins: true } : policy;
}

function readRank(text: string, { matchTag, matchPreRelease }: KeelOptions): Rank | string {
  const bound = bounds.get(text);
  if (bound !== undefined) return versions(bound, matchPreRelease && text !== 'all');
  if (text === 'force') return force(matchTag);
  if (text === 'never' || text === '') return () => 'no-policy';
  if (text.startsWith('glob:')) return readGlob(text.slice('glob:'.length));
  if (text.startsWith('regexp:')) return readRegexp(text.slice('regexp:'.length));
  return `unknown policy "${text}"; allowed: ${usage}`;
}

function optionsText(text: string, { matchTag, matchPreRelease }: KeelOptions): string {
  if (text === 'force') return matchTag ? ', matchTag: true' : '';
  return bounds.has(text) && text !== 'all' && !matchPreRelease ? ', matchPreRelease: false' : '';
}

/** Below every version: what Keel sees in a running `latest`. */
const anything: KeelVersion = { parts: [], preRelease: '' };

function versions(bound: number, samePreRelease: boolean): Rank {
  return (current) => {
    const running = current === 'latest' ? anything : threeParts(current);
    if (!running) return 'current-not-comparable';
    return {
      refuse(tag) {
        const candidate = tag.includes('.') ? threeParts(tag) : undefined;
        if (!candidate) return 'not-a-version';
        if (samePreRelease && candidate.preRelease !== running.preRelease) {
          return running.preRelease === '' ? 'pre-release' : 'other-channel';
        }
        if (running === anything) return undefined;
        if (!sameHead(candidate, running, bound)) return 'out-of-range';
        return compareKeelVersions(candidate, running) > 0 ? undefined : 'not-newer';
      },
      compare: (a, b) => versionsFirst(a, b, current),
    };
  };
}

function threeParts(tag: string): KeelVersion | undefined {
  const version = parseKeelVersion(tag);
  return version && version.parts.length <= 3 ? version : undefined;
}

/** By precedence; below are the tags that are no versions: the running one, then the others in natural order. */
function versionsFirst(a: string, b: string, current: string): number {
  const [left, right] = [parseKeelVersion(a), parseKeelVersion(b)];
  if (left && right) return compareKeelVersions(left, right) || compareText(a, b);
  if (left || right) return left ? 1 : -1;
  return Number(a === current) - Number(b === current) || compareNatural(a, b);
}

/** Any tag, also the running one pushed again with another digest; of two versions never the lower one. */
function force(matchTag: boolean): Rank {
  return (current, _preReleases, runningDigest) => {
    const running = parseKeelVersion(current);
    const isLower = (tag: string): boolean => {
      const candidate = parseKeelVersion(tag);
      return running !== undefined && candidate !== undefined && compareKeelVersions(candidate, running) <= 0;
    };
    return {
      refuse(tag, digest) {
        if (matchTag && tag !== current) return 'other-tag';
        if (digest !== undefined && !isDigest(digest)) return 'invalid-tag';
        const isSame = digest !== undefined && digest === runningDigest;
        return (tag === current ? isSame : isLower(tag)) ? 'not-newer' : undefined;
      },
      compare: (a, b) => versionsFirst(a, b, current),
    };
  };
}
