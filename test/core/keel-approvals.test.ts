import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  annotationsOnly,
  approvalAsked,
  type ApprovalAsked,
  type ApprovalDefaults,
  type ApprovalSources,
} from '../../src/core/approval-rules.ts';
import { targetsOf } from '../../src/core/target.ts';
import type { Workload } from '../../src/core/workload.ts';
import { castVote } from '../../src/flows/vote.ts';
import { anyAnnotations } from '../support/annotations.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { createHarness } from '../support/harness.ts';
import { withPrefix } from '../support/targets.ts';
import { aBallot } from '../support/voters.ts';

type Texts = Readonly<Record<string, string>>;

const legacyKey = 'initializer.kubernetes.io/oga';
const legacyValue = 'slack: {channel: "#ops", approvers: ["@zoe"]}';
const hour = 3_600_000;
const people = ['ann@acme.example', 'bob@acme.example', 'eve@acme.example'];

interface Given {
  readonly keel?: Texts;
  readonly labels?: Texts;
  readonly ours?: Texts;
  readonly legacy?: boolean;
}

/** A workload under Keel's `policy: all`, with these annotations (`keel`, `ours`) and labels, without their prefixes. */
function ruled({ keel = {}, labels = {}, ours = {}, legacy = false }: Given): Workload {
  return aWorkload({
    annotations: {
      ...withPrefix('keel.sh/', { policy: 'all', ...keel }),
      ...withPrefix('updatekate.dev/', ours),
      ...(legacy ? { [legacyKey]: legacyValue } : {}),
    },
    labels: withPrefix('keel.sh/', labels),
  });
}

function asked(given: Given, defaults: ApprovalDefaults = {}): ApprovalAsked {
  return approvalAsked(ruled(given), { ...annotationsOnly, defaultsFor: () => defaults });
}

const votesIn = (said: ApprovalAsked): number => (said.kind === 'rules' ? said.rules.votes : 0);
const none: ApprovalAsked = { kind: 'none' };
const problem = (message: string): ApprovalAsked => ({ kind: 'problem', message });
const approvers = people.join(', ');

describe("Keel's votes", () => {
  test('are asked of those whom we are told, for a day', () => {
    expect(asked({ keel: { approvals: '2' }, ours: { approvers } })).toEqual({
      kind: 'rules',
      rules: { votes: 2, approvers: people, deadlineMs: 24 * hour, requesterMayApprove: false },
    });
  });

  test.each<[string, Given, number]>([
    ['the annotation', { keel: { approvals: '2' } }, 2],
    ['the label', { labels: { approvals: '2' } }, 2],
    ['the label, where it asks for more', { keel: { approvals: '1' }, labels: { approvals: '3' } }, 3],
    ['the annotation, where it asks for more', { keel: { approvals: '3' }, labels: { approvals: '0' } }, 3],
    ['what Go reads as well', { keel: { approvals: ' +02 ' } }, 2],
  ])('are read from %s', (_what, given, votes) => {
    expect(votesIn(asked({ ...given, ours: { approvers } }))).toBe(votes);
  });

  test.each<[string, Texts, Texts]>([
    ['the label', { 'app.kubernetes.io/name': 'shop' }, { 'keel.sh/policy': 'minor' }],
    ['the old name', { 'keel.observer/policy': 'minor' }, {}],
    ['an empty text', { 'keel.sh/policy': '' }, {}],
  ])('count when the policy is in %s', (_what, annotations, labels) => {
    const all = { ...annotations, 'keel.sh/approvals': '2', 'updatekate.dev/approvers': approvers };

    expect(votesIn(approvalAsked(aWorkload({ annotations: all, labels }), annotationsOnly))).toBe(2);
  });

  test.each(['', 'two', '-1', '-0', '21', '1.5', '1e1', '0x1', '1_0', '١', '9'.repeat(400)])(
    'hold the workload when they are %j',
    (approvals) => {
      const why = `"${approvals}" is no number from 0 to 20`;

      expect(asked({ keel: { approvals }, ours: { approvers } })).toEqual(
        problem(`annotation keel.sh/approvals: ${why}`),
      );
      expect(asked({ labels: { approvals }, keel: { approvals: '1' }, ours: { approvers } })).toEqual(
        problem(`label keel.sh/approvals: ${why}`),
      );
    },
  );

  test('hold the workload when nobody is named, and say what to add', () => {
    const what =
      'nobody is named who may approve: add the annotation updatekate.dev/approvers, ' +
      'or approvals with approvers of an environment in UK_CONFIG';

    expect(asked({ keel: { approvals: '2' } })).toEqual(problem(`annotation keel.sh/approvals: ${what}`));
    expect(asked({ labels: { approvals: '1' } }, { votes: 1 })).toEqual(
      problem(`label keel.sh/approvals: ${what}`),
    );
    expect(asked({ keel: { approvals: '1' } }, { votes: 2 })).toEqual(
      problem(
        'annotation updatekate.dev/approvers: 2 approvals are asked for, but nobody is named who may approve',
      ),
    );
  });

  test('hold the workload when there are too few people', () => {
    expect(asked({ labels: { approvals: '2' }, ours: { approvers: 'ann@acme.example' } })).toEqual(
      problem('label keel.sh/approvals: 2 are asked for, but only 1 may approve: ann@acme.example'),
    );
  });

  test('are asked of the approvers of the environment, by their groups as well', () => {
    const settings: ApprovalSources = {
      ...annotationsOnly,
      defaultsFor: () => ({ votes: 0, approvers: ['group:release'], requesterMayApprove: true }),
      groups: new Map([['release', people]]),
    };

    expect(approvalAsked(ruled({ keel: { approvals: '3' } }), settings)).toEqual({
      kind: 'rules',
      rules: { votes: 3, approvers: people, deadlineMs: 24 * hour, requesterMayApprove: true },
    });
  });
});

