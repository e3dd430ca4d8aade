import type { PolicyModule } from '../policy.ts';
import { readPattern } from './shared/pattern.ts';

/**
 * `newest[:regex]`: the last pushed, whatever the tag says. Tags have no order here: of one push the last that
 * matches is the highest, and of two pushes the later.
 */
export const newestPolicy: PolicyModule = {
  names: ['newest'],
  usage: 'newest, newest:<regex>',
  read(name, argument) {
    const pattern = argument === undefined ? undefined : readPattern(argument);
    if (typeof pattern === 'string') return pattern;
    return {
      text: argument === undefined ? name : `${name}:${argument}`,
      rank: (current) => ({
        refuse(tag) {
          if (pattern && !pattern.test(tag)) return 'filtered';
          return tag === current ? 'not-newer' : undefined;
        },
        compare: () => 0,
      }),
    };
  },
};
