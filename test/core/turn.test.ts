import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askedFor, isReleased, type Vote } from '../../src/core/approval.ts';
import { isEnd, transitions, type Phase } from '../../src/core/phases.ts';
import { turnOf, type Turn } from '../../src/core/turn.ts';
import type { Update } from '../../src/core/update.ts';
import { anUpdate } from '../support/builders.ts';
import { closeTags } from '../support/tags.ts';

interface Wish {
  readonly tag?: string;
  readonly from?: string;
  readonly containers?: readonly string[];
  readonly policy?: string;
  readonly phase?: Phase;
  /** How many of the two who are asked have said yes; undefined = nobody is asked. */
  readonly yes?: number | undefined;
}

const rules = { votes: 2, approvers: ['rbac'], deadlineMs: 3_600_000, requesterMayApprove: false };
const vote = (n: number): Vote => ({
  ...{ by: { id: `p${n}`, name: `p${n}` }, vote: 'approve', at: '2026-01-01T00:00:00Z', via: 'api' },
});

/** An update called `name`, created `second` seconds after the others began. */
function wish(name: string, second: number, different: Wish = {}): Update {
  const {
    tag = '1.1.0',
    from = '1.0.0',
    containers = ['app'],
    policy = 'semver',
    phase = 'Pending',
    yes,
  } = different;
  const image = 'quay.io/acme/shop';
  const moves = containers.map((container) => ({
    ...{ container, init: false },
    ...{ from: `${image}:${from}`, to: `${image}:${tag}` },
  }));
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const update = anUpdate({ name, tag, moves, policy, phase, createdAt });
  if (yes === undefined) return update;
  const given = Array.from({ length: yes }, (_, n) => vote(n));
  return { ...update, approval: { ...askedFor(update, rules, new Date(createdAt)), given } };
}

/** Asked, and not enough have said yes. */
const asking = { phase: 'AwaitingApproval', yes: 1 } as const;
/** Asked, and enough have. */
const released = { phase: 'AwaitingApproval', yes: 2 } as const;

function waitsForPeople({ phase, approval }: Update): boolean {
  return phase === 'AwaitingApproval' && !(approval && isReleased(approval));
}

/** A turn as text: what kind, and whom it names. */
function said(turn: Turn): string {
  switch (turn.kind) {
    case 'go':
      return ['go', ...turn.supersedes.map(({ name }) => name)].join(' ');
    case 'wait':
      return [`wait ${turn.for.name}`, ...turn.supersedes.map(({ name }) => name)].join(' ');
    case 'superseded':
      return `superseded ${turn.by.name}`;
  }
}

const turns = (updates: readonly Update[]): readonly string[] =>
  updates.map((update) => said(turnOf(update, updates)));

