import { expect, test } from '@jest/globals';
import { troubled, without, type DatedPod } from '../../src/core/old-pods.ts';
import type { PodContainer } from '../../src/core/workload.ts';

const aPod = (name: string, different: Partial<PodContainer> = {}, createdAt?: string): DatedPod => ({
  ...{ name, ...(createdAt === undefined ? {} : { createdAt }) },
  containers: [
    {
      ...{ name: 'app', image: 'quay.io/acme/shop:1', waitingReason: undefined, waitingMessage: undefined },
      ...{ restarts: 0, ...different },
    },
  ],
});

test.each<[string, boolean, Partial<PodContainer>]>([
  ['runs', false, {}],
  ['is being made', false, { waitingReason: 'ContainerCreating' }],
  ['waits for its init containers', false, { waitingReason: 'PodInitializing' }],
  ['was restarted, and runs', true, { restarts: 1 }],
  ['crashes', true, { waitingReason: 'CrashLoopBackOff', restarts: 3 }],
  ['could not pull once', true, { waitingReason: 'ErrImagePull' }],
])('a pod that %s is in trouble: %p', (_what, isTroubled, container) => {
  const pods = [aPod('shop-1', container), aPod('shop-2')];

  expect(without(pods, troubled(pods, undefined))).toEqual(isTroubled ? pods.slice(1) : pods);
});

test('a pod with the name of another, made later, is not that one', () => {
  const old = troubled([aPod('db-0', { restarts: 5 }, '2026-01-01T00:00:00Z')], undefined);
  const next = aPod('db-0', {}, '2026-01-01T00:01:00Z');

  expect(without([next], old)).toEqual([next]);
  expect(without([aPod('db-0', {}, '2026-01-01T00:00:00Z')], old)).toEqual([]);
});

test.each([
  ['before', '2026-01-01T00:00:59Z', true],
  ['in the second of', '2026-01-01T00:01:00Z', false],
  ['after', '2026-01-01T00:01:01+00:00', false],
  ['nobody knows when, maybe before', undefined, true],
])('a pod in trouble that was made %s the change is old: %p', (_what, createdAt, isOld) => {
  const pod = aPod('shop-1', { restarts: 5 }, createdAt);

  expect(troubled([pod], '2026-01-01T00:01:00Z').size).toBe(isOld ? 1 : 0);
});
