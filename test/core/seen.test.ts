import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  fingerprint,
  firstSeen,
  isChangeThread,
  seenFingerprint,
  seenOf,
  threadOf,
} from '../../src/core/seen.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { aWatched } from '../support/change-harness.ts';

describe('what is seen of a workload', () => {
  test('is what its next state is compared with', () => {
    const workload = aWatched({ generation: 7, set: { restartedAt: '2026-01-01T00:00:00Z' } });

    expect(seenOf(workload, 'MODIFIED')).toEqual({
      ...{ type: 'MODIFIED', containers: workload.containers, uid: 'uid-1', generation: 7 },
      ...{ team: 'checkout', scale: 2, template: 't1', restartedAt: '2026-01-01T00:00:00Z' },
    });
  });

  test('has nothing of what it has not', () => {
    const { team, traits, ...rest } = aWatched();
    expect([team, traits?.template]).toEqual(['checkout', 't1']);

    expect(seenOf(rest, 'ADDED')).toEqual({
      ...{ type: 'ADDED', containers: rest.containers, uid: 'uid-1', generation: 1 },
    });
    expect(
      seenOf({ ...rest, traits: { template: 't1', setBy: { images: {} } } }, 'ADDED'),
    ).not.toHaveProperty('scale');
  });

  test('at first is no failure; what is not well then is one that nobody is told of', () => {
    const workload = aWatched();

    expect(firstSeen(workload, true)).toEqual(seenOf(workload, 'ADDED'));
    expect(firstSeen(workload, false)).toEqual({
      ...seenOf(workload, 'ADDED'),
      failed: { of: fingerprint(workload), thread: threadOf(workload), silent: true },
    });
  });
});

describe('the fingerprint of a state', () => {
  test.each([
    ['another image', { image: 'quay.io/acme/shop:2.0.0' }, false],
    ['another template', { set: { template: 't2' } }, false],
    ['a restart', { set: { restartedAt: 'now' } }, false],
    ['more pods', { set: { scale: 9 } }, true],
    ['another generation', { generation: 9 }, true],
    ['another status', { status: { replicas: 0, updated: 0, available: 0 } }, true],
    ['another setter', { set: { setBy: { images: { app: 'ann' } } } }, true],
  ])('with %s: the same is %p for what its pods are made of', (_what, different, isSame) => {
    expect(fingerprint(aWatched(different)) === fingerprint(aWatched())).toBe(isSame);
  });

  test('of images alone is there where nobody reads more', () => {
    const { traits, ...rest } = aWatched();

    expect(fingerprint(rest)).not.toBe(fingerprint({ ...rest, ...(traits ? { traits } : {}) }));
  });

  test.each([
    ['with a restart', aWatched({ set: { restartedAt: 'now' } })],
    ['without one', aWatched()],
  ])('is that of what was seen of it, %s', (_what, workload) => {
    const seen = seenOf(workload, 'MODIFIED');
    const { type, containers } = seen;

    expect(seenFingerprint(seen)).toBe(fingerprint(workload));
    expect(seenFingerprint({ type, containers })).toBeUndefined();
  });

  test('does not run names and images into each other', () => {
    const texts = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 4 });
    const of = (pairs: readonly (readonly [string, string])[]): string =>
      fingerprint(aWatched({ containers: pairs.map(([name, image]) => ({ name, image, init: false })) }));

    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(of(one) === of(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('the thread of a rollout', () => {
  test('is a name that Kubernetes takes, and says nothing', () => {
    expect(threadOf(aWatched())).toMatch(/^ch-[0-9a-f]{24}$/);
  });

  test.each([
    ['of another workload', { key: keyOf('till') }],
    ['of another namespace', { key: { ...keyOf(), namespace: 'till' } }],
    ['of the next workload of that name', { uid: 'uid-2' }],
    ['of the same as long ago', { generation: 9 }],
    ['of the next image', { image: 'quay.io/acme/shop:2.0.0' }],
  ])('%s is another', (_what, different) => {
    expect(threadOf(aWatched(different))).not.toBe(threadOf(aWatched()));
  });
});

test('the thread of a change is told from that of an update', () => {
  expect(isChangeThread(threadOf(aWatched()))).toBe(true);
  expect(isChangeThread(anUpdate().name)).toBe(false);
});
