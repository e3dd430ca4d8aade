import { listOf, Person } from './people.ts';
import { named } from './section.ts';

/** `groups:` name → the people that `group:NAME` stands for in lists of approvers. */
export const Groups = named('groups', listOf('people', Person));
