import { describe, expect, test } from '@jest/globals';
import { approvalsOf } from '../../../src/config/file/electorate.ts';
import { readConfigFile } from '../../../src/config/file/read.ts';
import { approvalAsked } from '../../../src/core/approval-rules.ts';
import { aWorkload } from '../../support/builders.ts';

const text = `
environments:
  prod:
    namespaces: [shop, till]
    approvals: {votes: 2, approvers: [group:ops, rbac], deadline: 4h, requesterMayApprove: true}
  stage: {namespaces: [test]}
groups:
  ops: [ann@acme.example, token:ci]
`;
const settings = approvalsOf(readConfigFile('uk.yaml', () => text));
const inNamespace = (namespace: string, annotations: Readonly<Record<string, string>> = {}) => {
  const { key, ...rest } = aWorkload({ annotations });
  return { ...rest, key: { ...key, namespace } };
};
const rules = {
  votes: 2,
  approvers: ['ann@acme.example', 'token:ci', 'rbac'],
  deadlineMs: 4 * 3_600_000,
  requesterMayApprove: true,
};

describe('the settings of approvals that a file gives', () => {
  test.each(['shop', 'till'])(
    'are those of the environment in its namespace %s, with people for groups',
    (namespace) => {
      expect(settings.defaultsFor(inNamespace(namespace).key)).toEqual(rules);
    },
  );

  test.each(['test', 'elsewhere', 'constructor', 'prod'])('are none in the namespace %s', (namespace) => {
    expect(settings.defaultsFor(inNamespace(namespace).key)).toEqual({});
  });

  test('are what a workload asks for which says nothing, and only what is left open of one which does', () => {
    const asked = (annotations: Readonly<Record<string, string>>) =>
      approvalAsked(inNamespace('shop', annotations), { legacyKey: 'acme.example/approval', ...settings });

    expect(asked({})).toEqual({ kind: 'rules', rules });
    expect(asked({ 'updatekate.dev/approvals': '1' })).toEqual({
      kind: 'rules',
      rules: { ...rules, votes: 1 },
    });
    expect(asked({ 'updatekate.dev/approvals': '0' })).toEqual({ kind: 'none' });
    expect(asked({ 'updatekate.dev/approvers': 'bob@acme.example group:ops' })).toEqual({
      kind: 'rules',
      rules: { ...rules, votes: 1, approvers: ['bob@acme.example', 'ann@acme.example', 'token:ci'] },
    });
  });

  test('without a file are nothing', () => {
    const { groups, defaultsFor } = approvalsOf(readConfigFile(undefined, () => text));

    expect([groups.size, defaultsFor(inNamespace('shop').key)]).toEqual([0, {}]);
  });
});
