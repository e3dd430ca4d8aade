import { expect, test } from '@jest/globals';
import { askedFor, type Approval } from '../../src/core/approval.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { awaitingApproval } from '../../src/flows/show-approvals.ts';
import { createMemoryStore } from '../../src/stores/memory.ts';
import { anUpdate } from '../support/builders.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aVoter } from '../support/voters.ts';

const start = new Date('2026-01-01T00:00:00Z');
const rules = { votes: 1, approvers: ['ann@acme.example'], deadlineMs: 60_000, requesterMayApprove: false };

function asked(name: string, different: Partial<Approval> = {}): Update {
  const update = anUpdate({ name });
  const approval = { ...askedFor(update, rules, start), ...different };
  return { ...enter(update, 'AwaitingApproval', start), approval };
}

test('what people can still decide is listed, and nothing is written', async () => {
  const store = createMemoryStore();
  const clock = createFakeClock(start);
  const given = [{ by: aVoter('ann').person, vote: 'approve', at: start.toISOString(), via: 'api' }] as const;
  await store.create([
    ...[asked('up-waits'), asked('up-released', { given }), anUpdate({ name: 'up-not-asked' })],
    ...[asked('up-late', { deadlineAt: start.toISOString() })],
    { ...asked('up-goes'), phase: 'Delivering' },
  ]);
  const before = await store.open();

  const listed = await awaitingApproval({ store, clock });
  await clock.advance(60_000);
  const later = await awaitingApproval({ store, clock });

  expect(listed.map(({ name }) => name)).toEqual(['up-waits']);
  expect(later).toEqual([]);
  expect(await store.open()).toEqual(before);
});

test('the oldest comes first, and those of one moment are always in the same order', async () => {
  const store = createMemoryStore();
  const clock = createFakeClock(start);
  const at = (ms: number) => new Date(start.getTime() + ms).toISOString();
  await store.create([
    ...[
      { ...asked('up-b'), createdAt: at(1) },
      { ...asked('up-c'), createdAt: at(0) },
    ],
    { ...asked('up-a'), createdAt: at(1) },
  ]);

  const listed = await awaitingApproval({ store, clock });

  expect(listed.map(({ name }) => name)).toEqual(['up-c', 'up-a', 'up-b']);
});
