import semver from 'semver';

/** What a Keel policy is asked: may `tag` replace `current`? */
export interface KeelQuestion {
  readonly policy: string;
  readonly current: string;
  readonly tag: string;
  readonly matchTag?: boolean;
  readonly matchPreRelease?: boolean;
}

/**
 * What Keel itself answers to a webhook, by its documented behaviour and its own tests: a second opinion that knows
 * nothing of our code. https://github.com/keel-hq/keel/tree/master/internal/policy
 */
export function keelAnswers(question: KeelQuestion): boolean {
  const { policy, current, tag, matchTag = false } = question;
  if (policy.startsWith('glob:')) return globMatches(policy.slice(5), tag) && tag > current;
  if (policy.startsWith('regexp:')) return goRegExp(policy.slice(7)).test(tag);
  if (policy !== 'force') return current === 'latest' || versionAnswers(question);
  if (matchTag || current === tag) return current === tag;
  const [running, candidate] = [parse(current), parse(tag)];
  return !running || !candidate || semver.compare(candidate, running) > 0;
}

/** Go writes `(?P<name>`. */
function goRegExp(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll('(?P<', '(?<'));
}

function versionAnswers({ policy, current, tag, matchPreRelease = true }: KeelQuestion): boolean {
  const [running, candidate] = [parse(current), parse(tag)];
  if (!tag.includes('.') || !running || !candidate || semver.compare(candidate, running) <= 0) return false;
  const sameChannel = candidate.prerelease.join('.') === running.prerelease.join('.');
  if (policy !== 'all' && matchPreRelease && !sameChannel) return false;
  if (policy === 'all' || policy === 'major') return true;
  if (policy === 'minor') return candidate.major === running.major;
  return candidate.major === running.major && candidate.minor === running.minor;
}

function globMatches(pattern: string, tag: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.\\+?()[\]{}|^$]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(tag);
}

/** Up to three numbers, missing ones are 0. */
function parse(tag: string): semver.SemVer | undefined {
  const [, major, minor = '0', patch = '0', rest = ''] =
    /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/.exec(tag) ?? [];
  return major === undefined ? undefined : (semver.parse(`${major}.${minor}.${patch}${rest}`) ?? undefined);
}
