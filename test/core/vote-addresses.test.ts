import { describe, expect, test } from '@jest/globals';
import { linkVoter, voteAddresses } from '../../src/core/vote-addresses.ts';
import { readVoteLink } from '../../src/core/vote-link.ts';
import { anAskedUpdate, askedAt } from '../support/slack-parts.ts';

const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;
const settings = { keys, publicUrl: 'https://kate.example/uk/' };
const start = 'https://kate.example/uk/vote/';

describe('the links of an approver', () => {
  test('vote for him, for what is shown, until the deadline', () => {
    const update = anAskedUpdate({ approvers: ['Ann@Acme.example'] });

    const addresses = voteAddresses(update, 'Ann@Acme.example', settings);

    for (const vote of ['approve', 'reject'] as const) {
      const address = addresses?.[vote] ?? '';
      expect(address.slice(0, start.length)).toBe(start);
      expect(readVoteLink(address.slice(start.length), [keys[0]], askedAt)).toEqual({
        kind: 'link',
        link: {
          ...{ update: update.name, hash: update.approval?.hash, vote, voter: 'Ann@Acme.example' },
          untilS: Date.parse(update.approval?.deadlineAt ?? '') / 1000,
        },
      });
    }
    expect(addresses?.voter).toBe('Ann@Acme.example');
  });

  test.each([
    ['somebody else', anAskedUpdate({ approvers: ['ann@acme.example'] }), 'bob@acme.example'],
    ['whom Slack knows by an id', anAskedUpdate({ approvers: ['U0ADA0001'] }), 'U0ADA0001'],
    ['many', anAskedUpdate({ approvers: ['group:ops'] }), 'group:ops'],
    ['nobody was asked', { ...anAskedUpdate(), approval: undefined }, 'ada@acme.example'],
  ])('are not there: %s', (_, update, voter) => {
    expect(voteAddresses(update, voter, settings)).toBeUndefined();
  });
});

describe('who votes by a link', () => {
  test.each([
    ['Ann@Acme.example', 'ann@acme.example', 'ann@acme.example'],
    ['kubernetes:Ann@Acme.example', 'ann@acme.example', 'ann@acme.example'],
    ['kubernetes:alice', 'kubernetes:alice', undefined],
    ['token:ci', 'token:ci', undefined],
  ])('%s is the person that he is by every other way', (entry, id, email) => {
    expect(linkVoter(entry)).toMatchObject({
      person: { id, ...(email === undefined ? {} : { email }) },
      ...{ names: [entry], rbac: false, mayOverride: false, via: 'link' },
    });
  });

  test.each([
    'U0ADA0001',
    'slack:T0ACME001/U0ADA0001',
    '@ada',
    'group:ops',
    'rbac',
    'ada',
    'token:',
    '',
    'ann@localhost',
  ])('nobody by one for %j: he may be somebody else by another way', (entry) => {
    expect(linkVoter(entry)).toBeUndefined();
  });
});
