import type { Ballot, Voter } from '../../src/core/ballot.ts';
import type { Update } from '../../src/core/update.ts';

/** A person with an address, who came by the API. */
export function aVoter(name: string, different: Partial<Voter> = {}): Voter {
  const email = `${name}@acme.example`;
  return {
    person: { id: email, name, email },
    ...{ names: [email], rbac: false, mayOverride: false, via: 'api' },
    ...different,
  };
}

/** Her vote for what the update's record shows. */
export function aBallot(update: Update, name: string, different: Partial<Ballot> = {}): Ballot {
  return { voter: aVoter(name), vote: 'approve', hash: update.approval?.hash ?? '', ...different };
}