describe('turnOf', () => {
  test.each<[string, readonly Update[], readonly string[]]>([
    ['one alone goes', [wish('a', 1)], ['go']],
    [
      'the higher version supersedes the lower, though it came first',
      [wish('a', 1, { tag: '1.2.0' }), wish('b', 2, { tag: '1.1.0' })],
      ['go b', 'superseded a'],
    ],
    [
      'the higher version supersedes the lower that came first',
      [wish('a', 1, { tag: '1.1.0' }), wish('b', 2, { tag: '1.2.0' })],
      ['superseded b', 'go a'],
    ],
    ['of the same tag the later push counts', [wish('a', 1), wish('b', 2)], ['superseded b', 'go a']],
    [
      'of two made at the same moment the name decides',
      [wish('b', 1), wish('a', 1)],
      ['go a', 'superseded b'],
    ],
    [
      'a policy that is no longer understood leaves the order of arrival',
      [wish('a', 1, { tag: '1.2.0', policy: 'gone' }), wish('b', 2, { policy: 'gone' })],
      ['superseded b', 'go a'],
    ],
    [
      'so does a policy without an order',
      [wish('a', 1, { tag: '1.2.0', policy: 'none' }), wish('b', 2, { policy: 'none' })],
      ['superseded b', 'go a'],
    ],
    [
      'so does a running tag that compares with nothing',
      [wish('a', 1, { tag: '1.2.0', from: 'latest' }), wish('b', 2, { from: 'latest' })],
      ['superseded b', 'go a'],
    ],
    [
      'an update that moves nothing has no order either',
      [wish('a', 1, { containers: [] }), wish('b', 2, { containers: [] })],
      ['superseded b', 'go a'],
    ],
    [
      'different containers queue in the order they came',
      [wish('a', 1, { containers: ['web'] }), wish('b', 2, { containers: ['proxy'] })],
      ['go', 'wait a'],
    ],
    [
      'a wish for one of two containers does not supersede both',
      [wish('a', 1, { containers: ['web', 'proxy'] }), wish('b', 2, { tag: '1.2.0', containers: ['web'] })],
      ['go', 'wait a'],
    ],
    [
      'a wish for both supersedes that for one',
      [wish('a', 1, { containers: ['web'] }), wish('b', 2, { tag: '1.2.0', containers: ['proxy', 'web'] })],
      ['superseded b', 'go a'],
    ],
    [
      'what is in flight is finished first, though a newer tag is there',
      [wish('a', 1, { phase: 'RollingOut' }), wish('b', 2, { tag: '2.0.0' })],
      ['go', 'wait a'],
    ],
    [
      'the prefix that runs decides between equal versions, as the later wish sees it',
      [wish('a', 1, { tag: '1.1.0', from: '1.0.0' }), wish('b', 2, { tag: 'v1.1.0', from: 'v1.0.0' })],
      ['superseded b', 'go a'],
    ],
    [
      'the policy of the later wish decides',
      [wish('a', 1, { tag: '1.2.0', policy: 'semver' }), wish('b', 2, { tag: '1.1.0', policy: 'none' })],
      ['superseded b', 'go a'],
    ],
    [
      'a newer tag supersedes older ones also while another is in flight',
      [wish('a', 1, { phase: 'RollingOut' }), wish('b', 2), wish('c', 3, { tag: '1.2.0' })],
      ['go', 'superseded c', 'wait a b'],
    ],
    [
      'who waits for people holds up nobody',
      [wish('a', 1, { ...asking, containers: ['web'] }), wish('b', 2, { containers: ['proxy'] })],
      ['go', 'go'],
    ],
    [
      'who waits for people and was never put to the vote neither',
      [
        wish('a', 1, { phase: 'AwaitingApproval', containers: ['web'] }),
        wish('b', 2, { containers: ['proxy'] }),
      ],
      ['go', 'go'],
    ],
    [
      'who has been released is one in the queue',
      [wish('a', 1, { ...released, containers: ['web'] }), wish('b', 2, { containers: ['proxy'] })],
      ['go', 'wait a'],
    ],
    [
      'who has been released later still came first',
      [wish('a', 1, { containers: ['web'] }), wish('b', 2, { ...released, containers: ['proxy'] })],
      ['go', 'wait a'],
    ],
    [
      'a newer tag that waits for people supersedes an older one that does not',
      [wish('a', 1), wish('b', 2, { ...asking, tag: '1.2.0' })],
      ['superseded b', 'go a'],
    ],
    [
      'a newer tag supersedes what people have released, but is not delivered',
      [wish('a', 1, released), wish('b', 2, { tag: '1.2.0' })],
      ['superseded b', 'go a'],
    ],
    [
      'what people have released and is delivered is finished first',
      [wish('a', 1, { phase: 'Delivering', yes: 2 }), wish('b', 2, { ...asking, tag: '1.2.0' })],
      ['go', 'wait a'],
    ],
  ])('%s', (_what, updates, expected) => {
    expect(turns(updates)).toEqual(expected);
  });

  test('what has ended counts no more', () => {
    const [ended, update] = [wish('a', 1, { tag: '9.0.0', phase: 'Failed' }), wish('b', 2)];

    const turn = turnOf(update, [ended, update]);

    expect(said(turn)).toBe('go');
  });

  test('does not need to find itself among the others', () => {
    const [update, other] = [wish('a', 1), wish('b', 2, { tag: '1.0.1' })];

    const turn = turnOf(update, [other]);

    expect(said(turn)).toBe('go b');
  });
});

