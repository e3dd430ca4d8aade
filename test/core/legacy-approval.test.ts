import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readLegacyApproval, withApprovedBy } from '../../src/core/legacy-approval.ts';
import { hostileTags } from '../support/hostile-tags.ts';

const value = 'slack:\n  channel: "#testoga"\n  approvers: ["@bjhaid"]\n';
const bjhaid = { id: 'bjhaid@oga.com', name: 'bjhaid', fullName: 'Ayodele', email: 'bjhaid@oga.com' };
const missing = (path: string): string =>
  `${path} is missing or wrong: slack.channel is a channel, slack.approvers a list of at least one person`;
const tooMuch = 'is too much: at most 8192 characters and 200 entries are read';
const slack = (channel: unknown, approvers: unknown): string =>
  JSON.stringify({ slack: { channel, approvers } });

describe('readLegacyApproval', () => {
  test.each([
    ['as the first system documents it', value, 'testoga', ['@bjhaid']],
    ['without the signs', slack('testoga', ['bjhaid']), 'testoga', ['@bjhaid']],
    ['of several', slack('#ops', ['@ann', 'bob', 'Eve Adams']), 'ops', ['@ann', '@bob', '@Eve Adams']],
    ['with blanks around', slack(' #ops ', [' @ann ']), 'ops', ['@ann']],
    ['with more in it', `${value}  since: 2017\nnote: {a: [1]}\n`, 'testoga', ['@bjhaid']],
    ['that has been approved before', withApprovedBy(value, [bjhaid]), 'testoga', ['@bjhaid']],
    ['with a long name', slack('ops', ['x'.repeat(250)]), 'ops', [`@${'x'.repeat(250)}`]],
    [
      'of fifty',
      slack(
        'ops',
        Array.from({ length: 50 }, (_, n) => `u${n}`),
      ),
      'ops',
      Array.from({ length: 50 }, (_, n) => `@u${n}`),
    ],
  ])('reads a value %s', (_what, text, channel, approvers) => {
    expect(readLegacyApproval(text)).toEqual({ channel, approvers });
  });

  test.each([
    ['nothing', '', missing('the value')],
    ['a word', 'yes', missing('the value')],
    ['a list', '- slack', missing('the value')],
    ['a map of something else', 'fake: {approvers: [foo], channel: bar}', missing('slack')],
    ['an empty map', 'slack: {}', missing('slack.channel')],
    ['no channel', 'slack: {approvers: ["@ann"]}', missing('slack.channel')],
    ['an empty channel', slack('#', ['ann']), missing('slack.channel')],
    ['two channels', slack('#a #b', ['ann']), missing('slack.channel')],
    ['a channel that is a list', slack(['a'], ['ann']), missing('slack.channel')],
    ['a channel with what cannot be seen', slack('op\u200bs', ['ann']), missing('slack.channel')],
    ['a channel that is too long', slack('x'.repeat(81), ['ann']), missing('slack.channel')],
    ['no approvers', slack('ops', undefined), missing('slack.approvers')],
    ['nobody', slack('ops', []), missing('slack.approvers')],
    ['approvers that are one text', slack('ops', '@ann'), missing('slack.approvers')],
    [
      'fifty-one',
      slack(
        'ops',
        Array.from({ length: 51 }, () => 'ann'),
      ),
      missing('slack.approvers'),
    ],
    ['an approver without a name', slack('ops', ['ann', '@']), missing('slack.approvers.1')],
    ['an approver that is a number', slack('ops', [7]), missing('slack.approvers.0')],
    ['two approvers in one', slack('ops', ['ann, bob']), missing('slack.approvers.0')],
    ['an approver over two lines', slack('ops', ['ann\nbob']), missing('slack.approvers.0')],
    ['an approver with what cannot be seen', slack('ops', ['ann\u202e']), missing('slack.approvers.0')],
    ['a name longer than a record takes', slack('ops', ['x'.repeat(251)]), missing('slack.approvers.0')],
    ['what only a prototype has', '__proto__: {slack: {channel: ops, approvers: [ann]}}', missing('slack')],
    ['no YAML', 'slack: [', 'is no YAML'],
    ['a key twice', `${value}slack: {}`, 'is no YAML'],
    ['two documents', `${value}---\n${value}`, 'is no YAML'],
    ['an alias', 'a: &a ops\nslack: {channel: *a, approvers: [ann]}', 'is no YAML'],
    ['a bomb of aliases', 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nslack: *c', 'is no YAML'],
    ['more than eight kibibytes', `${value}#${'x'.repeat(8192)}`, tooMuch],
    // A parser that runs out of stack may take the process with it.
    ...['[', '{', '- ', '? ', '-\t', '[{a: ', '[,', '? - '].map(
      (mark) => [`thousands of ${JSON.stringify(mark)}`, mark.repeat(8192 / mark.length), tooMuch] as const,
    ),
  ])('cannot read %s', (_what, text, problem) => {
    expect(readLegacyApproval(text)).toBe(problem);
  });
});

describe('withApprovedBy', () => {
  test('writes what the first system wrote, byte for byte', () => {
    expect(withApprovedBy(value, [bjhaid])).toBe(`approved_by: |
  Username: bjhaid, Fullname: Ayodele, Email: bjhaid@oga.com
slack:
  approvers:
  - '@bjhaid'
  channel: '#testoga'
`);
  });

  test('gives each a line, whatever is known of him and whatever is in his name', () => {
    const forged = { id: 'eve', name: 'eve\nUsername: root' };

    const { approved_by } = parse(withApprovedBy(value, [bjhaid, forged])) as { approved_by: string };

    expect(approved_by).toBe(
      'Username: bjhaid, Fullname: Ayodele, Email: bjhaid@oga.com\n' +
        'Username: eve Username: root, Fullname: , Email:\n',
    );
  });

  test('says who approved this time, not the last', () => {
    const ann = { id: 'ann', name: 'ann' };

    expect(withApprovedBy(withApprovedBy(value, [bjhaid]), [ann])).toBe(withApprovedBy(value, [ann]));
  });

  test.each(['', 'slack: [', 'slack: {}', '['.repeat(5000)])('leaves %j as it is', (text) => {
    expect(withApprovedBy(text, [bjhaid])).toBe(text);
  });

  test('keeps everything else that is in it', () => {
    const others = fc.dictionary(
      fc
        .string({ unit: 'grapheme', minLength: 1 })
        .filter((key) => !['slack', 'approved_by', '__proto__'].includes(key)),
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(fc.string()),
      ),
      { maxKeys: 5 },
    );

    fc.assert(
      fc.property(others, (other) => {
        const given = { ...other, slack: { channel: '#ops', approvers: ['@ann'], since: 2017 } };
        const text = JSON.stringify(given);
        fc.pre(typeof readLegacyApproval(text) !== 'string');

        expect(parse(withApprovedBy(text, [bjhaid]))).toEqual({
          ...given,
          approved_by: 'Username: bjhaid, Fullname: Ayodele, Email: bjhaid@oga.com\n',
        });
      }),
    );
  });
});

const anyYaml = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json({ maxDepth: 4 }),
  fc.json().map((json) => slack(json, [json])),
  fc.constantFrom(...hostileTags),
  fc.constantFrom(...hostileTags).map((text) => slack(text, [text])),
  fc
    .array(
      fc.constantFrom('slack', ':', ' ', '\n', '- ', '&a', '*a', '!!set', '[', '}', '"', '#', '|', '? ', 'x'),
      { maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

test('any text is read or has a problem, and what is read can be written and read again', () => {
  fc.assert(
    fc.property(anyYaml, (text) => {
      const read = readLegacyApproval(text);
      const written = withApprovedBy(text, [bjhaid]);

      if (typeof read === 'string') expect([read === '', written]).toEqual([false, text]);
      else expect(readLegacyApproval(written)).toEqual(read);
    }),
    { numRuns: 1000 },
  );
});