describe('the votes of several who ask', () => {
  const prod = { votes: 2, approvers: people };
  test.each<[string, Given, ApprovalDefaults, number]>([
    ['ours alone', { keel: { approvals: '3' }, ours: { approvals: '1', approvers } }, prod, 1],
    ['ours alone, though it is 0', { keel: { approvals: '3' }, ours: { approvals: '0' } }, prod, 0],
    [
      'ours, though the others are unreadable',
      { keel: { approvals: 'x' }, ours: { approvals: '1', approvers } },
      {},
      1,
    ],
    ["Keel's, where we only say who", { keel: { approvals: '2' }, ours: { approvers } }, {}, 2],
    ['one, where we say who and Keel 0', { keel: { approvals: '0' }, ours: { approvers } }, {}, 1],
    [
      'one, where we say who and Keel 0, as without Keel',
      { keel: { approvals: '0' }, ours: { approvers } },
      prod,
      1,
    ],
    ["the environment's, if it asks for more", { keel: { approvals: '1' } }, prod, 2],
    ['it also when we say who', { keel: { approvals: '1' }, ours: { approvers } }, prod, 2],
    ["Keel's, if that is more", { keel: { approvals: '3' } }, prod, 3],
    ["the environment's, where Keel has 0", { keel: { approvals: '0' } }, prod, 2],
    ["Keel's, if the first system asks too", { keel: { approvals: '2' }, legacy: true }, {}, 2],
    ["the first system's, where Keel has 0", { keel: { approvals: '0' }, legacy: true }, {}, 1],
    ['the greatest of all three', { keel: { approvals: '1' }, legacy: true }, prod, 2],
    ['none, where all say 0', { keel: { approvals: '0' } }, { votes: 0 }, 0],
    ['none, where only Keel says 0', { keel: { approvals: '0' } }, {}, 0],
  ])('are %s', (_what, given, defaults, votes) => {
    expect(asked(given, defaults)).toMatchObject(votes === 0 ? none : { kind: 'rules', rules: { votes } });
  });

  test("go to the first system's approvers and channel, where it asks too", () => {
    expect(asked({ keel: { approvals: '2' }, legacy: true })).toMatchObject({
      rules: { votes: 2, approvers: ['@zoe'], channel: 'ops' },
    });
  });

  const maybeVotes = fc.constantFrom(undefined, 0, 1, 2, 3, 20);
  const maybe = (name: string, votes: number | undefined): Texts =>
    votes === undefined ? {} : { [name]: String(votes) };

  test('are never fewer than any of them asks for, unless our annotation says so', () => {
    fc.assert(
      fc.property(
        fc.record({ noted: maybeVotes, labelled: maybeVotes, byDefault: maybeVotes, ours: maybeVotes }),
        fc.boolean(),
        ({ noted, labelled, byDefault, ours }, legacy) => {
          const given: Given = {
            keel: maybe('approvals', noted),
            labels: maybe('approvals', labelled),
            ours: maybe('approvals', ours),
            legacy,
          };
          const defaults = { approvers: ['rbac'], ...(byDefault === undefined ? {} : { votes: byDefault }) };
          const withoutKeel = votesIn(asked({ ...given, keel: {}, labels: {} }, defaults));
          const keels = Math.max(noted ?? 0, labelled ?? 0);

          const votes = votesIn(asked(given, defaults));

          if (ours !== undefined) expect(votes).toBe(ours);
          else if (keels === 0) expect(votes).toBe(withoutKeel);
          else expect(votes).toBe(Math.max(keels, byDefault ?? 0, legacy ? 1 : 0));
        },
      ),
    );
  });
});