/** What has not been delivered: where it is, and who has said what. */
type Wait = Required<Pick<Wish, 'phase' | 'yes'>>;
const ready = fc.constantFrom<Wait>(
  { phase: 'Pending', yes: undefined },
  { phase: 'Scheduled', yes: undefined },
  { phase: 'Scheduled', yes: 2 },
  released,
);
const pending = fc.oneof(ready, fc.constantFrom<Wait>(asking, { phase: 'AwaitingApproval', yes: undefined }));
const flying = fc.constantFrom<Phase>('Delivering', 'RollingOut', 'Verifying');
const ended = fc.constantFrom(...(Object.keys(transitions) as Phase[]).filter(isEnd));
const containers = fc.constantFrom([], ['web'], ['proxy'], ['web', 'proxy'], ['init', 'web']);

/** Up to eight updates, each made from one of `wishes`. */
function updatesOf(wishes: fc.Arbitrary<Wish>): fc.Arbitrary<readonly Update[]> {
  return fc
    .array(fc.tuple(fc.nat(5), wishes), { minLength: 1, maxLength: 8 })
    .map((rows) => rows.map(([second, different], index) => wish(`up-${index}`, second, different)));
}

/** Does what the turns say, one update after the other, until one may go. */
function play(updates: readonly Update[]): { readonly open: readonly Update[]; readonly rounds: number } {
  let open = updates.filter(({ phase }) => !isEnd(phase));
  for (let rounds = 0; rounds <= updates.length; rounds++) {
    const superseded = open.find((update) => turnOf(update, open).kind === 'superseded');
    if (!superseded) return { open, rounds };
    open = open.filter((update) => update !== superseded);
  }
  return { open, rounds: Infinity };
}

