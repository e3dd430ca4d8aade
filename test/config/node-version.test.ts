import { expect, test } from '@jest/globals';
import { requireNode } from '../../src/config/node-version.ts';

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
