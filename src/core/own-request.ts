import { identityOf, type Person } from './approval.ts';

/**
 * Whether it may have been he who asked for an update. A registry calls people by names of its own, which are seldom
 * addresses: so a name also stands for the address that begins with it, and for what follows the prefix that a way of
 * voting puts before it. Two people may share such a name: this is a reason to refuse a vote, and never to count one.
 */
export function mayHaveAsked(
  { id, name, email = '' }: Pick<Person, 'id' | 'name' | 'email'>,
  requester: string,
): boolean {
  const asked = identityOf(requester);
  const known = [id, name, email].flatMap((one) => withoutPrefixes(identityOf(one)));
  if (asked === '') return false;
  if ([...known, ...known.map(localPart)].includes(asked)) return true;
  // Of two addresses neither is cut short: the same name at another domain is another person.
  return known.every((one) => !one.includes('@')) && known.includes(localPart(asked));
}

/** An identity, and what is left of it behind each prefix: `kubernetes:oidc:ann`, `https://idp.example#ann`, `@ann`. */
function withoutPrefixes(identity: string): readonly string[] {
  const ends = [...identity.matchAll(/[:/#]|^@/g)].map(({ index }) => index + 1);
  return [identity, ...ends.map((end) => identity.slice(end))].filter((one) => one !== '');
}

/** What is before the `@`; the whole text where there is none. */
function localPart(text: string): string {
  return text.replace(/@.*$/s, '');
}
