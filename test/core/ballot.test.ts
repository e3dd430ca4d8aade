import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  askedFor,
  identityOf,
  isReleased,
  stateOf,
  type Approval,
  type ApprovalRules,
} from '../../src/core/approval.ts';
import { count, isApprover, type Ballot, type RefusedVote, type Voter } from '../../src/core/ballot.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';
import { hostileTags } from '../support/hostile-tags.ts';
import { aBallot, aVoter } from '../support/voters.ts';

const asked = new Date('2026-01-01T00:00:00Z');
const end = new Date('2026-01-01T01:00:00Z');
const at = (ms: number): Date => new Date(end.getTime() + ms);
const soon = at(-1000);
const rules: ApprovalRules = {
  votes: 2,
  approvers: ['ann@acme.example', 'bob@acme.example', 'eve@acme.example', 'group:ops', 'rbac'],
  ...{ deadlineMs: 3_600_000, requesterMayApprove: false },
};

/** An update that waits for two people since `asked`. */
function waiting(different: Partial<Approval> = {}, requester?: string): Update {
  const update = enter(anUpdate(), 'AwaitingApproval', asked);
  return { ...update, approval: { ...askedFor(update, rules, asked, requester), ...different } };
}

/** The update after these ballots; each must count. */
function after(update: Update, ...ballots: readonly Partial<Ballot>[]): Update {
  return ballots.reduce<Update>((before, different) => {
    const result = count(before, { ...aBallot(before, 'ann'), ...different }, soon);
    if (result.kind === 'refused') throw new Error(result.message);
    return result.update;
  }, update);
}

const root: Voter = aVoter('root', { mayOverride: true });

