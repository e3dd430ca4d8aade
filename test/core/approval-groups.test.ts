import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expandGroups } from '../../src/core/approval-groups.ts';
import { annotationsOnly, approvalAsked, type ApprovalSettings } from '../../src/core/approval-rules.ts';
import { aWorkload } from '../support/builders.ts';

const groups = new Map([
  ['release', ['ann@acme.example', 'bob@acme.example']],
  ['constructor', ['token:ci']],
]);

describe('a list of approvers', () => {
  test.each([
    [['group:release'], ['ann@acme.example', 'bob@acme.example']],
    [
      ['rbac', 'group:release', 'ann@acme.example', 'token:x'],
      ['rbac', 'ann@acme.example', 'bob@acme.example', 'token:x'],
    ],
    [['Group:RELEASE'], ['ann@acme.example', 'bob@acme.example']],
    [['group:constructor'], ['token:ci']],
    [
      ['group:release:eu', 'group:', 'release', 'group:toString'],
      ['group:release:eu', 'group:', 'release', 'group:toString'],
    ],
    [[], []],
  ])('%j is %j', (approvers, expected) => {
    expect(expandGroups(approvers, groups)).toEqual(expected);
  });

  test('without groups stays as it is, but for what is there twice', () => {
    expect(expandGroups(['group:release', 'rbac', 'rbac'])).toEqual(['group:release', 'rbac']);
  });

  test('whatever it says, gains nobody but people of its groups, loses nobody, and needs no second look', () => {
    const entry = fc.oneof(fc.string(), fc.constantFrom('group:release', 'GROUP:release', 'rbac', 'group:x'));

    fc.assert(
      fc.property(fc.array(entry), (approvers) => {
        const expanded = expandGroups(approvers, groups);

        const named = approvers.filter((one) => !/^group:(?:release|constructor)$/i.test(one));
        expect(expanded).toEqual(expect.arrayContaining(named));
        const strangers = expanded.filter((one) => !approvers.includes(one));
        expect([...groups.values()].flat()).toEqual(expect.arrayContaining(strangers));
        expect(expandGroups(expanded, groups)).toEqual(expanded);
      }),
    );
  });
});

describe('what a workload asks for', () => {
  const settings: ApprovalSettings = { ...annotationsOnly, groups };
  const asked = (annotations: Readonly<Record<string, string>>, by: ApprovalSettings = settings) =>
    approvalAsked(aWorkload({ annotations }), by);
  const approvers = (text: string): Readonly<Record<string, string>> => ({
    'updatekate.dev/approvers': text,
  });

  test('names the people of a group, by its annotation and by the defaults', () => {
    const people = expect.objectContaining({ approvers: ['ann@acme.example', 'bob@acme.example'] });
    const defaultsFor = () => ({ votes: 1, approvers: ['group:release'] });

    expect(asked(approvers('group:release'))).toEqual({ kind: 'rules', rules: people });
    expect(asked({}, { ...settings, defaultsFor })).toEqual({ kind: 'rules', rules: people });
  });

  test('is a problem when its groups have fewer people than votes', () => {
    expect(asked({ ...approvers('group:release'), 'updatekate.dev/approvals': '3' })).toEqual({
      kind: 'problem',
      message:
        'annotation updatekate.dev/approvals: 3 are asked for, but only 2 may approve: ann@acme.example, bob@acme.example',
    });
  });

  test('is a problem when more than 50 would be asked, and none when it is exactly 50', () => {
    const crowd = (size: number) =>
      new Map([['crowd', Array.from({ length: size }, (_one, index) => `p${index}@acme.example`)]]);

    expect(asked(approvers('rbac group:crowd'), { ...settings, groups: crowd(49) }).kind).toBe('rules');
    expect(asked(approvers('rbac group:crowd'), { ...settings, groups: crowd(50) })).toEqual({
      kind: 'problem',
      message: 'annotation updatekate.dev/approvers: names more than 50, with the people of its groups',
    });
  });
});
