import { listOf, Person } from './people.ts';
import { named } from './name.ts';

/** `groups:` name → the people that `group:NAME` stands for in lists of approvers. */
export const Groups = named('groups', listOf('people', Person));
