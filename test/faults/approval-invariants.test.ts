import { expect, test } from '@jest/globals';
import type { Evidence } from './evidence.ts';
import { unfinished, violations } from './invariants/index.ts';
import type { Write } from './journal.ts';
import type { Told, ToldStatus } from './receiver.ts';
import type { UpdateRecord } from './records.ts';
import { imageOf } from './tags.ts';
import { approvers, type Cast } from './voters.ts';

// As in invariants.test.ts: each check is shown what it is there to find. Here two people let one update through, say no
// to another, and leave a third one waiting.

const deadlineAt = '2026-01-01T00:10:00.000Z';
const nowMs = Date.parse('2026-01-01T00:05:00.000Z');
const tags = { delivered: '1.0.1', rejected: '1.0.2', waiting: '1.0.3' } as const;
type Case = keyof typeof tags;
const deployment = 'asks-1';
const image = (one: Case): string => imageOf(deployment, tags[one]);

const cast = (one: Case, who: number, vote: Cast['vote'] = 'approve', sentAtMs = who): Cast => ({
  ...{ by: approvers[who] ?? '', vote, update: `up-${one}`, deployment, tag: tags[one], tries: 1 },
  ...{ sentAtMs, lastSentAtMs: nowMs, answeredAtMs: nowMs + 1, answer: 'counted' },
});
const yes = [cast('delivered', 0), cast('delivered', 1)] as const;
const no = cast('rejected', 0, 'reject');
const alone = cast('waiting', 2);
const at = new Date(nowMs).toISOString();
const record = (one: Case, phase: string, votes: readonly Cast[]): UpdateRecord & { approval: object } => ({
  ...{ name: `up-${one}`, deployment, tag: tags[one], phase, reason: undefined },
  approval: {
    ...{ votes: 2, deadlineAt },
    given: votes.map(({ by: id, vote }) => ({ by: { id }, vote, at })),
  },
});
const delivered = record('delivered', 'Succeeded', yes);
const rejected = record('rejected', 'Rejected', [no]);
const waiting = record('waiting', 'AwaitingApproval', [alone]);
const told = (one: Case, status: ToldStatus): Told => ({
  ...{ replica: 'replica-1', id: `up-${one}-${status}`, deployment, image: image(one), status },
  ...{ signed: true, skewSeconds: 0, atMs: 9, answered: 204 },
});
const toldAsked = told('delivered', 'awaiting-approval');
const toldApproved = told('delivered', 'approved');
const toldRejected = told('rejected', 'rejected');
const all = [
  ...[toldAsked, toldApproved, told('delivered', 'succeeded')],
  ...[told('rejected', 'awaiting-approval'), toldRejected, told('waiting', 'awaiting-approval')],
];
const patchOf = (one: Case, sentAtMs: number): Write => ({
  call: {
    ...{ replica: 'replica-1', verb: 'patch', resource: 'deployments', name: deployment, holder: undefined },
    ...{ phase: undefined, approval: undefined, told: [], images: [image(one)] },
  },
  ...{ sentAtMs, outcome: 200 },
});
const first = { image: imageOf(deployment, '1.0.0'), generation: 1, atMs: 0 };
const moved = { image: image('delivered'), generation: 2, atMs: 6 };
const push = (one: Case): Evidence['pushes'][number] => ({
  ...{ deployment, tag: tags[one], kind: 'new', tries: 1, status: 202, ackedAtMs: 1 },
  ...{ updates: [`up-${one}`], parked: false },
});

const sound: Evidence = {
  pushes: [push('delivered'), push('rejected'), push('waiting')],
  ...{ records: [delivered, rejected, waiting], changes: new Map([[deployment, [first, moved]]]) },
  ...{ writes: [patchOf('delivered', 5)], told: all, exits: [] },
  samples: [{ replica: 'replica-1', startedAtMs: 0, tookMs: 5, result: 202, disturbed: false }],
  ...{ asking: new Map([[deployment, 2]]), approvers, casts: [...yes, no, alone], takenAtMs: nowMs },
};

function found(change: Partial<Evidence>): readonly string[] {
  const evidence = { ...sound, ...change };
  const lines = [...unfinished(evidence), ...violations(evidence, {})];
  return [...new Set(lines.map((line) => line.slice(0, line.indexOf(':'))))].sort();
}

