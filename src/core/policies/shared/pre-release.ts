import type { PreReleases, SkipReason } from '../../policy.ts';

/**
 * Whoever runs a stable version sees stable ones; whoever runs a pre-release also sees its own channel.
 *
 * @param channel the candidate's pre-release word; undefined = stable.
 * @param current that of the running tag.
 */
export function refusePreRelease(
  channel: string | undefined,
  current: string | undefined,
  preReleases: PreReleases,
): SkipReason | undefined {
  if (channel === undefined || preReleases === 'all') return undefined;
  if (preReleases === 'off' || current === undefined) return 'pre-release';
  return channel === current ? undefined : 'other-channel';
}
