import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ApprovalRules } from '../../src/core/approval.ts';
import {
  annotationsOnly,
  approvalAsked,
  type ApprovalAsked,
  type ApprovalDefaults,
} from '../../src/core/approval-rules.ts';
import { aWorkload, keyOf } from '../support/builders.ts';
import { hostileTags } from '../support/hostile-tags.ts';
import { withPrefix } from '../support/targets.ts';

const legacyKey = 'initializer.kubernetes.io/oga';
const legacyValue = 'slack: {channel: "#ops", approvers: ["@zoe"]}';
const hour = 3_600_000;

/** What is asked for under these annotations (`oga` = the first system's, others without our prefix). */
function asked(
  { oga, ...ours }: Readonly<Record<string, string | undefined>>,
  defaults: ApprovalDefaults = {},
): ApprovalAsked {
  const said = Object.entries(ours).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, text] as const],
  );
  const annotations = {
    ...withPrefix('updatekate.dev/', Object.fromEntries(said)),
    ...(oga === undefined ? {} : { [legacyKey]: oga }),
  };
  return approvalAsked(aWorkload({ annotations }), { ...annotationsOnly, defaultsFor: () => defaults });
}

const plain = { deadlineMs: 24 * hour, requesterMayApprove: false };
const rules = (different: Partial<ApprovalRules>): ApprovalAsked => ({
  kind: 'rules',
  rules: { ...plain, votes: 1, approvers: ['ann@x', 'bob@x'], ...different },
});
const ours = (text: string): ApprovalAsked => ({
  kind: 'problem',
  message: `annotation updatekate.dev/${text}`,
});
const approvers = 'ann@x, bob@x';
const none: ApprovalAsked = { kind: 'none' };

