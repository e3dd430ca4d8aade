import type { PolicyModule } from '../policy.ts';
import { readGlob } from './shared/glob-pattern.ts';
import { rankMatching } from './shared/matching.ts';

/** `glob:<pattern>`: the highest matching tag in natural order. */
export const globPolicy: PolicyModule = {
  names: ['glob'],
  usage: 'glob:<pattern>',
  read(name, argument) {
    if (argument === undefined) return 'a pattern is missing';
    const matches = readGlob(argument);
    if (typeof matches === 'string') return matches;
    return {
      text: `${name}:${argument}`,
      rank: (current, preReleases) => rankMatching(matches, current, preReleases),
    };
  },
};
