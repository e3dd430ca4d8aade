import semver from 'semver';
import type { Policy, PolicyModule } from '../policy.ts';
import { createVersionReader, sameShape, type Version } from '../version.ts';
import { rankVersions } from './shared/like-for-like.ts';

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
    rank: (current, preReleases) =>
      rankVersions({ ...createVersionReader(), sameShape, within }, current, preReleases),
  };
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