describe("Keel's deadline", () => {
  const timeOf = (given: Given, defaults: ApprovalDefaults = {}): unknown => {
    const result = asked({ ...given, ours: { approvers, ...given.ours } }, defaults);
    return result.kind === 'rules' ? result.rules.deadlineMs / hour : result;
  };

  test.each<[string, Given, ApprovalDefaults, number]>([
    ['the annotation, in hours', { keel: { approvals: '1', approvalDeadline: '48' } }, {}, 48],
    ['the label', { keel: { approvals: '1' }, labels: { approvalDeadline: '1' } }, {}, 1],
    ['the longest', { keel: { approvals: '1', approvalDeadline: '720' } }, {}, 720],
    ['the shorter', { keel: { approvalDeadline: '9' }, labels: { approvalDeadline: '10' } }, {}, 9],
    [
      'the shorter also as a label',
      { keel: { approvalDeadline: '10' }, labels: { approvalDeadline: '9' } },
      {},
      9,
    ],
    ['before the environment', { keel: { approvalDeadline: '2' } }, { deadlineMs: 4 * hour }, 2],
    ['also where only the first system asks', { keel: { approvalDeadline: '2' }, legacy: true }, {}, 2],
    ['not before ours', { keel: { approvalDeadline: 'x' }, ours: { 'approval-deadline': '3h' } }, {}, 3],
    ['not where it says nothing', { keel: { approvals: '1' } }, { deadlineMs: 4 * hour }, 4],
  ])('is read: %s', (_what, given, defaults, hours) => {
    expect(timeOf(given, defaults)).toBe(hours);
  });

  test.each(['', 'soon', '0', '-1', '721', '24h', '1.5', '9'.repeat(400)])(
    'holds the workload when it is %j',
    (approvalDeadline) => {
      const why = `"${approvalDeadline}" is no number of hours from 1 to 720`;

      expect(timeOf({ keel: { approvals: '1', approvalDeadline } })).toEqual(
        problem(`annotation keel.sh/approvalDeadline: ${why}`),
      );
      expect(asked({ labels: { approvalDeadline } })).toEqual(
        problem(`label keel.sh/approvalDeadline: ${why}`),
      );
    },
  );

  test('asks nobody by itself, and is no fault then, as with Keel', () => {
    expect(asked({ keel: { approvalDeadline: '48' } })).toEqual(none);
    expect(asked({ keel: { approvals: '0', approvalDeadline: '48' } })).toEqual(none);
    expect(asked({ keel: { approvals: '0' }, ours: { 'approval-deadline': '1h' } })).toEqual(none);
  });
});

describe("what is asked where Keel's policy does not count", () => {
  const wrong = { approvals: 'two', approvalDeadline: 'soon' };
  test.each<[string, Given]>([
    ['a policy of ours', { ours: { policy: 'semver' } }],
    ['a policy of ours that cannot be read', { ours: { policy: 'yolo' } }],
    ['a policy of ours for one container', { ours: { 'policy.app': 'none' } }],
    ['a policy of ours for a container that is not there', { ours: { 'policy.web': 'none' } }],
  ])('is nothing under %s', (_what, given) => {
    expect(asked({ ...given, keel: { approvals: '2' } })).toEqual(none);
    expect(asked({ ...given, keel: wrong, labels: wrong })).toEqual(none);
  });

  test('is nothing without a policy', () => {
    const workload = aWorkload({
      annotations: { 'keel.sh/approvals': '2', 'keel.sh/approvalDeadline': 'x' },
    });

    expect(approvalAsked(workload, annotationsOnly)).toEqual(none);
  });

  test('is nothing on the Deployment of the environment, and no less on others', () => {
    const workload = ruled({ keel: { approvals: '2' } });
    const on = (classic: string) =>
      approvalAsked(workload, { ...annotationsOnly, classic: keyOf(classic) }).kind;

    expect([on(workload.key.name), on('other')]).toEqual(['none', 'problem']);
  });

  test('is what the targets say as well, whatever is written on the workload', () => {
    const isPolicyKey = (key: string): boolean =>
      /^(?:keel\.(?:sh|observer)|updatekate\.dev)\/policy/.test(key);
    const only = (texts: Texts): Texts =>
      Object.fromEntries(Object.entries(texts).filter(([key]) => isPolicyKey(key)));

    fc.assert(
      fc.property(anyAnnotations, anyAnnotations, (annotations, labels) => {
        const workload = aWorkload({ annotations: only(annotations), labels: only(labels) });
        const asking = { ...workload, annotations: { ...workload.annotations, 'keel.sh/approvals': 'two' } };
        const isKeels = targetsOf(workload, undefined).some(({ policy }) => policy.text.startsWith('keel: '));

        expect(approvalAsked(asking, annotationsOnly).kind).toBe(isKeels ? 'problem' : 'none');
        expect(targetsOf(asking, undefined).some(({ held }) => held?.includes('keel.sh/approvals'))).toBe(
          isKeels,
        );
      }),
    );
  });
});