describe('of all updates of a workload', () => {
  test('exactly one pending for the same containers goes, it supersedes all others, and they agree', () => {
    const current = fc.tuple(closeTags, fc.constantFrom('semver', 'minor', 'none', 'gone'));
    const sets = current.chain(([from, policy]) =>
      updatesOf(fc.tuple(closeTags, pending).map(([tag, wait]) => ({ tag, ...wait, from, policy }))),
    );

    fc.assert(
      fc.property(sets, (updates) => {
        const kinds = updates.map((update) => turnOf(update, updates));

        const going = kinds.filter((turn) => turn.kind === 'go');
        expect(going).toHaveLength(1);
        expect(going[0]?.supersedes).toHaveLength(updates.length - 1);
        expect(kinds.filter(({ kind }) => kind === 'superseded')).toHaveLength(updates.length - 1);
      }),
      { numRuns: 500 },
    );
  });

  /** Updates of whatever containers, policies and running tags, each waiting for what `waits` says. */
  const mixed = (waits: fc.Arbitrary<Wait>): fc.Arbitrary<readonly Update[]> =>
    updatesOf(
      fc
        .record({
          tag: closeTags,
          from: fc.oneof(closeTags, fc.constant('latest')),
          policy: fc.constantFrom('semver', 'patch', 'none', 'gone'),
          containers,
          wait: waits,
        })
        .map(({ wait, ...wished }) => ({ ...wished, ...wait })),
    );
  const goes = (updates: readonly Update[]) =>
    updates.filter((update) => turnOf(update, updates).kind === 'go');
  const isReady = (update: Update): boolean => !waitsForPeople(update);

  test('never two go of those that do not wait for people', () => {
    fc.assert(
      fc.property(mixed(pending), (updates) => {
        expect(goes(updates).filter(isReady).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('never two go at all where nobody waits for people', () => {
    fc.assert(
      fc.property(mixed(ready), (updates) => {
        expect(goes(updates).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('of two, never both give way to each other, and both go only if one of them waits for people', () => {
    fc.assert(
      fc.property(mixed(pending), (updates) => {
        const pair = updates.slice(0, 2);

        const going = goes(pair);

        expect(going.length).toBeGreaterThanOrEqual(1);
        if (going.length === 2) expect(going.every(isReady)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('nobody waits for ever: with the superseded gone, the first that is ready goes, the next wait for it alone', () => {
    fc.assert(
      fc.property(mixed(pending), (updates) => {
        const { open, rounds } = play(updates);

        const queue = open.filter(isReady);
        const came = ({ createdAt, name }: Update): string => `${createdAt} ${name}`;
        const first = queue.reduce<Update | undefined>(
          (one, other) => (one && came(one) < came(other) ? one : other),
          undefined,
        );
        expect(goes(queue)).toEqual(first ? [first] : []);
        for (const update of open) {
          const turn = turnOf(update, open);
          // Who waits for people is let through to them, unless he came after somebody who is ready.
          if (turn.kind === 'wait')
            expect([isReady(turn.for), came(turn.for) < came(update)]).toEqual([true, true]);
          else expect(isReady(update) ? update : turn.kind).toBe(isReady(update) ? first : 'go');
        }
        expect(open.length).toBeGreaterThan(0);
        expect(rounds).toBeLessThan(updates.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("who waits for people changes nobody else's turn, unless it is the newer wish", () => {
    fc.assert(
      fc.property(mixed(pending), (updates) => {
        const queue = updates.filter(isReady);
        for (const update of queue) {
          const turn = turnOf(update, updates);
          if (turn.kind === 'superseded' && waitsForPeople(turn.by)) continue;
          const alone = turnOf(update, queue);

          expect(turn.kind).toBe(alone.kind);
          if (turn.kind === 'wait' && alone.kind === 'wait') expect(alone.for.name).toBe(turn.for.name);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('both sides agree on who is superseded', () => {
    fc.assert(
      fc.property(mixed(pending), (updates) => {
        for (const update of updates) {
          const turn = turnOf(update, updates);
          if (turn.kind === 'superseded') expect(turnOf(turn.by, [update]).kind).toBe('go');
          else for (const loser of turn.supersedes) expect(turnOf(loser, updates).kind).toBe('superseded');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is in flight goes on, and changes who goes, never who is superseded', () => {
    const flights = fc.array(fc.tuple(flying, fc.constantFrom(undefined, 2), fc.nat(9)), {
      minLength: 1,
      maxLength: 2,
    });

    fc.assert(
      fc.property(mixed(pending), flights, (updates, rows) => {
        const busy = rows.map(([phase, yes, second], n) =>
          wish(`busy-${n}`, second, { phase, yes, tag: '9.0.0' }),
        );
        const all = [...updates, ...busy];

        for (const one of busy) expect(turnOf(one, all)).toEqual({ kind: 'go', supersedes: [] });
        for (const update of updates) {
          const [without, turn] = [turnOf(update, updates), turnOf(update, all)];
          const { name } = busy[0] ?? {};
          if (without.kind === 'superseded') expect(turn).toEqual(without);
          else expect(turn).toMatchObject({ kind: 'wait', for: { name }, supersedes: without.supersedes });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what has ended changes nothing', () => {
    const dead = updatesOf(fc.record({ tag: closeTags, containers, phase: ended }));

    fc.assert(
      fc.property(mixed(pending), dead, (updates, gone) => {
        const all = [...gone.map((one) => ({ ...one, name: `dead-${one.name}` })), ...updates];

        expect(updates.map((update) => turnOf(update, all))).toEqual(
          updates.map((update) => turnOf(update, updates)),
        );
      }),
    );
  });
});
