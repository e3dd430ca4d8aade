import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isEnd, transitions, type Phase } from '../../src/core/phases.ts';
import {
  enter,
  isOpen,
  newUpdate,
  updateName,
  type ImageMove,
  type Announcement,
  type Update,
  type UpdateIdentity,
} from '../../src/core/update.ts';
import { anUpdate, keyOf } from '../support/builders.ts';
import { anyTags } from '../support/tags.ts';

const phases = Object.keys(transitions) as Phase[];
const move: ImageMove = {
  ...{ container: 'app', init: false },
  ...{ from: 'quay.io/acme/shop:1.0.0', to: 'quay.io/acme/shop:1.1.0' },
};
const identity: UpdateIdentity = {
  workload: keyOf(),
  uid: 'uid-1',
  repository: 'quay.io/acme/shop',
  tag: '1.1.0',
  digest: undefined,
  moves: [move],
};

describe('updateName', () => {
  test('is the same for ever: records outlive the version that wrote them', () => {
    expect(updateName(identity)).toBe('up-5cda37ce08ca1b617069101933d11c90de246f4c');
  });

  test.each<[string, Partial<UpdateIdentity>]>([
    ['cluster', { workload: { ...keyOf(), cluster: 'other' } }],
    ['namespace', { workload: { ...keyOf(), namespace: 'other' } }],
    ['name of the workload', { workload: keyOf('other') }],
    ['uid', { uid: 'uid-2' }],
    ['repository', { repository: 'quay.io/acme/other' }],
    ['tag', { tag: '1.1.1' }],
    ['digest', { digest: `sha256:${'a'.repeat(64)}` }],
    ['container', { moves: [{ ...move, container: 'other' }] }],
    ['set of containers', { moves: [move, { ...move, container: 'other' }] }],
  ])('differs by %s', (_what, different) => {
    expect(updateName({ ...identity, ...different })).not.toBe(updateName(identity));
  });

  test('does not depend on the image that runs, nor on the order of the containers', () => {
    const other = { ...move, container: 'other', from: 'quay.io/acme/shop:0.9.0' };

    const names = [
      updateName({ ...identity, moves: [move, other] }),
      updateName({ ...identity, moves: [other, move] }),
    ];
    const later = updateName({ ...identity, moves: [{ ...move, from: 'quay.io/acme/shop:1.0.5' }] });

    expect(names[0]).toBe(names[1]);
    expect(later).toBe(updateName(identity));
  });

  test('does not depend on who pushed: the same push by two people is one update', () => {
    const [by, other] = ['ann', 'bob'].map((pushedBy) =>
      newUpdate({ ...identity, pushedBy }, 'semver', new Date(0)),
    );

    expect([by?.name, other?.name]).toEqual([updateName(identity), updateName(identity)]);
    expect([by?.pushedBy, other?.pushedBy]).toEqual(['ann', 'bob']);
  });

  test('keeps its parts apart', () => {
    const left = updateName({ ...identity, repository: 'a', tag: 'bc' });
    const right = updateName({ ...identity, repository: 'ab', tag: 'c' });

    expect(left).not.toBe(right);
  });

  test('is another one each time that the same happens again', () => {
    const names = [0, 1, 2].map((time) => updateName(identity, time));

    expect(new Set(names).size).toBe(3);
    expect(names[0]).toBe(updateName(identity));
  });

  test('is a legal Kubernetes name, whatever the tag looks like', () => {
    fc.assert(
      fc.property(anyTags, fc.string(), (tag, container) => {
        const name = updateName({ ...identity, tag, moves: [{ ...move, container }] });

        expect(name).toMatch(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);
      }),
    );
  });
});

describe('newUpdate', () => {
  test('is pending, and nobody is told of it yet', () => {
    const update = newUpdate(identity, 'semver', new Date('2026-01-02T03:04:05.678Z'));

    const at = '2026-01-02T03:04:05.678Z';
    expect(update).toEqual({
      name: updateName(identity),
      ...identity,
      policy: 'semver',
      phase: 'Pending',
      reason: undefined,
      message: undefined,
      createdAt: at,
      deliveredAt: undefined,
      finishedAt: undefined,
      approval: undefined,
      announcements: [],
      history: [{ phase: 'Pending', at }],
    });
  });
});

