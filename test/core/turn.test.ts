import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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
}

/** An update called `name`, created `second` seconds after the others began. */
function wish(name: string, second: number, different: Wish = {}): Update {
  const {
    tag = '1.1.0',
    from = '1.0.0',
    containers = ['app'],
    policy = 'semver',
    phase = 'Pending',
  } = different;
  const image = 'quay.io/acme/shop';
  const moves = containers.map((container) => ({
    ...{ container, init: false },
    ...{ from: `${image}:${from}`, to: `${image}:${tag}` },
  }));
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return anUpdate({ name, tag, moves, policy, phase, createdAt });
}

/** A turn as text: what kind, and whom it names. */
function said(turn: Turn): string {
  switch (turn.kind) {
    case 'go':
      return ['go', ...turn.supersedes.map(({ name }) => name)].join(' ');
    case 'wait':
      return `wait ${turn.for.name}`;
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

const pending = fc.constantFrom<Phase>('Pending', 'AwaitingApproval', 'Scheduled');
const anyPhase = fc.constantFrom(...(Object.keys(transitions) as Phase[]));
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
      updatesOf(fc.record({ tag: closeTags, phase: pending }).map((one) => ({ ...one, from, policy }))),
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

  const mixed = updatesOf(
    fc.record({
      tag: closeTags,
      from: fc.oneof(closeTags, fc.constant('latest')),
      policy: fc.constantFrom('semver', 'patch', 'none', 'gone'),
      containers,
      phase: pending,
    }),
  );

  test('never two pending ones go, whatever their containers, policies and running tags', () => {
    fc.assert(
      fc.property(mixed, (updates) => {
        const going = updates.filter((update) => turnOf(update, updates).kind === 'go');

        expect(going.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('of two, never both give way to each other', () => {
    fc.assert(
      fc.property(mixed, (updates) => {
        const pair = updates.slice(0, 2);

        const going = pair.filter((update) => turnOf(update, pair).kind === 'go');

        expect(going).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('nobody waits for ever: when the superseded are gone, exactly one goes', () => {
    fc.assert(
      fc.property(mixed, (updates) => {
        const { open, rounds } = play(updates);

        const going = open.filter((update) => turnOf(update, open).kind === 'go');
        expect(going).toHaveLength(1);
        expect(rounds).toBeLessThan(updates.length);
      }),
      { numRuns: 1000 },
    );
  });

  test('none begins while one is in flight', () => {
    const sets = updatesOf(fc.record({ tag: closeTags, containers, phase: anyPhase }));

    fc.assert(
      fc.property(sets, fc.integer({ min: 0, max: 9 }), (updates, second) => {
        const all = [...updates, wish('busy', second, { phase: 'Delivering' })];

        const beginning = all.filter(
          ({ phase }) => !isEnd(phase) && transitions[phase].includes('Delivering'),
        );

        expect(beginning.map((update) => turnOf(update, all).kind)).toEqual(beginning.map(() => 'wait'));
      }),
    );
  });
});
