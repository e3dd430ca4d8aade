import { expect, test } from '@jest/globals';
import { sameWorkload, workloadId } from '../../src/core/workload.ts';
import { keyOf } from '../support/builders.ts';

test('a workload is called cluster/namespace/kind/name', () => {
  const key = { cluster: 'eu', namespace: 'shop', kind: 'Deployment', name: 'web' } as const;

  expect(workloadId(key)).toBe('eu/shop/Deployment/web');
});

test.each([
  ['itself', keyOf(), true],
  ['another name', keyOf('other'), false],
  ['another namespace', { ...keyOf(), namespace: 'other' }, false],
  ['another cluster', { ...keyOf(), cluster: 'other' }, false],
])('a workload and %s: the same is %p', (_what, other, same) => {
  expect(sameWorkload(keyOf(), other)).toBe(same);
});