describe('enter', () => {
  test('writes when the delivery was and when the end was', () => {
    const delivering = enter(anUpdate(), 'Delivering', new Date('2026-01-01T00:00:01Z'));
    const rollingOut = enter(delivering, 'RollingOut', new Date('2026-01-01T00:00:02Z'));
    const succeeded = enter(rollingOut, 'Succeeded', new Date('2026-01-01T00:00:03Z'));

    expect(delivering).toMatchObject({ deliveredAt: undefined, finishedAt: undefined });
    expect(rollingOut).toMatchObject({ deliveredAt: '2026-01-01T00:00:02.000Z', finishedAt: undefined });
    expect(succeeded).toEqual({
      ...anUpdate(),
      phase: 'Succeeded',
      deliveredAt: '2026-01-01T00:00:02.000Z',
      finishedAt: '2026-01-01T00:00:03.000Z',
      history: [
        { phase: 'Pending', at: '2026-01-01T00:00:00.000Z' },
        { phase: 'Delivering', at: '2026-01-01T00:00:01.000Z' },
        { phase: 'RollingOut', at: '2026-01-01T00:00:02.000Z' },
        { phase: 'Succeeded', at: '2026-01-01T00:00:03.000Z' },
      ],
    });
  });

  test('writes why, and forgets it in the next phase', () => {
    const now = new Date('2026-01-01T00:00:01Z');

    const failed = enter(anUpdate(), 'Failed', now, { reason: 'Forbidden', message: 'no rights' });
    const rolledBack = enter(failed, 'RolledBack', now, { message: 'back at 1.0.0' });

    expect(failed).toMatchObject({ reason: 'Forbidden', message: 'no rights' });
    expect(rolledBack).toMatchObject({ reason: undefined, message: 'back at 1.0.0' });
    expect(rolledBack.history.slice(1)).toEqual([
      { phase: 'Failed', at: '2026-01-01T00:00:01.000Z', reason: 'Forbidden' },
      { phase: 'RolledBack', at: '2026-01-01T00:00:01.000Z' },
    ]);
  });

  test('refuses a step that the table does not have', () => {
    const update = anUpdate();

    const step = () => enter(update, 'Succeeded', new Date('2026-01-01T00:00:01Z'));

    expect(step).toThrow(
      expect.objectContaining({
        code: 'internal',
        message: `update ${update.name} cannot go from Pending to Succeeded`,
      }),
    );
  });

  test('on any walk takes the steps of the table alone, and history only grows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...phases), { maxLength: 30 }), (wishes) => {
        let update: Update = anUpdate();
        for (const [second, wish] of wishes.entries()) {
          const before = update;
          const legal = transitions[before.phase].includes(wish);
          const step = () => enter(before, wish, new Date(Date.UTC(2026, 0, 1, 0, 0, second)));

          if (!legal) {
            expect(step).toThrow('cannot go from');
            continue;
          }
          update = step();

          expect(update.phase).toBe(wish);
          expect(update.history.slice(0, -1)).toEqual(before.history);
          expect(update.history).toHaveLength(before.history.length + 1);
          expect(update.finishedAt !== undefined).toBe(isEnd(wish));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('isOpen', () => {
  test.each<[Phase, readonly Announcement['state'][], boolean]>([
    ['Pending', [], true],
    ['RollingOut', [], true],
    ['Succeeded', [], false],
    ['Succeeded', ['pending'], true],
    ['Succeeded', ['sent', 'pending'], true],
    ['Failed', ['sent'], false],
    ['Failed', ['abandoned', 'sent'], false],
  ])('%s with announcements %p: %p', (phase, states, open) => {
    const dueAt = '2026-01-01T00:00:00.000Z';
    const announcements = states.map((state, n) => ({
      ...{ receiver: `receiver-${n}`, event: 'update.failed', attempts: 0, dueAt, state },
    }));
    expect(isOpen(anUpdate({ phase, announcements }))).toBe(open);
  });
});
