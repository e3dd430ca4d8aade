import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { requireNode, requireNodeForProxy } from '../../src/config/node-version.ts';

test.each([
  '22.19.0',
  '22.20.1',
  '23.0.0',
  '24.0.0',
  '24.21.0',
  '26.1.0',
  '24.0.0-nightly2025',
  process.versions.node,
])('takes Node %s', (version) => {
  expect(() => requireNode(version)).not.toThrow();
});

test.each(['22.18.9', '22.9.0', '20.20.2', '18.0.0', '', 'latest'])('refuses Node %j', (version) => {
  expect(() => requireNode(version)).toThrow(
    expect.objectContaining({
      code: 'bad-config',
      message: `Node ${version} is too old: 22.19 or newer is needed, 24 is best`,
    }),
  );
});

test.each(['22.21.0', '22.30.1', '24.5.0', '24.21.0', '25.0.0', process.versions.node])(
  'takes Node %s with a proxy',
  (version) => {
    expect(() => requireNodeForProxy('HTTPS_PROXY', version)).not.toThrow();
  },
);

test.each(['22.19.0', '22.20.1', '23.11.1', '24.0.0', '24.4.9'])(
  'refuses Node %s with a proxy',
  (version) => {
    expect(() => requireNodeForProxy('HTTPS_PROXY', version)).toThrow(
      expect.objectContaining({
        code: 'bad-config',
        message: `HTTPS_PROXY is set, and Node ${version} knows no proxies: 22.21, 24.5 or newer is needed for that`,
      }),
    );
  },
);

test('package.json and the docs say the same', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const docs = readFileSync('docs/install.md', 'utf8');

  const [, oldest = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  const [major = 0, minor = 0] = oldest.split('.').map(Number);

  expect(() => requireNode(`${oldest}.0`)).not.toThrow();
  expect(() => requireNode(`${major}.${minor - 1}.9`)).toThrow(`: ${oldest} or newer`);
  expect(docs).toContain(`Node ${oldest} or newer is enough, but for a proxy 22.21, 24.5 or newer is needed`);
});
