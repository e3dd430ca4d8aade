import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventTypes, type EventType } from '../../src/core/announcement.ts';
import { askedFor, type Approval, type Vote } from '../../src/core/approval.ts';
import type { Requester } from '../../src/core/ports.ts';
import { enter, type Update } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';

/** One request, as the people it was put to see it now. */
export interface SeenRequest {
  /** Everything it says. */
  readonly words: string;
  /** Whether there is something to decide by. */
  readonly decidable: boolean;
}

/** A requester in its surroundings. */
export interface RequesterKit {
  readonly requester: Requester;
  /** What it may print nowhere. */
  readonly secrets: readonly string[];
  /** One for each request that people got, however often it was told. */
  seen(): readonly SeenRequest[];
  /** The other side takes the next request, and the answer gets lost. */
  cutAfter(): void;
  /** The other side refuses for as long as this, once. */
  refuse(retryAfterSeconds: number): void;
  /** The other side is there, and never answers. */
  silence(): void;
  close(): Promise<void>;
}

/** When people were asked. A kit's clock starts then. */
export const askedAt = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-01T00:10:00Z');
const none = new AbortController().signal;
const by = { id: 'ada@acme.example', name: 'Ada', email: 'ada@acme.example' };
const yes: Vote = { by, vote: 'approve', at: later.toISOString(), via: 'api' };
const no: Vote = { ...yes, vote: 'reject', reason: 'not on Fridays' };

function asked(changes: Partial<Approval> = {}): Update {
  const update = anUpdate();
  const approvers = ['ada@acme.example', 'bob@acme.example'];
  const rules = { votes: 1, approvers, deadlineMs: 3_600_000, requesterMayApprove: false };
  const approval = { ...askedFor(update, rules, askedAt), ...changes };
  return { ...enter(update, 'AwaitingApproval', askedAt), approval };
}

function voted(update: Update, ...given: readonly Vote[]): Update {
  return update.approval ? { ...update, approval: { ...update.approval, given } } : update;
}

const approved = enter(voted(asked(), yes), 'Delivering', later);
const rolling = enter(approved, 'RollingOut', later);
const outcomes: readonly (readonly [EventType, Update, readonly string[]])[] = [
  ['update.approved', approved, ['approved', 'ada']],
  ['update.rejected', enter(voted(asked(), no), 'Rejected', later), ['rejected', 'ada', 'not on fridays']],
  ['update.expired', enter(asked(), 'Expired', later, { reason: 'not-approved' }), ['expired']],
  ['update.superseded', enter(asked(), 'Superseded', later, { reason: 'newer-update' }), ['superseded']],
  ['update.succeeded', enter(rolling, 'Succeeded', later), ['approved', 'ada']],
  [
    'update.failed',
    enter(rolling, 'Failed', later, { reason: 'ImagePullBackOff', message: 'no such image' }),
    ['imagepullbackoff', 'no such image'],
  ],
];

/** What every way of asking people keeps, whatever is on the other side. */
export function requesterContract(name: string, start: () => Promise<RequesterKit>): void {
  describe(`${name} asks people`, () => {
    let kit: RequesterKit;
    beforeEach(async () => {
      kit = await start();
    });
    afterEach(() => kit.close());

    const tell = (update: Update, event: EventType) => kit.requester.tell(update, event, none);

    test('of updates that they are asked about, and takes no others', () => {
      for (const event of Object.keys(eventTypes) as EventType[]) {
        expect(kit.requester.takes(event, asked())).toBe(true);
        expect(kit.requester.takes(event, anUpdate())).toBe(false);
      }
    });

    test('once, with what they decide by', async () => {
      const update = asked();

      expect(await tell(update, 'update.awaiting-approval')).toEqual({ kind: 'sent' });

      const [request, ...more] = kit.seen();
      expect(more).toEqual([]);
      expect(request?.decidable).toBe(true);
      for (const words of [
        ...['default', 'shop', 'app', 'quay.io/acme/shop:1.0.0', 'quay.io/acme/shop:1.1.0', update.name],
        ...['2026-01-01T01:00:00.000Z', update.approval?.hash],
      ])
        expect(request?.words).toContain(words);
    });

    test('once, whoever was cut short before he could write it down', async () => {
      kit.cutAfter();

      const first = await tell(asked(), 'update.awaiting-approval');
      const second = await tell(asked(), 'update.awaiting-approval');

      expect([first.kind, second.kind]).toEqual(['failed', 'sent']);
      expect(kit.seen()).toMatchObject([{ decidable: true }]);
    });

    test.each(outcomes)('and shows %s', async (event, update, words) => {
      await tell(asked(), 'update.awaiting-approval');

      expect(await tell(update, event)).toEqual({ kind: 'sent' });

      const [request, ...more] = kit.seen();
      expect([request?.decidable, more]).toEqual([false, []]);
      for (const word of words) expect(request?.words.toLowerCase()).toContain(word);
    });

    test('not of what has been decided before it came to that', async () => {
      for (const update of [voted(asked(), yes), ...outcomes.map(([, ended]) => ended)])
        expect(await tell(update, 'update.awaiting-approval')).toEqual({ kind: 'sent' });

      expect(kit.seen().filter(({ decidable }) => decidable)).toEqual([]);
    });

    test('and shows how far it has come, if it follows votes', async () => {
      const update = asked({ votes: 2 });
      await tell(update, 'update.awaiting-approval');
      if (kit.requester.followsVotes) await tell(voted(update, yes), 'update.awaiting-approval');

      const shown = kit.requester.followsVotes ? ['1 of 2'] : [];
      expect(kit.seen()).toMatchObject([{ decidable: true }]);
      for (const words of shown) expect(kit.seen()[0]?.words).toContain(words);
    });

    test('again as soon as the other side says it may', async () => {
      kit.refuse(30);

      const refused = await tell(asked(), 'update.awaiting-approval');

      expect(refused).toMatchObject({ kind: 'failed', retryAfterMs: 30_000 });
      for (const secret of kit.secrets) expect(JSON.stringify(refused)).not.toContain(secret);
      expect(kit.seen()).toEqual([]);
      expect(await tell(asked(), 'update.awaiting-approval')).toEqual({ kind: 'sent' });
      expect(kit.seen()).toHaveLength(1);
    });

    test('until it is stopped, which is no failure', async () => {
      kit.silence();
      const stop = new AbortController();
      const told = kit.requester.tell(asked(), 'update.awaiting-approval', stop.signal);
      stop.abort();

      await expect(told).rejects.toThrow();
    });
  });
}