describe('count', () => {
  test('adds a vote, with who, when, by what way and why', () => {
    const update = after(waiting(), {}, { voter: aVoter('bob', { via: 'link' }), reason: 'looks good' });

    expect(update.phase).toBe('AwaitingApproval');
    expect(update.message).toMatch(/^2 of 2 approvals, until 2/);
    expect(update.approval?.given).toEqual([
      {
        by: { id: 'ann@acme.example', name: 'ann', email: 'ann@acme.example' },
        ...{ vote: 'approve', at: soon.toISOString(), via: 'api' },
      },
      {
        by: { id: 'bob@acme.example', name: 'bob', email: 'bob@acme.example' },
        ...{ vote: 'approve', at: soon.toISOString(), via: 'link', reason: 'looks good' },
      },
    ]);
  });

  test.each([
    [undefined, 'rejected by ann'],
    ['not on a Friday', 'rejected by ann: not on a Friday'],
    [' \u200b', 'rejected by ann'],
  ])('ends the update at a no, whose reason is %j', (reason, message) => {
    const update = after(waiting(), { vote: 'reject', ...(reason === undefined ? {} : { reason }) });

    expect(update).toMatchObject({ phase: 'Rejected', reason: 'rejected', message });
    expect(update).toMatchObject({
      finishedAt: soon.toISOString(),
      approval: { given: [{ vote: 'reject' }] },
    });
  });

  const anns = (different: Partial<Ballot> = {}): Partial<Ballot> => ({ voter: aVoter('ann'), ...different });
  const override = { voter: root, vote: 'override', reason: 'outage' } as const;
  const cases: Readonly<Record<RefusedVote, readonly [Update, Partial<Ballot>, Date, string]>> = {
    'not-asked': [anUpdate(), {}, soon, 'update NAME (Pending) has not been put to the vote'],
    decided: [
      after(waiting(), {}, { voter: aVoter('bob') }),
      { voter: aVoter('eve') },
      soon,
      'update NAME has been decided already: it is AwaitingApproval',
    ],
    superseded: [enter(waiting(), 'Superseded', soon), {}, soon, 'update NAME was superseded by a newer one'],
    expired: [
      waiting(),
      {},
      end,
      'update NAME was not approved in time: its deadline was 2026-01-01T01:00:00.000Z',
    ],
    'other-request': [
      waiting(),
      { hash: 'f'.repeat(32) },
      soon,
      'update NAME is not what was shown: look at it again',
    ],
    'not-an-approver': [
      waiting({ approvers: ['bob@acme.example', 'rbac'] }),
      anns(),
      soon,
      'ann is no approver of NAME: bob@acme.example, rbac',
    ],
    'own-request': [
      waiting({}, 'ANN@acme.example'),
      anns(),
      soon,
      'ann asked for NAME: somebody else has to approve it',
    ],
    'voted-already': [after(waiting(), {}), anns(), soon, 'ann has approved NAME already'],
    'override-not-allowed': [
      waiting(),
      { ...override, voter: aVoter('ann') },
      soon,
      'ann may not release NAME without its approvers',
    ],
    'reason-missing': [
      waiting(),
      { ...override, reason: ' \u200b\n' },
      soon,
      'whoever releases without the approvers has to say why',
    ],
  };

  test.each(Object.entries(cases))('refuses: %s', (reason, [update, ballot, now, message]) => {
    const result = count(update, { ...aBallot(update, 'ann'), ...ballot }, now);

    expect(result).toEqual({ kind: 'refused', reason, message: message.replace('NAME', update.name) });
  });

  const late = enter(waiting(), 'Expired', end);
  const rejected = after(waiting(), { vote: 'reject' });
  test.each<[string, Update, RefusedVote]>([
    ['expired', late, 'expired'],
    ['rejected', rejected, 'decided'],
    ['delivered', enter(after(waiting(), {}, { voter: aVoter('bob') }), 'Delivering', soon), 'decided'],
    ['failed', enter(waiting(), 'Failed', soon), 'decided'],
    ['asked about, but not now', { ...waiting(), phase: 'Pending' }, 'decided'],
    ['rejected in its votes alone', { ...rejected, phase: 'AwaitingApproval' }, 'decided'],
  ])('takes no vote of any kind when the update is %s', (_what, update, reason) => {
    for (const ballot of [anns(), anns({ vote: 'reject' }), override])
      expect(count(update, { ...aBallot(update, 'ann'), ...ballot }, soon)).toMatchObject({ reason });
  });

  test('closes at the deadline, to the millisecond, for every kind of vote', () => {
    for (const ballot of [anns(), anns({ vote: 'reject' }), override]) {
      const kinds = [-1, 0, 1].map(
        (ms) => count(waiting(), { ...aBallot(waiting(), 'ann'), ...ballot }, at(ms)).kind,
      );

      expect(kinds).toEqual(['counted', 'refused', 'refused']);
    }
  });

  test('lets whoever asked approve where that is allowed, and say no in any case', () => {
    const mine = waiting({}, 'ann@acme.example');

    expect(
      after({ ...mine, ...waiting({ requesterMayApprove: true }, 'ann@acme.example') }, {}).approval?.given,
    ).toHaveLength(1);
    expect(after(mine, { vote: 'reject' }).phase).toBe('Rejected');
  });

  test.each<[string, Voter]>([
    ['Ann', aVoter('ann')],
    ['ann', aVoter('ann', { names: ['bob@acme.example'], person: { id: 'kubernetes:ann', name: 'Ann S.' } })],
    ['ci', aVoter('ann', { person: { id: 'token:ci', name: 'ci' } })],
  ])('takes no yes of whom the registry may call %s', (requester, voter) => {
    const own = waiting({}, requester);

    expect(count(own, aBallot(own, 'ann', { voter }), soon)).toMatchObject({ reason: 'own-request' });
    expect(after(own, { voter, vote: 'reject' }).phase).toBe('Rejected');
    expect(after(waiting({ requesterMayApprove: true }, requester), { voter }).approval?.given).toHaveLength(
      1,
    );
    expect(after(own, { voter: aVoter('bob') }).approval?.given).toHaveLength(1);
  });

  test.each(['ci', 'robot$ann', 'github-actions[bot]', '332133', 'ann@other.example'])(
    'takes the yes of everybody where %s asked, who is none of them',
    (requester) => {
      expect(after(waiting({}, requester), {}, { voter: aVoter('bob') }).approval?.given).toHaveLength(2);
    },
  );

  test('lets whoever may release alone do so also with what he asked for', () => {
    expect(after(waiting({}, 'root'), override).approval?.given).toHaveLength(1);
  });

  test('knows nobody by a name that is empty, as a record written by hand may have it', () => {
    expect(after(waiting({ requester: '' }), {}).approval?.given).toHaveLength(1);
  });

  test('lets who has approved change his mind to no', () => {
    expect(after(waiting(), {}, { vote: 'reject' }).phase).toBe('Rejected');
  });

  test('lets an override release alone, though its voter is no approver', () => {
    const { approval } = after(waiting({ approvers: ['bob@acme.example'] }, 'root@acme.example'), override);

    expect(approval?.given).toMatchObject([{ vote: 'override', reason: 'outage' }]);
    expect(approval && stateOf(approval, end)).toBe('approved');
  });

  test('takes whoever is known by another spelling of the same address for the same person', () => {
    const [first, shout] = [after(waiting(), {}), aVoter('ANN', { names: ['ann@acme.example'] })];

    expect(count(first, aBallot(first, 'ann', { voter: shout }), soon)).toMatchObject({
      reason: 'voted-already',
    });
  });
});

