import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { live, type Lives, type Told, type Wish } from './approval-lives.ts';

const hourMs = 3_600_000;
const wish = (who: string, at: Wish['at'], vote: Wish['vote'] = 'approve'): Wish => ({ who, vote, at });
/** Both vote by the process that is killed, as soon as it has asked them. */
const ordinary: Lives = {
  ...{ dieAt: Infinity, idleMs: 0, again: 'after' },
  wishes: [wish('ann', 'own'), wish('bob', 'own')],
};

/** What must hold whoever died when; the answer is how it ended. */
function check({ answers, patches, told, update }: Told, context: string): string {
  const { given = [], deadlineAt = '' } = update.approval ?? {};
  const yes = new Set(given.filter(({ vote }) => vote === 'approve').map(({ by }) => by.id));
  const isRejected = given.some(({ vote }) => vote === 'reject');
  const isReleased = yes.size >= 2 && !isRejected;
  const end = isReleased ? 'Succeeded' : isRejected ? 'Rejected' : 'Expired';

  expect({ context, phase: update.phase, patches: patches.length }).toEqual({
    ...{ context, phase: end, patches: isReleased ? 1 : 0 },
  });
  // Nobody counts twice, or late.
  expect({ context, voters: new Set(given.map(({ by }) => by.id)).size }).toEqual({
    ...{ context, voters: given.length },
  });
  for (const { at } of given) expect(Date.parse(at)).toBeLessThan(Date.parse(deadlineAt));
  for (const { record } of patches) expect(record?.approval?.given).toEqual(given);
  // What was answered as counted is there.
  for (const { who, vote, result } of answers) {
    if (result.kind === 'refused') continue;
    const own = given.filter(({ by }) => by.id === `${who}@acme.example`);
    expect({ context, own: own.map((one) => one.vote) }).toEqual({ context, own: [vote] });
  }
  const ways: Readonly<Record<string, readonly string[]>> = {
    Succeeded: ['update.awaiting-approval', 'update.approved', 'update.succeeded'],
    Rejected: ['update.awaiting-approval', 'update.rejected'],
    Expired: ['update.awaiting-approval', 'update.expired'],
  };
  // Each at least once, with one id, in this order, and nothing else.
  expect({ context, types: [...new Set(told.map(({ type }) => type))] }).toEqual({
    ...{ context, types: ways[end] },
  });
  expect(new Set(told.map(({ id }) => id)).size).toBe(ways[end]?.length);
  const approvals = told.filter(({ type }) => type === 'update.approved');
  for (const { approvedBy } of approvals) expect(new Set(approvedBy).size).toBeGreaterThanOrEqual(2);
  return end;
}

/** What came of a death at one step. */
interface Death {
  readonly step: string;
  readonly told: Told;
  readonly end: string;
}

/** Lets the process die at each of its steps. */
async function atEveryStep(lives: Lives): Promise<readonly Death[]> {
  const { calls } = await live(lives);
  const all: Death[] = [];
  for (const [dieAt, step] of calls.entries()) {
    const told = await live({ ...lives, dieAt });
    all.push({ step, told, end: check(told, `died ${step}, idle ${lives.idleMs} ms`) });
  }
  return all;
}

