import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  approvalHash,
  approversOf,
  askedFor,
  identityOf,
  isReleased,
  progressOf,
  shownMoves,
  stateOf,
  type Approval,
  type ApprovalRules,
  type Person,
  type Vote,
  type VoteKind,
} from '../../src/core/approval.ts';
import type { ImageMove, Update } from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';

const asked = new Date('2026-01-01T00:00:00Z');
const rules: ApprovalRules = {
  ...{ votes: 2, approvers: ['ann@acme.example', 'rbac'], deadlineMs: 3_600_000, requesterMayApprove: false },
};
const person = (name: string): Person => ({ id: `${name}@acme.example`, name });
const aVote = (name: string, vote: VoteKind = 'approve'): Vote => ({
  ...{ by: person(name), vote, at: asked.toISOString(), via: 'api' },
});

function anApproval(given: readonly Vote[], different: Partial<Approval> = {}): Approval {
  return { ...askedFor(anUpdate(), rules, asked), given, ...different };
}

describe('askedFor', () => {
  test('keeps the rules as they are now, bound to what is to be delivered', () => {
    const update = anUpdate();

    expect(askedFor(update, { ...rules, channel: 'ops' }, asked)).toEqual({
      ...{ votes: 2, approvers: rules.approvers, requesterMayApprove: false, channel: 'ops' },
      ...{ deadlineAt: '2026-01-01T01:00:00.000Z', hash: approvalHash(update), given: [] },
    });
  });

  test('knows who asked, in a form that the record takes', () => {
    expect(askedFor(anUpdate(), rules, asked, ' eve\n').requester).toBe('eve');
    expect(askedFor(anUpdate(), rules, asked, 'e'.repeat(600)).requester).toHaveLength(512);
    expect(askedFor(anUpdate(), rules, asked)).not.toHaveProperty('requester');
    expect(askedFor(anUpdate(), rules, asked, ' \u200b')).not.toHaveProperty('requester');
  });
});

describe('approvalHash', () => {
  const web: ImageMove = { container: 'web', init: false, from: 'shop:1.0.0', to: 'shop:1.1.0' };
  const job: ImageMove = { container: 'job', init: true, from: 'shop:1.0.0', to: 'shop:1.1.0' };
  const update = anUpdate({ moves: [web, job] });
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each<[string, Partial<Update>]>([
    ['an image differs', { moves: [web, { ...job, to: 'shop:1.1.1' }] }],
    ['the registry of an image differs', { moves: [web, { ...job, to: 'evil.example/shop:1.1.0' }] }],
    ['a container differs', { moves: [web, { ...job, container: 'job2' }] }],
    ['one is no init container', { moves: [web, { ...job, init: false }] }],
    [
      'two containers change places',
      {
        moves: [
          { ...web, container: 'job' },
          { ...job, container: 'web' },
        ],
      },
    ],
    ['a container is missing', { moves: [web] }],
    ['a container is there twice', { moves: [web, job, job] }],
    ['the workload differs', { workload: keyOf('shop2') }],
    ['the cluster differs', { workload: { ...keyOf(), cluster: 'prod' } }],
    ['the namespace differs', { workload: { ...keyOf(), namespace: 'prod' } }],
    ['the kind differs', { workload: { ...keyOf(), kind: 'DaemonSet' } }],
    ['the workload was made anew', { uid: 'uid-2' }],
    ['a digest is known', { digest }],
  ])('is another one when %s', (_what, different) => {
    expect(approvalHash({ ...update, ...different })).not.toBe(approvalHash(update));
  });

  test.each<[string, Partial<Update>]>([
    ['what runs now', { moves: [{ ...web, from: 'shop:0.9.0' }, job] }],
    ['the order', { moves: [job, web] }],
    ['what has become of the update', { phase: 'Delivering', message: 'on its way', name: 'up-2' }],
  ])('is the same whatever %s is', (_what, different) => {
    expect(approvalHash({ ...update, ...different })).toBe(approvalHash(update));
  });

  test('tells digests apart, and leaves the moves in their order', () => {
    const moves = Object.freeze([web, job]);
    const other = { ...update, moves, digest: `sha256:${'b'.repeat(64)}` };

    expect(approvalHash(other)).not.toBe(approvalHash({ ...update, digest }));
    expect(approvalHash(other)).toMatch(/^[0-9a-f]{32}$/);
  });

  const names = fc.constantFrom('a', 'b', 'a","b', '');
  const move = fc.record({ container: names, init: fc.boolean(), from: names, to: names });

  test('of any two lists of moves is the same only if they set the same images', () => {
    const spelled = (moves: readonly ImageMove[]): string =>
      JSON.stringify(moves.map(({ container, init, to }) => JSON.stringify({ container, init, to })).sort());
    const lists = fc.array(move, { maxLength: 3 });

    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const same = approvalHash(anUpdate({ moves: a })) === approvalHash(anUpdate({ moves: b }));

        expect(same).toBe(spelled(a) === spelled(b));
      }),
      { numRuns: 500 },
    );
  });
});