test('asked is total: whatever is written on a workload asks for what can be obeyed, nothing, or is told', () => {
  fc.assert(
    fc.property(
      anyAnnotations,
      anyAnnotations,
      fc.string({ unit: 'binary' }),
      (annotations, labels, text) => {
        const all = { ...annotations, 'keel.sh/policy': 'all', 'keel.sh/approvalDeadline': text };
        const result = approvalAsked(aWorkload({ annotations: all, labels }), annotationsOnly);

        if (result.kind === 'problem')
          expect(result.message).toMatch(/^(?:annotation|label) [^\p{C}\p{Zl}\p{Zp}]+$/u);
        if (result.kind === 'rules') {
          const { votes, deadlineMs } = result.rules;
          expect([votes >= 1 && votes <= 20, deadlineMs >= 60_000 && deadlineMs <= 720 * hour]).toEqual([
            true,
            true,
          ]);
        }
      },
    ),
  );
});

test("the gate waits for Keel's votes, and the update is delivered with them and not before", async () => {
  const keel = { approvals: '2', approvalDeadline: '2' };
  const { context, reconciler, ...harness } = createHarness({
    workloads: [ruled({ labels: keel, ours: { approvers } })],
  });
  const { updates } = await harness.push('1.1.0');
  await harness.settle();
  const [name = ''] = updates;
  const record = async () => {
    const stored = await context.store.get(name);
    if (!stored) throw new Error(`no ${name}`);
    return stored.update;
  };
  const vote = async (who: string): Promise<number> => {
    await castVote({ ...context, wake: reconciler.wake }, name, aBallot(await record(), who));
    await harness.settle();
    return harness.cluster.patches.length;
  };

  expect(await record()).toMatchObject({
    phase: 'AwaitingApproval',
    approval: { votes: 2, approvers: people, deadlineAt: '2026-01-01T02:00:00.000Z' },
  });
  expect([await vote('ann'), await vote('bob')]).toEqual([0, 1]);
});

/** What Keel does otherwise with approvals, as docs/migrate-from-keel.md calls it. */
describe('each deviation from Keel', () => {
  const held = { kind: 'problem' };
  const votes = (count: number) => ({ kind: 'rules', rules: { votes: count } });
  test.each<[string, Given, object]>([
    ['Who may approve', { keel: { approvals: '1' } }, held],
    [
      'Approvals in both places',
      { keel: { approvals: '1' }, labels: { approvals: '0' }, ours: { approvers } },
      votes(1),
    ],
    ['Approvals that cannot be read', { keel: { approvals: 'two' }, ours: { approvers } }, held],
    ['Approvals below 0', { keel: { approvals: '-1' }, ours: { approvers } }, held],
    [
      'A deadline that cannot be read, or is 0',
      { keel: { approvals: '1', approvalDeadline: '0' }, ours: { approvers } },
      held,
    ],
    ['More than 20 approvals or 720 hours', { keel: { approvals: '21' }, ours: { approvers: 'rbac' } }, held],
    ['A deadline without approvals', { keel: { approvalDeadline: 'soon' } }, held],
  ])('is in the docs: %s', (title, given, expected) => {
    const docs = readFileSync(new URL('../../docs/migrate-from-keel.md', import.meta.url), 'utf8');

    expect(asked(given)).toMatchObject(expected);
    expect(docs).toContain(`| ${title} `);
  });
});
