import { isDigest } from '../resolve-digest.ts';
import type { PolicyModule } from '../policy.ts';

/**
 * `digest`: the same tag with another digest, for tags that move (`latest`, `1.4`). A push without a digest passes:
 * whether anything changed is known once the registry was asked.
 */
export const digestPolicy: PolicyModule = {
  names: ['digest'],
  usage: 'digest',
  read(name, argument) {
    if (argument !== undefined) return `${name} takes no argument`;
    return {
      text: name,
      pins: true,
      rank: (current, _preReleases, running) => ({
        refuse(tag, digest) {
          if (tag !== current) return 'other-tag';
          if (digest === undefined) return undefined;
          if (!isDigest(digest)) return 'invalid-tag';
          return digest === running ? 'not-newer' : undefined;
        },
        compare: () => 0,
      }),
    };
  },
};
