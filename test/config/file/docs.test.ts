import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readConfigFile } from '../../../src/config/file/read.ts';

const page = readFileSync('docs/configuration-file.md', 'utf8');
const [sample = '', clusters = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
const path = '/etc/updatekate/updatekate.yaml';

test('the sample of the docs is read as they say', () => {
  expect(readConfigFile(path, () => sample)).toEqual({
    environments: {
      prod: {
        namespaces: ['shop', 'till'],
        approvals: { votes: 2, approvers: ['group:release', 'boss@acme.example'], deadlineMs: 14_400_000 },
      },
      staging: {
        namespaces: ['shop-staging'],
        approvals: { votes: 1, approvers: ['group:release', 'group:dev'], requesterMayApprove: true },
      },
      playground: { namespaces: ['sandbox'] },
    },
    ...{ notifiers: {}, clusters: {}, watch: {} },
    groups: {
      release: ['ann@acme.example', 'bob@acme.example', 'U024BE7LH'],
      dev: ['token:ci', 'kubernetes:alice'],
    },
  });
});

test('the sample of clusters is read as it says', () => {
  expect(readConfigFile(path, () => clusters)).toMatchObject({
    clusters: {
      east: { kubeconfig: '/etc/updatekate/east.yaml' },
      west: { kubeconfig: '/etc/updatekate/west.yaml', context: 'admin' },
    },
    watch: { default: ['shop', 'till'], east: 'all', west: ['shop'] },
  });
});

test('the sample says something of every key there is', () => {
  const keys = (value: unknown): readonly string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)])
      : [];

  expect(keys(parse(sample))).toEqual(
    expect.arrayContaining([
      ...['environments', 'groups', 'namespaces', 'approvals'],
      ...['votes', 'approvers', 'deadline', 'requesterMayApprove'],
    ]),
  );
});

test('the faults that the docs show are told so', () => {
  const faulty = sample.replace('    approvals:', '    aprovals:').replace('[shop-staging]', '[shop]');

  expect(page).toContain('updatekate: /etc');
  expect(() => readConfigFile(path, () => faulty)).toThrow(
    expect.objectContaining({
      code: 'bad-config',
      message: /```\nupdatekate: (.*?)\n```/s.exec(page)?.[1],
    }),
  );
});