describe('approvalAsked', () => {
  test.each<[string, Readonly<Record<string, string>>, ApprovalAsked]>([
    ['nothing', {}, none],
    ['nobody', { approvals: '0' }, none],
    ['nobody, though some are named', { approvals: '0', approvers, 'approval-deadline': '1h' }, none],
    ['nobody, before the first system', { approvals: '0', oga: legacyValue }, none],
    ['one of those who are named', { approvers }, rules({})],
    ['two', { approvals: ' 2 ', approvers: 'ann@x bob@x,\n' }, rules({ votes: 2 })],
    ['a name once', { approvers: 'ann@x, ann@x bob@x' }, rules({})],
    [
      'several of a group',
      { approvals: '20', approvers: 'group:ops' },
      rules({ votes: 20, approvers: ['group:ops'] }),
    ],
    [
      'several of a group whose name looks like an address',
      { approvals: '2', approvers: 'group:ops@x' },
      rules({ votes: 2, approvers: ['group:ops@x'] }),
    ],
    [
      'several of whom Kubernetes lets',
      { approvals: '3', approvers: 'rbac' },
      rules({ votes: 3, approvers: ['rbac'] }),
    ],
    ['the shortest time', { approvers, 'approval-deadline': '1m' }, rules({ deadlineMs: 60_000 })],
    ['the longest', { approvers, 'approval-deadline': '30d' }, rules({ deadlineMs: 720 * hour })],
    ['time in parts', { approvers, 'approval-deadline': ' 1d12h ' }, rules({ deadlineMs: 36 * hour })],
    ['the first system', { oga: legacyValue }, rules({ approvers: ['@zoe'], channel: 'ops' })],
    [
      'it, sooner',
      { oga: legacyValue, 'approval-deadline': '1h' },
      rules({ approvers: ['@zoe'], channel: 'ops', deadlineMs: hour }),
    ],
    ['ours before it', { oga: legacyValue, approvers }, rules({})],
    ['ours before it, though it cannot be read', { oga: '[', approvers }, rules({})],
    ['a name of the longest kind', { approvers: 'x'.repeat(253) }, rules({ approvers: ['x'.repeat(253)] })],
  ])('understands who asks for %s', (_what, annotations, expected) => {
    expect(asked(annotations)).toEqual(expected);
  });

  const many = Array.from({ length: 51 }, (_, n) => `u${n}`).join(' ');
  test.each<[string, Readonly<Record<string, string>>, ApprovalAsked]>([
    ...['', 'two', '-1', '21', '1.5', '1e1', '0x1', '١', '001', 'true'].map(
      (text): [string, Readonly<Record<string, string>>, ApprovalAsked] => [
        `approvals: ${text}`,
        { approvals: text, approvers },
        ours(`approvals: "${text}" is no number from 0 to 20`),
      ],
    ),
    ...['', '59s', '30d1ms', '1w', 'soon', '60', '-1h', '999999d'].map(
      (text): [string, Readonly<Record<string, string>>, ApprovalAsked] => [
        `approval-deadline: ${text}`,
        { approvers, 'approval-deadline': text },
        ours(`approval-deadline: "${text}" is no duration from 1m to 30d, such as 4h`),
      ],
    ),
    ['no names', { approvers: ' , ' }, ours('approvers: names nobody')],
    ['no names, once', { approvals: '2', approvers: '' }, ours('approvers: names nobody')],
    ['too many names', { approvers: many }, ours('approvers: names more than 50')],
    [
      'a name that is too long',
      { approvers: 'x'.repeat(254) },
      ours('approvers: has a name that is too long'),
    ],
    [
      'a name that only looks right',
      { approvers: 'rb\u200bac' },
      ours('approvers: has a name with a character that cannot be seen'),
    ],
    [
      'nobody to ask',
      { approvals: '2' },
      ours('approvers: 2 approvals are asked for, but nobody is named who may approve'),
    ],
    [
      'too few to ask',
      { approvals: '5', approvers: 'ann@x ANN@x U0123456789 token:ci kubernetes:bob' },
      ours(
        'approvals: 5 are asked for, but only 4 may approve: ann@x, ANN@x, U0123456789, token:ci, kubernetes:bob',
      ),
    ],
    [
      'a time for nobody',
      { 'approval-deadline': '1h' },
      ours('approval-deadline: nobody is asked: updatekate.dev/approvals says how many must be, 0 for none'),
    ],
    ['nobody and a wrong name', { approvals: '0', approvers: '' }, ours('approvers: names nobody')],
    [
      'a fault of the first system',
      { oga: '' },
      {
        kind: 'problem',
        message: `annotation ${legacyKey}: the value is missing or wrong: slack.channel is a channel, slack.approvers a list of at least one person`,
      },
    ],
    ['what is no YAML', { oga: '{' }, { kind: 'problem', message: `annotation ${legacyKey}: is no YAML` }],
    [
      'everything wrong',
      { approvals: 'x', approvers: '', 'approval-deadline': '\0', oga: '{' },
      ours(
        'approvers: names nobody; annotation updatekate.dev/approvals: "x" is no number from 0 to 20; ' +
          'annotation updatekate.dev/approval-deadline: "\\u{0}" is no duration from 1m to 30d, such as 4h; ' +
          `annotation ${legacyKey}: is no YAML`,
      ),
    ],
  ])('says what is wrong with %s', (_what, annotations, expected) => {
    expect(asked(annotations)).toEqual(expected);
  });

  const prod: ApprovalDefaults = {
    votes: 2,
    approvers: ['group:ops'],
    deadlineMs: 4 * hour,
    requesterMayApprove: true,
  };
  const byDefault = { votes: 2, approvers: ['group:ops'], deadlineMs: 4 * hour, requesterMayApprove: true };
  test.each<[string, Readonly<Record<string, string>>, ApprovalDefaults, ApprovalAsked]>([
    ['holds where nothing is said', {}, prod, rules(byDefault)],
    ['gives way to a number', { approvals: '1' }, prod, rules({ ...byDefault, votes: 1 })],
    ['gives way to 0', { approvals: '0' }, prod, none],
    ['gives way to a time', { 'approval-deadline': '1h' }, prod, rules({ ...byDefault, deadlineMs: hour })],
    [
      'gives way to the first system',
      { oga: legacyValue },
      prod,
      rules({ ...byDefault, votes: 1, approvers: ['@zoe'], channel: 'ops' }),
    ],
    [
      'does not stand in for what is wrong',
      { approvals: 'one' },
      prod,
      ours('approvals: "one" is no number from 0 to 20'),
    ],
    ['may be that nobody is asked', {}, { votes: 0 }, none],
    ['may be that nobody is asked, with a time', { 'approval-deadline': '1h' }, { votes: 0 }, none],
    ['may have approvers alone: nobody is asked', {}, { approvers: ['group:ops'] }, none],
    [
      'gives the approvers to a number',
      { approvals: '2' },
      { approvers: ['group:ops'] },
      rules({ votes: 2, approvers: ['group:ops'] }),
    ],
  ])('the default of the environment %s', (_what, annotations, defaults, expected) => {
    expect(asked(annotations, defaults)).toEqual(expected);
  });

  test('asks for the defaults of the workload that it is about', () => {
    const settings = {
      ...annotationsOnly,
      defaultsFor: ({ name }: { name: string }) => ({ votes: name === 'shop' ? 1 : 0, approvers: ['rbac'] }),
    };

    expect(approvalAsked(aWorkload(), settings).kind).toBe('rules');
    expect(approvalAsked(aWorkload({ key: keyOf('other') }), settings).kind).toBe('none');
  });

  test.each(['constructor', 'toString', 'valueOf'])(
    'an annotation that is called %s is not found where there is none',
    (key) => {
      expect(approvalAsked(aWorkload(), { ...annotationsOnly, legacyKey: key })).toEqual(none);
      expect(
        approvalAsked(aWorkload({ annotations: { [key]: '{' } }), { ...annotationsOnly, legacyKey: key }),
      ).toEqual({
        kind: 'problem',
        message: `annotation ${key}: is no YAML`,
      });
    },
  );
});

