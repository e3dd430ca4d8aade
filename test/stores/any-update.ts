import fc from 'fast-check';
import type { Approval, Person } from '../../src/core/approval.ts';
import { transitions, type Phase } from '../../src/core/phases.ts';
import type { Announcement, ImageMove, PhaseEntry, Update } from '../../src/core/update.ts';
import { keyOf } from '../support/builders.ts';

/** What an API server keeps as it is: no null bytes, no halves of surrogate pairs. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength }).map((drawn) => drawn.replaceAll('\0', '').toWellFormed());
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const phase = fc.constantFrom(...(Object.keys(transitions) as Phase[]));
const maybe = <T>(drawn: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(drawn, { nil: undefined });
const moves: fc.Arbitrary<readonly ImageMove[]> = fc.array(
  fc.record({ container: text(20), init: fc.boolean(), from: text(60), to: text(60) }),
  { maxLength: 4 },
);
const announcement: fc.Arbitrary<Announcement> = fc.record(
  {
    receiver: text(20),
    event: text(20),
    state: fc.constantFrom('pending', 'sent', 'abandoned'),
    attempts: fc.nat(1000),
    dueAt: time,
    message: text(40),
  },
  { requiredKeys: ['receiver', 'event', 'state', 'attempts', 'dueAt'] },
);
const entry: fc.Arbitrary<PhaseEntry> = fc.record(
  { phase, at: time, reason: text(40) },
  { requiredKeys: ['phase', 'at'] },
);

const person: fc.Arbitrary<Person> = fc.record(
  { id: text(40), name: text(20), fullName: text(20), email: text(30) },
  { requiredKeys: ['id', 'name'] },
);
const approval: fc.Arbitrary<Approval> = fc.record(
  {
    votes: fc.integer({ min: 1, max: 20 }),
    approvers: fc.array(text(30), { maxLength: 4 }),
    requesterMayApprove: fc.boolean(),
    channel: text(20),
    deadlineAt: time,
    hash: text(32),
    requester: text(30),
    given: fc.array(
      fc.record(
        {
          by: person,
          vote: fc.constantFrom('approve', 'reject', 'override'),
          at: time,
          via: text(10),
          reason: text(40),
        },
        { requiredKeys: ['by', 'vote', 'at', 'via'] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['votes', 'approvers', 'requesterMayApprove', 'deadlineAt', 'hash', 'given'] },
);

/** Any update that a store can be given, whether or not a life could lead to it. */
export const anyUpdate: fc.Arbitrary<Update> = fc
  .record({
    name: fc.uuid().map((uuid) => `up-${uuid}`),
    workload: fc
      .record({ cluster: text(20), namespace: text(20), name: text(20) })
      .map((different) => ({ ...keyOf(), ...different })),
    uid: text(36),
    repository: text(60),
    tag: text(60),
    digest: maybe(text(71)),
    moves,
    policy: text(40),
    phase,
    reason: maybe(text(40)),
    message: maybe(text(200)),
    createdAt: time,
    deliveredAt: maybe(time),
    finishedAt: maybe(time),
    approval: maybe(approval),
    announcements: fc.array(announcement, { maxLength: 4 }),
    history: fc.array(entry, { maxLength: 8 }),
  })
  .chain((update) =>
    fc.option(
      text(30).map((pushedBy) => ({ ...update, pushedBy })),
      { nil: update },
    ),
  );

/** The same in its first phase, as it is created. */
export function asNew(update: Update): Update {
  const nothing = { reason: undefined, message: undefined, deliveredAt: undefined, finishedAt: undefined };
  const history = [{ phase: 'Pending' as const, at: update.createdAt }];
  return { ...update, ...nothing, phase: 'Pending', approval: undefined, announcements: [], history };
}
