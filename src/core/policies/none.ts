import type { PolicyModule } from '../policy.ts';

/** `none`: picks nothing. The target is known and left alone. */
export const nonePolicy: PolicyModule = {
  names: ['none'],
  usage: 'none',
  read: (name, argument) =>
    argument === undefined ? { text: 'none', rank: () => 'no-policy' } : `${name} takes no argument`,
};
