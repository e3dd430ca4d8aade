import type { PolicyModule } from '../policy.ts';
import { rankMatching } from './shared/matching.ts';
import { readPattern } from './shared/pattern.ts';

/** `regex:<pattern>`: the highest matching tag in natural order. The pattern may match anywhere in the tag. */
export const regexPolicy: PolicyModule = {
  names: ['regex'],
  usage: 'regex:<pattern>',
  read(name, argument) {
    if (argument === undefined) return 'a pattern is missing';
    const pattern = readPattern(argument);
    if (typeof pattern === 'string') return pattern;
    return {
      text: `${name}:${argument}`,
      rank: (current, preReleases) => rankMatching((tag) => pattern.test(tag), current, preReleases),
    };
  },
};