describe('isApprover', () => {
  const who = (...names: readonly string[]) => ({ names, rbac: false });

  test.each<[string, Pick<Voter, 'names' | 'rbac'>, readonly string[], boolean]>([
    ['an address', who('ann@acme.example'), ['bob@acme.example', 'ann@acme.example'], true],
    ['letters of either case', who('ANN@acme.example', 'group:Ops'), ['group:oPS'], true],
    ['another address', who('ann@acme.example'), ['ann@acme.example.evil.example'], false],
    ['a part of it', who('ann@acme.example'), ['ann'], false],
    ['what only looks the same', who('\u212aate@acme.example'), ['kate@acme.example'], false],
    ['what only looks the same, the other way', who('kate@acme.example'), ['\u212aate@acme.example'], false],
    ['nobody', who('ann@acme.example'), [], false],
    ['who has no name', who(), ['ann@acme.example'], false],
    ['whom Kubernetes lets', { names: [], rbac: true }, ['rbac'], true],
    ['whom Kubernetes lets, written large', { names: [], rbac: true }, ['RBAC'], true],
    ['whom Kubernetes lets where it is not asked', { names: [], rbac: true }, ['ann@acme.example'], false],
    ['who is called rbac', who('rbac', 'RBAC'), ['rbac', 'RBAC'], false],
    ['a look-alike of rbac', { names: [], rbac: true }, ['rb\u0430c', 'rbac\u200b', 'ｒｂａｃ'], false],
  ])('of %s', (_what, voter, approvers, expected) => {
    expect(isApprover(voter, approvers)).toBe(expected);
  });
});