const instead = (one: UpdateRecord): Partial<Evidence> => ({
  records: [delivered, rejected, waiting].map((other) => (other.name === one.name ? one : other)),
});
const without = (one: Told): Partial<Evidence> => ({ told: all.filter((other) => other !== one) });
const given = (one: typeof delivered, votes: readonly Cast[]): UpdateRecord =>
  record(one.name.slice(3) as Case, one.phase, votes);

test('nothing is found where people are asked, obeyed and told, and one update waits for them', () => {
  expect(found({})).toEqual([]);
});

test.each<readonly [string, Partial<Evidence>, readonly string[]]>([
  [
    'a delivery that skips the approval',
    {
      writes: [patchOf('delivered', 5), patchOf('waiting', 7)],
      changes: new Map([[deployment, [first, moved, { image: image('waiting'), generation: 3, atMs: 8 }]]]),
    },
    ['not approved'],
  ],
  ['a delivery before the last vote was sent', { writes: [patchOf('delivered', 0.5)] }, ['not approved']],
  [
    "a delivery by a stranger's vote",
    { casts: [yes[0], { ...yes[1], by: 'token:mallory' }, no, alone] },
    ['not approved', 'vote lost', 'vote made up'],
  ],
  [
    'a rejected update that is there',
    {
      writes: [patchOf('delivered', 5), patchOf('rejected', 7)],
      changes: new Map([[deployment, [first, moved, { image: image('rejected'), generation: 3, atMs: 8 }]]]),
    },
    ['not approved', 'rejected and moved'],
  ],
  [
    'an update with its votes that nobody delivers',
    {
      ...instead({ ...delivered, phase: 'AwaitingApproval' }),
      changes: new Map([[deployment, [first]]]),
      writes: [],
    },
    ['not delivered', 'not finished', 'not measured'],
  ],
  [
    'a no that is passed over',
    instead({ ...rejected, phase: 'AwaitingApproval' }),
    ['not finished', 'not rejected', 'told and not so', 'wrong gate'],
  ],
  ['a vote that was counted and is not there', instead(given(waiting, [])), ['vote lost']],
  ['a vote that is there twice', instead(given(delivered, [...yes, yes[0]])), ['vote lost', 'wrong gate']],
  ['a vote that nobody cast', { casts: [...yes, no] }, ['vote made up']],
  [
    "a stranger's vote",
    instead(given(waiting, [alone, { ...alone, by: 'token:mallory' }])),
    ['not finished', 'vote made up', 'wrong gate'],
  ],
  [
    'a vote that came too late',
    { casts: [...yes, no, { ...alone, lastSentAtMs: Date.parse(deadlineAt) }] },
    ['vote late'],
  ],
  [
    'a vote that was called too late and was not',
    { casts: [...yes, no, alone, { ...cast('waiting', 1), answer: 'expired' }] },
    ['vote refused'],
  ],
  [
    'a voter who gets no answer',
    { casts: [...yes, no, alone, { ...cast('waiting', 1), answer: undefined }] },
    ['not answered'],
  ],
  ['an update that waits beyond its deadline', { takenAtMs: Date.parse(deadlineAt) }, ['not finished']],
  [
    'an update that expires before its deadline',
    instead({ ...waiting, phase: 'Expired' }),
    ['not told', 'wrong gate'],
  ],
  [
    'a gate that wants fewer votes',
    instead({ ...waiting, approval: { ...waiting.approval, votes: 1 } }),
    ['not finished', 'wrong gate'],
  ],
  [
    'an update that nobody was asked about',
    instead({ ...delivered, approval: undefined }),
    ['told and not so', 'vote lost', 'wrong gate'],
  ],
  [
    'an update that nothing took the place of',
    instead({ ...waiting, phase: 'Superseded', reason: 'newer-update' }),
    ['not told', 'wrong gate'],
  ],
  ['people who are asked and not told', without(toldAsked), ['not told']],
  ['an approval that nobody is told of', without(toldApproved), ['not told']],
  ['a rejection that nobody is told of', without(toldRejected), ['not told']],
  [
    'a rejection that is told and is none',
    { told: [...all, told('waiting', 'rejected')] },
    ['told and not so'],
  ],
  [
    'an approval where nobody is asked',
    { told: [...all, { ...toldApproved, deployment: 'app-1', image: 'other', id: 'other' }] },
    ['told and not so'],
  ],
])('%s is found', (_, change, expected) => {
  expect(found(change)).toEqual(expected);
});