describe('any text in the annotations', () => {
  const good = fc.constantFrom('0', '00', '1', '2', '20', 'ann@x', 'group:ops rbac', '1h', '7d', legacyValue);
  const text = fc.oneof(
    good,
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom(...hostileTags),
    fc.constant('x,'.repeat(5000)),
  );
  const maybe = fc.option(text, { nil: undefined });
  const annotations = fc.record({
    approvals: maybe,
    approvers: maybe,
    'approval-deadline': maybe,
    oga: maybe,
  });

  test('gives rules that can be obeyed or a problem in words; nothing only where nothing or 0 is said', () => {
    fc.assert(
      fc.property(annotations, (said) => {
        const result = asked(said);

        if (result.kind === 'none') {
          const isNothing = Object.values(said).every((value) => value === undefined);
          expect(isNothing || /^\s*00?\s*$/.test(said.approvals ?? '')).toBe(true);
        }
        if (result.kind === 'problem') {
          expect(result.message).toMatch(/^annotation (?:updatekate\.dev\/approv|initializer\.)/);
          expect(result.message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
        if (result.kind === 'rules') {
          const { votes, approvers: named, deadlineMs, channel = '' } = result.rules;
          expect([votes >= 1 && votes <= 20, named.length >= 1 && named.length <= 50]).toEqual([true, true]);
          expect(deadlineMs >= 60_000 && deadlineMs <= 720 * hour).toBe(true);
          // The record takes no longer ones.
          for (const name of [...named, channel]) expect(name.length).toBeLessThanOrEqual(253);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('does not let one fault be covered by anything else', () => {
    const bad = fc.constantFrom<readonly [string, string]>(
      ['approvals', 'two'],
      ['approvers', ','],
      ['approval-deadline', '5s'],
    );

    fc.assert(
      fc.property(annotations, bad, fc.boolean(), (said, [name, value], isProd) => {
        const defaults = isProd ? { votes: 1, approvers: ['rbac'] } : {};

        expect(asked({ ...said, [name]: value }, defaults).kind).toBe('problem');
      }),
    );
  });
});
