import semver from 'semver';
import type { Policy, PolicyModule, PreReleases, Ranking, SkipReason } from '../policy.ts';
import { compareVersions, parseVersion, sameShape, type Version } from '../version.ts';

type Bound = (candidate: Version, current: Version) => boolean;

/** `semver`, `semver:<range>`, `major`, `minor`, `patch`: the highest like-for-like version above the current. */
export const semverPolicy: PolicyModule = {
  names: ['semver', 'major', 'minor', 'patch'],
  usage: 'semver, semver:<range>, major, minor, patch',
  read(name, argument) {
    if (argument !== undefined && name !== 'semver') return `${name} takes no argument`;
    if (argument !== undefined && semver.validRange(argument) === null) {
      return `"${argument}" is not a version range (https://github.com/npm/node-semver#ranges)`;
    }
    return policy(argument === undefined ? name : `${name}:${argument}`, boundOf(name, argument));
  },
};

function policy(text: string, within: Bound): Policy {
  return {
    text,
    rank(currentTag, preReleases) {
      const current = parseVersion(currentTag);
      return current ? ranking(current, preReleases, within) : 'current-not-comparable';
    },
  };
}

function ranking(current: Version, preReleases: PreReleases, within: Bound): Ranking {
  const order = (a: Version, b: Version): number =>
    compareVersions(a, b) || prefixOrder(a, b, current.prefix) || compareText(a.tag, b.tag);
  return {
    refuse(tag) {
      const candidate = parseVersion(tag);
      if (!candidate) return 'not-a-version';
      const unlike = unlikeness(candidate, current) ?? preReleaseRefusal(candidate, current, preReleases);
      if (unlike) return unlike;
      if (!within(candidate, current)) return 'out-of-range';
      return compareVersions(candidate, current) > 0 ? undefined : 'not-newer';
    },
    compare(a, b) {
      const [left, right] = [parseVersion(a), parseVersion(b)];
      if (left && right) return order(left, right);
      return Number(left !== undefined) - Number(right !== undefined) || compareText(a, b);
    },
  };
}

function unlikeness(candidate: Version, current: Version): SkipReason | undefined {
  if (candidate.flavour !== current.flavour) return 'other-flavour';
  return sameShape(candidate, current) ? undefined : 'other-shape';
}

/** Whoever runs a stable version sees stable ones; whoever runs a pre-release also sees its own channel. */
function preReleaseRefusal(
  candidate: Version,
  current: Version,
  preReleases: PreReleases,
): SkipReason | undefined {
  if (candidate.channel === undefined || preReleases === 'all') return undefined;
  if (preReleases === 'off' || current.channel === undefined) return 'pre-release';
  return candidate.channel === current.channel ? undefined : 'other-channel';
}

function boundOf(name: string, range: string | undefined): Bound {
  if (range !== undefined) return inRange(new semver.Range(range, { includePrerelease: true }));
  if (name === 'minor') return (a, b) => a.parts[0] === b.parts[0];
  if (name === 'patch') return (a, b) => a.parts[0] === b.parts[0] && a.parts[1] === b.parts[1];
  return () => true;
}

/** Ranges know three numbers: missing ones are 0, further ones do not count. */
function inRange(range: semver.Range): Bound {
  return ({ parts, channel, channelParts }) => {
    const core = [0, 1, 2].map((i) => parts[i] ?? 0).join('.');
    const preRelease = channel === undefined ? '' : `-${[channel, ...channelParts].join('.')}`;
    return range.test(`${core}${preRelease}`);
  };
}

function prefixOrder(a: Version, b: Version, wanted: string): number {
  return Number(a.prefix === wanted) - Number(b.prefix === wanted);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