describe('stateOf', () => {
  const end = Date.parse('2026-01-01T01:00:00Z');

  test.each<[string, readonly Vote[], number, string]>([
    ['nobody has voted', [], end - 1, 'pending'],
    ['too few have', [aVote('ann')], end - 1, 'pending'],
    ['one has voted twice', [aVote('ann'), aVote('ann')], end - 1, 'pending'],
    ['the deadline has come', [aVote('ann')], end, 'expired'],
    ['it is over', [], end + 1, 'expired'],
    ['enough have', [aVote('ann'), aVote('bob')], end - 1, 'approved'],
    ['enough had when the deadline came', [aVote('ann'), aVote('bob')], end, 'approved'],
    ['one has overridden', [aVote('ann', 'override')], end - 1, 'approved'],
    ['one has said no', [aVote('ann', 'reject')], end - 1, 'rejected'],
    ['one had said no', [aVote('ann', 'reject')], end + 1, 'rejected'],
    ['one of enough says no', [aVote('ann'), aVote('bob'), aVote('eve', 'reject')], end - 1, 'rejected'],
    ['one says no to an override', [aVote('ann', 'override'), aVote('eve', 'reject')], end, 'rejected'],
  ])('when %s', (_what, given, nowMs, state) => {
    expect(stateOf(anApproval(given), new Date(nowMs))).toBe(state);
  });

  test.each(['', 'never', '2026-13-01T00:00:00Z'])('a deadline of %j is over', (deadlineAt) => {
    expect(stateOf(anApproval([], { deadlineAt }), asked)).toBe('expired');
  });

  test.each([0, -1, NaN])('%p votes are wanted: nobody is no approval', (votes) => {
    expect(stateOf(anApproval([], { votes }), asked)).toBe('pending');
  });
});

test.each([
  ['ann@acme.example', 'Ann@ACME.example'],
  ['kate@acme.example', '\u212aate@acme.example'],
  ['ann@acme.example', 'ann＠acme.example'],
  ['ann@acme.example', ' ann@acme.example\n'],
])('%s and %j are one person, who has one vote', (id, other) => {
  const given = [aVote('x'), { ...aVote('y'), by: { id: other, name: 'Ann' } }];
  const both = given.map((vote, n) => (n === 0 ? { ...vote, by: { id, name: 'ann' } } : vote));

  expect(identityOf(id)).toBe(identityOf(other));
  expect(approversOf(both)).toEqual([{ id: other, name: 'Ann' }]);
  expect(isReleased({ votes: 2, given: both })).toBe(false);
});

test('a no is nobody of those who approve', () => {
  const given = [aVote('ann'), aVote('bob', 'override'), aVote('eve', 'reject'), aVote('ann')];

  expect(approversOf(given)).toEqual([person('ann'), person('bob')]);
  expect(isReleased({ votes: 1, given })).toBe(false);
});

test('the words for people say how far it is, and every image before and after', () => {
  expect(progressOf(anApproval([aVote('ann'), aVote('ann')]))).toBe(
    '1 of 2 approvals, until 2026-01-01T01:00:00.000Z',
  );
  expect(shownMoves(anUpdate().moves)).toEqual(['app: quay.io/acme/shop:1.0.0 -> quay.io/acme/shop:1.1.0']);
});