describe('a process that is killed between any two steps while people are asked', () => {
  test('goes these steps', async () => {
    const { calls } = await live(ordinary);

    const begun = calls.filter((call) => call.startsWith('before'));
    expect(begun.map((call) => call.slice('before '.length))).toEqual([
      'write AwaitingApproval/pending with 0 votes',
      'tell update.awaiting-approval',
      'write AwaitingApproval/sent with 0 votes',
      'write AwaitingApproval/sent with 1 votes',
      'write AwaitingApproval/sent with 2 votes',
      'write Delivering/pending with 2 votes',
      'patch',
      'tell update.approved',
      'write Delivering/sent with 2 votes',
      'write RollingOut/pending with 2 votes',
      'write RollingOut/sent with 2 votes',
      'write Succeeded/pending with 2 votes',
      'tell update.succeeded',
      'write Succeeded/sent with 2 votes',
    ]);
  });

  test.each(['before', 'after'] as const)(
    'leaves one delivery by two votes; who got no answer votes again %s its successor begins',
    async (again) => {
      const all = await atEveryStep({ ...ordinary, again });

      expect(new Set(all.map(({ end }) => end))).toEqual(new Set(['Succeeded']));
    },
  );

  test('counts a vote once that was written and not answered, and tells who repeats it that it is there', async () => {
    const all = await atEveryStep(ordinary);

    const repeated = all
      .filter(({ step }) => /^after write AwaitingApproval\/sent with [12] votes$/.test(step))
      .map(({ told }) => told.answers.map(({ who, result }) => [who, 'reason' in result && result.reason]));
    expect(repeated).toEqual([
      [
        ['ann', 'voted-already'],
        ['bob', false],
      ],
      [
        ['ann', false],
        ['bob', 'decided'],
      ],
    ]);
  });

  test.each(['before', 'after'] as const)(
    'leaves a rejection that moves nothing; who got no answer votes again %s its successor begins',
    async (again) => {
      const wishes = [wish('ann', 'own'), wish('bob', 'own', 'reject')];
      const all = await atEveryStep({ ...ordinary, again, wishes });

      expect(new Set(all.map(({ end }) => end))).toEqual(new Set(['Rejected']));
    },
  );

  test('leaves an update that nobody works at until the deadline is over: two votes in time deliver it, one does not', async () => {
    const all = await atEveryStep({ ...ordinary, idleMs: 25 * hourMs });

    const ends = new Map(all.map(({ step, end }) => [step, end]));
    expect(ends.get('after write AwaitingApproval/sent with 1 votes')).toBe('Expired');
    expect(ends.get('after write AwaitingApproval/sent with 2 votes')).toBe('Succeeded');
  });

  test.each(['approve', 'reject'] as const)(
    'may be killed where people vote at that moment by another replica, whose last word is %s',
    async (vote) => {
      const { calls } = await live({ ...ordinary, wishes: [] });
      for (const at of calls.keys()) {
        const wishes = [wish('ann', at), wish('bob', at, vote)];
        for (const dieAt of [at, Infinity]) {
          const told = await live({ ...ordinary, wishes, dieAt });

          expect(check(told, `votes at ${at}, died at ${dieAt}`)).toBe(
            vote === 'approve' ? 'Succeeded' : 'Rejected',
          );
        }
      }
    },
  );
});

test('whoever votes when, and whoever dies when, it is delivered once if two let it through in time', async () => {
  const ends: string[] = [];
  const when = fc.oneof(fc.constant('own' as const), fc.nat({ max: 24 }));
  const says = fc.constantFrom<Wish['vote']>('approve', 'approve', 'approve', 'reject');
  const voter = (who: string): fc.Arbitrary<Wish> =>
    fc.record({ who: fc.constant(who), at: when, vote: says });
  const lives: fc.Arbitrary<Lives> = fc.record({
    dieAt: fc.nat({ max: 30 }),
    wishes: fc.tuple(voter('ann'), voter('bob'), voter('eve'), voter('mallory')),
    idleMs: fc.constantFrom(0, 23 * hourMs, 24 * hourMs, 25 * hourMs),
    again: fc.constantFrom('before' as const, 'after' as const),
  });

  await fc.assert(
    fc.asyncProperty(lives, async (one) => {
      ends.push(check(await live(one), JSON.stringify(one)));
    }),
    { numRuns: 500 },
  );

  // A property that never came to one of the ends would prove nothing about it.
  for (const end of ['Succeeded', 'Rejected', 'Expired'])
    expect(ends.filter((one) => one === end).length).toBeGreaterThan(5);
});
