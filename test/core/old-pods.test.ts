import { expect, test } from '@jest/globals';
import { newRevision, troubled, without, type DatedPod, type NewPods } from '../../src/core/old-pods.ts';
import type { PodContainer, Workload } from '../../src/core/workload.ts';
import { aWorkload } from '../support/builders.ts';

const image = 'quay.io/acme/shop:1';
const aPod = (
  name: string,
  different: Partial<PodContainer> = {},
  about: Partial<DatedPod> = {},
): DatedPod => ({
  ...{ name, ...about },
  containers: [
    {
      ...{ name: 'app', image, waitingReason: undefined, waitingMessage: undefined },
      ...{ restarts: 0, ...different },
    },
  ],
});
const nothing: NewPods = { revision: undefined, images: undefined };

test.each<[string, boolean, Partial<PodContainer>]>([
  ['runs', false, {}],
  ['is being made', false, { waitingReason: 'ContainerCreating' }],
  ['waits for its init containers', false, { waitingReason: 'PodInitializing' }],
  ['was restarted, and runs', true, { restarts: 1 }],
  ['crashes', true, { waitingReason: 'CrashLoopBackOff', restarts: 3 }],
  ['could not pull once', true, { waitingReason: 'ErrImagePull' }],
])('a pod that %s is in trouble: %p', (_what, isTroubled, container) => {
  const pods = [aPod('shop-1', container), aPod('shop-2')];

  expect(without(pods, troubled(pods, nothing))).toEqual(isTroubled ? pods.slice(1) : pods);
});

test('a pod with the name of another, made later, is not that one', () => {
  const createdAt = '2026-01-01T00:00:00Z';
  const old = troubled([aPod('db-0', { restarts: 5 }, { createdAt })], nothing);
  const next = aPod('db-0', {}, { createdAt: '2026-01-01T00:01:00Z' });

  expect(without([next], old)).toEqual([next]);
  expect(without([aPod('db-0', {}, { createdAt })], old)).toEqual([]);
});

test.each<[string, Partial<DatedPod>, Partial<NewPods>, boolean]>([
  ['is of the new revision', { revision: 'r2' }, { revision: 'r2' }, false],
  ['is of another revision', { revision: 'r1' }, { revision: 'r2' }, true],
  ['is of no revision', {}, { revision: 'r2' }, true],
  ['has the new image', { revision: 'r1' }, { images: { app: image } }, false],
  ['has another image', { revision: 'r1' }, { images: { app: 'quay.io/acme/shop:2' } }, true],
  [
    'has the new image in another revision',
    { revision: 'r1' },
    { revision: 'r2', images: { app: image } },
    true,
  ],
  ['is of whatever revision, where nothing tells', { revision: 'r1' }, {}, true],
])('a pod in trouble that %s: %j, %j, is old: %p', (_what, about, known, isOld) => {
  const pod = aPod('shop-1', { restarts: 5 }, about);

  expect(troubled([pod], { ...nothing, ...known }).size).toBe(isOld ? 1 : 0);
});

/** `3 of r1, 1 of r2` */
type Groups = Readonly<Record<string, number>>;
const podsOf = (groups: Groups): readonly DatedPod[] =>
  Object.entries(groups).flatMap(([revision, size]) =>
    Array.from({ length: size }, (_, nth) =>
      aPod(`${revision}-${nth}`, {}, revision === '' ? {} : { revision }),
    ),
  );
const counted = (replicas: number, there: number, updated: number): Partial<Workload> => ({
  ...{ replicas, status: { replicas: there, updated, available: 0 } },
});

test.each<[string, Partial<Workload>, Groups, string | undefined]>([
  ['as many as are new', counted(4, 5, 2), { r1: 3, r2: 2 }, 'r2'],
  ['an undo, to which most pods have stayed', counted(4, 5, 3), { r1: 3, r2: 2 }, 'r1'],
  ['all are new', counted(2, 2, 2), { r2: 2 }, 'r2'],
  ['none is new', counted(2, 2, 0), { r1: 2 }, undefined],
  ['two groups of as many', counted(1, 2, 1), { r1: 1, r2: 1 }, undefined],
  ['a third revision', counted(4, 6, 3), { r0: 1, r1: 2, r2: 3 }, 'r2'],
  ['no revisions', counted(2, 3, 1), { '': 3 }, undefined],
  ['as many without one as are new', counted(2, 3, 1), { '': 1, r1: 2 }, undefined],
  ['more pods than were counted', counted(4, 5, 1), { r1: 1, r2: 3 }, undefined],
  ['fewer pods wanted than are new', counted(1, 4, 1), { r1: 1, r2: 3 }, undefined],
  ['fewer pods wanted than are new, and none is old', counted(1, 3, 1), { r2: 3 }, 'r2'],
  ['no pods wanted', counted(0, 2, 0), { r1: 2 }, undefined],
  ['no pods', counted(2, 0, 0), {}, undefined],
  ['its controller has not seen it', { generation: 2, ...counted(2, 2, 2) }, { r1: 2 }, undefined],
  ['its controller says it', { updateRevision: 'r3', ...counted(2, 2, 0) }, { r1: 2 }, 'r3'],
  [
    'its controller said it of the one before',
    { generation: 2, updateRevision: 'r1', ...counted(2, 2, 2) },
    { r1: 2 },
    undefined,
  ],
])('the revision of new pods: %s', (_what, different, groups, revision) => {
  expect(newRevision(aWorkload(different), podsOf(groups))).toBe(revision);
});