describe('whatever people write', () => {
  const long = 'x'.repeat(5000);

  test.each([...hostileTags, long, '🚀'.repeat(3000), 'a\nb', '\u202egnp.exe'])(
    'is one line that the record takes: %j',
    (text) => {
      const person = { id: text, name: text, fullName: text, email: text };
      const voter = { ...root, person };
      const update = after(waiting(), { voter, vote: 'override', reason: `${text}!` });

      const [vote] = update.approval?.given ?? [];
      const { id = '', name = '', fullName = '', email = '' } = vote?.by ?? {};
      for (const said of [id, name, fullName, email]) expect(said.length).toBeLessThanOrEqual(512);
      expect(vote?.reason?.length).toBeLessThanOrEqual(2048);
      expect([id, name, fullName, email, vote?.reason].join('')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    },
  );

  test('does not make two people of one whose name is cut', () => {
    const voter = aVoter('ann', { person: { id: long, name: long } });
    const first = after(waiting(), { voter });

    const again = count(first, aBallot(first, 'ann', { voter }), soon);

    expect(again).toMatchObject({ kind: 'refused', reason: 'voted-already' });
  });

  test('is not shown as it is in a refusal either', () => {
    const voter = aVoter('eve', { person: { id: 'eve', name: '\u001b[2Jeve' }, names: [] });

    expect(count(waiting(), aBallot(waiting(), 'eve', { voter }), soon)).toMatchObject({
      message: expect.stringMatching(/^\\u\{1b\}\[2Jeve is no approver of /) as unknown,
    });
  });
});

describe('any votes in any order', () => {
  const people = ['ann', 'bob', 'eve', 'ops', 'boss', 'stranger'];
  const namesOf: Readonly<Record<string, readonly string[]>> = { ops: ['group:ops'], stranger: ['stranger'] };
  const voters = fc
    .record({
      who: fc.constantFrom(...people),
      via: fc.constantFrom('api', 'slack', 'link'),
      loud: fc.boolean(),
    })
    .map(({ who, via, loud }): Voter => {
      const id = loud ? `${who}@ACME.example` : `${who}@acme.example`;
      const names = namesOf[who] ?? [id, `${via}:${who}`];
      // The boss is in the list by what Kubernetes says.
      return {
        person: { id, name: `${who} by ${via}` },
        names,
        rbac: who === 'boss',
        mayOverride: who === 'boss',
        via,
      };
    });
  const hash = waiting().approval?.hash ?? '';
  const ballots = fc.array(
    fc.record({
      voter: voters,
      vote: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'reject', 'override'),
      hash: fc.constantFrom(hash, hash, hash, hash, 'other'),
      reason: fc.constantFrom(undefined, '', ' ', 'because'),
      ms: fc.constantFrom(-5, -4, -3, -2, -1, -1, 0, 1),
    }),
    { maxLength: 14 },
  );
  const gates = fc.record({
    votes: fc.integer({ min: 1, max: 5 }),
    requester: fc.constantFrom('ann@acme.example', 'Bob@acme.example', 'boss@acme.example', 'ANN', 'ci'),
    requesterMayApprove: fc.constantFrom(false, false, true),
  });

  /** Counts them one after the other; time only ever goes on. */
  function play(
    gate: Partial<Approval>,
    cast: readonly (Omit<Ballot, 'reason'> & { reason: string | undefined; ms: number })[],
  ) {
    const states: Update[] = [waiting(gate)];
    const inTime = [...cast].sort((a, b) => a.ms - b.ms);
    const results = inTime.map(({ ms, reason, ...ballot }) => {
      const before = states.at(-1) ?? waiting();
      const frozen = JSON.stringify(before);
      const given = { ...ballot, ...(reason === undefined ? {} : { reason }) };
      const result = count(before, given, at(ms));
      expect(JSON.stringify(before)).toBe(frozen);
      states.push(result.kind === 'counted' ? result.update : before);
      return { before, ballot: given, ms, result };
    });
    return { states, results };
  }

  test('approve only with enough different people who may, none of whom asked, and none of whom said no', () => {
    let approved = 0;
    fc.assert(
      fc.property(gates, ballots, (gate, cast) => {
        const { states, results } = play(gate, cast);
        const last = states.at(-1)?.approval ?? askedFor(anUpdate(), rules, asked);
        const state = stateOf(last, at(1));

        const counted = results.filter(({ result }) => result.kind === 'counted').map(({ ballot }) => ballot);
        const yes = counted
          .filter(({ vote }) => vote === 'approve')
          .map(({ voter }) => identityOf(voter.person.id));
        const fit = yes.filter(
          (id) =>
            !id.startsWith('stranger') &&
            (gate.requesterMayApprove || id.split('@')[0] !== identityOf(gate.requester).split('@')[0]),
        );
        const overridden = counted.some(
          ({ vote, voter, reason }) => vote === 'override' && voter.mayOverride && reason === 'because',
        );
        const no = counted.some(({ vote }) => vote === 'reject');
        expect(fit).toEqual(yes);
        expect(new Set(yes).size).toBe(yes.length);
        expect(state).toBe(no ? 'rejected' : overridden || yes.length >= gate.votes ? 'approved' : 'expired');
        if (state === 'approved' && !overridden) approved++;
      }),
      { numRuns: 2000 },
    );
    // The property must have had something to say.
    expect(approved).toBeGreaterThan(50);
  });

  test('only ever add one vote that was cast in time for what was shown, and nothing else, until it is decided', () => {
    fc.assert(
      fc.property(gates, ballots, (gate, cast) => {
        for (const { before, ballot, ms, result } of play(gate, cast).results) {
          if (result.kind === 'refused') continue;
          const [old, now] = [before.approval?.given ?? [], result.update.approval?.given ?? []];
          expect(now.slice(0, -1)).toEqual(old);
          expect(now.at(-1)).toMatchObject({
            vote: ballot.vote,
            at: at(ms).toISOString(),
            via: ballot.voter.via,
          });
          expect({ ms, hash: ballot.hash }).toEqual({ ms: Math.min(ms, -1), hash });
          expect(before.approval && isReleased(before.approval)).toBe(false);
          expect(result.update.phase).toBe(ballot.vote === 'reject' ? 'Rejected' : 'AwaitingApproval');
          expect({ ...result.update.approval, given: old }).toEqual(before.approval);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what was decided in time stays decided, whatever comes after', () => {
    fc.assert(
      fc.property(gates, ballots, (gate, cast) => {
        const told = play(gate, cast).states.map(({ approval }) => approval && stateOf(approval, soon));

        const first = told.findIndex((state) => state !== 'pending');
        if (first >= 0) expect(new Set(told.slice(first)).size).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});
