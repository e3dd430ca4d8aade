import { describe, expect, test } from '@jest/globals';
import { changeNotice } from '../../src/core/change-notice.ts';
import { judge, judgeGone, type Change, type Judgement } from '../../src/core/change.ts';
import { rolloutState, type RolloutState } from '../../src/core/rollout.ts';
import { readSeenFile, seenFile } from '../../src/core/seen-file.ts';
import { fingerprint, firstSeen, seenOf, threadOf, type Seen } from '../../src/core/seen.ts';
import type { Workload } from '../../src/core/workload.ts';
import { usualWording } from '../../src/core/wording.ts';
import { aWatched, rollingOut } from '../support/change-harness.ts';

const own = 'updatekate';
const converged: RolloutState = { kind: 'converged' };
const progressing: RolloutState = { kind: 'progressing', detail: '0 of 2 pods are new' };
const crashing: RolloutState = { kind: 'failed', reason: 'CrashLoopBackOff', detail: 'pod shop-1' };

type Different = Parameters<typeof aWatched>[0];
const image = (tag: string): string => `quay.io/acme/shop:${tag}`;
/** The workload at a generation, with an image. */
const at = (generation: number, tag: string, different: Different = {}): Workload =>
  aWatched({ generation, observedGeneration: generation, image: image(tag), ...different });
const ourImage = { setBy: { images: { app: own }, template: 'helm', scale: 'kubectl' } };
/** The same as our update `up-1` left it. */
const ours = (generation: number, tag: string, different: Different = {}): Workload =>
  at(generation, tag, {
    ...{ set: ourImage, annotations: { 'updatekate.dev/update': 'up-1' } },
    ...different,
  });
const from = (before: string, after: string): unknown[] => [
  { container: 'app', from: before && image(before), to: image(after) },
];
/** What the predecessor wrote of version 1. */
const legacy: Seen = {
  ...{ type: 'MODIFIED', scale: 2, team: 'checkout' },
  containers: [{ name: 'app', image: image('1'), init: false }],
};

/** Somebody who looks at one workload, and remembers. */
function anObserver(seen?: Seen): {
  look(workload: Workload, state?: RolloutState): Change | undefined;
  gone(): Change | undefined;
  seen(): Seen | undefined;
} {
  let known = seen;
  const take = (judgement: Judgement): Change | undefined => {
    if (judgement.kind !== 'settled') return undefined;
    known = judgement.seen;
    return judgement.change;
  };
  return {
    look: (workload, state = converged) => take(judge(known, workload, state, own)),
    gone: () => take(judgeGone(known)),
    seen: () => known,
  };
}

/** Somebody who has seen version 1. */
const settled = (): ReturnType<typeof anObserver> => anObserver(seenOf(at(1, '1'), 'ADDED'));

/** What the predecessor did (https://github.com/DBCDK/deploy-notifier), and what is done about it here. */
describe('the predecessor’s cases', () => {
  const full = seenOf(at(1, '1'), 'MODIFIED');
  const stopped = { replicas: 0, updated: 0, available: 0 };
  const three = { replicas: 3, updated: 2, available: 2 };
  const nobodys = seenOf(aWatched({ image: image('1') }), 'MODIFIED');

  test.each<[string, Seen | undefined, Workload | undefined, string | undefined]>([
    ['seen first when the watch began', firstSeen(at(1, '1'), true), at(1, '1'), undefined],
    ['only its status comes and goes', full, { ...at(1, '1'), resourceVersion: '9' }, undefined],
    ['a new image, arrived', full, at(2, '2'), 'shop deployed to default'],
    ['a new image, on its way', full, rollingOut(at(2, '2')), undefined],
    ['it was added, and now it is modified', { ...full, type: 'ADDED' }, at(1, '1'), undefined],
    ['more pods', full, at(2, '1', { set: { scale: 5 } }), 'shop scaled from 2 to 5 in default'],
    ['more pods than wanted', full, at(2, '2', { status: three }), undefined],
    [
      'no pods wanted, none there',
      full,
      at(2, '1', { replicas: 0, status: stopped, set: { scale: 0 } }),
      'shop scaled from 2 to 0 in default',
    ],
    ['it is gone', full, undefined, 'shop deleted from default'],
    [
      'it is here again',
      { ...full, type: 'DELETED' },
      at(1, '1', { uid: 'uid-2' }),
      'shop deployed to default',
    ],
    ['nobody has ever seen it', undefined, at(1, '1'), 'shop deployed to default'],
    ['it is nobody’s', nobodys, at(2, '2'), 'shop deployed to default'],
  ])('%s', (_what, seen, workload, line) => {
    // Of what only the predecessor saw, and is gone at the first look, nobody is told.
    const old = workload && seen ? [inOldWords(seen)] : [];
    for (const cache of [seen, seen && readBack(seen), ...old]) {
      const judgement = workload ? judge(cache, workload, stateOf(workload), own) : judgeGone(cache);

      expect(firstLine(judgement)).toBe(line);
    }
  });

  test('of a workload without the label there is no line about a team', () => {
    const judgement = judge(full, at(2, '2'), converged, own);

    expect(textOf(judgement, 'checkout')).toContain('\nTeam: checkout\n');
    expect(textOf(judgement, undefined)).not.toContain('Team');
  });

  const stateOf = (workload: Workload): RolloutState =>
    rolloutState(workload, { app: workload.containers[0]?.image ?? '' }, []);
  const textOf = (judgement: Judgement, team: string | undefined): string | undefined =>
    judgement.kind === 'settled' && judgement.change
      ? usualWording(
          changeNotice(
            judgement.change,
            { workload: at(1, '1').key, team, link: () => undefined },
            new Date(0),
          ),
        )
      : undefined;
  const firstLine = (judgement: Judgement): string | undefined =>
    textOf(judgement, undefined)?.split('\n')[0];
  /** As it is read by the next process. */
  const readBack = (seen: Seen): Seen => {
    const text = JSON.stringify(seenFile({ seen: new Map([['Deployment/shop', seen]]), kinds: [] }, 'team'));
    const book = readSeenFile(text, 'team');
    const found = typeof book === 'string' ? undefined : book.seen.get('Deployment/shop');
    if (!found) throw new Error('it was not written');
    return found;
  };
  /** As much of it as the predecessor knew. */
  const inOldWords = ({ type, containers, scale = 2 }: Seen): Seen => ({ type, containers, scale });
});

describe('a workload that is well', () => {
  test('is told as what became of it, and is what its next state is compared with', () => {
    const workload = at(2, '2');

    expect(judge(seenOf(at(1, '1'), 'ADDED'), workload, converged, own)).toEqual({
      kind: 'settled',
      seen: seenOf(workload, 'MODIFIED'),
      change: {
        ...{ kind: 'workload.image-changed', images: from('1', '2'), by: 'kubectl-set' },
        thread: threadOf(workload),
      },
    });
  });

  test('is told as the way from what was well before, however many there were in between', () => {
    const observer = settled();

    expect(observer.look(at(2, '2'), progressing)).toBeUndefined();
    expect(observer.look(at(3, '3'), { kind: 'replaced', detail: 'by another' })).toBeUndefined();
    expect(observer.look(at(4, '4'))).toMatchObject({ images: from('1', '4') });
    expect(observer.look(at(5, '1'))).toMatchObject({ images: from('4', '1') });
  });

  test('and was undone before it arrived is not told', () => {
    const observer = settled();
    observer.look(at(2, '2'), progressing);

    expect(observer.look(at(3, '1'))).toBeUndefined();
    expect(judge(observer.seen(), at(3, '1'), converged, own)).toEqual({ kind: 'unchanged' });
  });

  test('and is being deleted is told when it is gone', () => {
    const deleting = at(2, '2', { deleting: true });

    expect(judge(undefined, deleting, converged, own)).toEqual({ kind: 'waiting' });
    expect(judge(seenOf(at(1, '1'), 'ADDED'), deleting, crashing, own)).toEqual({ kind: 'waiting' });
  });
});

describe.each(['onDelete', 'paused'] as const)('a new image that is held back (%s)', (hold) => {
  const all = (generation: number, pods: number, different: Different = {}): Workload => {
    const status = { replicas: pods, updated: 0, available: pods };
    return at(generation, '2', { [hold]: true, replicas: pods, status, set: { scale: pods }, ...different });
  };

  test('is told in the end, and how many pods there are when they are there', () => {
    const observer = settled();
    expect(observer.look(all(2, 2), progressing)).toBeUndefined();
    const coming = { status: { replicas: 3, updated: 0, available: 2 } };
    expect(observer.look(all(3, 3, coming), progressing)).toBeUndefined();

    expect(observer.look(all(3, 3), progressing)).toEqual({
      ...{ kind: 'workload.scaled', images: from('1', '1'), scale: { from: 2, to: 3 }, by: 'kubectl' },
      thread: threadOf(all(3, 3)),
    });
    expect(observer.seen()).toEqual(seenOf(at(1, '1', { set: { scale: 3 } }), 'ADDED'));
    expect(observer.look(all(3, 3), progressing)).toBeUndefined();
    const done = observer.look(at(4, '2', { set: { scale: 3 } }));
    expect(done).toMatchObject({ kind: 'workload.image-changed', images: from('1', '2') });
    expect(done).not.toHaveProperty('scale');
  });

  test('by us is told by its update alone, and how many pods there are by this', () => {
    const observer = settled();
    const set = { ...ourImage, scale: 3 };

    expect(observer.look(all(2, 3, { set }), progressing)).toMatchObject({ kind: 'workload.scaled' });
    expect(observer.look(all(2, 3, { set }), progressing)).toBeUndefined();
    expect(observer.look(at(3, '2', { set }))).toBeUndefined();
  });

  test.each<[string, Seen | undefined]>([
    ['that is new', undefined],
    ['that was deleted before', { ...seenOf(at(1, '1'), 'ADDED'), type: 'DELETED' }],
    ['that was deleted and made anew unseen', { ...seenOf(at(1, '1'), 'ADDED'), uid: 'uid-0' }],
  ])('in a workload %s is told when it is there, and no number of pods before', (_what, seen) => {
    const observer = anObserver(seen);

    expect(observer.look(all(2, 3), progressing)).toBeUndefined();
    expect(observer.look(at(3, '2', { set: { scale: 3 } }))?.kind).toBe('workload.created');
  });
});

describe('a workload that is deleted', () => {
  test('is told once, with what it was, and what it was is kept', () => {
    const observer = anObserver(seenOf(at(7, '1'), 'MODIFIED'));

    expect(observer.gone()).toEqual({
      ...{ kind: 'workload.deleted', images: from('1', '1'), thread: 'ch-uid-1', by: undefined },
    });
    expect(observer.seen()).toEqual({ ...seenOf(at(7, '1'), 'MODIFIED'), type: 'DELETED' });
    expect(observer.gone()).toBeUndefined();
  });

  test('and made again is told as created, with the image that it had', () => {
    const observer = settled();
    observer.gone();
    const created = observer.look(at(1, '2', { uid: 'uid-2' }));

    expect(created).toMatchObject({ kind: 'workload.created', images: from('1', '2'), by: 'helm' });
    expect(observer.seen()).toMatchObject({ type: 'ADDED', uid: 'uid-2' });
    expect(observer.gone()).toMatchObject({ kind: 'workload.deleted', thread: 'ch-uid-2' });
  });

  test('unseen, and made again, is told as created', () => {
    expect(settled().look(at(1, '1', { uid: 'uid-2' }))).toMatchObject({ kind: 'workload.created' });
  });

  test('and that nobody knew is not told', () => {
    expect(judgeGone(undefined)).toEqual({ kind: 'unchanged' });
  });

  test('while it did not work ends that: the next of its name begins anew', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);

    expect(observer.gone()).toMatchObject({ kind: 'workload.deleted', thread: failure?.thread });
    expect(observer.seen()).not.toHaveProperty('failed');
    expect(observer.look(at(1, '2', { uid: 'uid-2' }))).toMatchObject({ kind: 'workload.created' });
  });

  test('before the first look at it, as the predecessor may have it for years, is nobody’s news', () => {
    const observer = anObserver(legacy);

    expect(observer.gone()).toBeUndefined();
    expect(observer.seen()?.type).toBe('DELETED');
  });
});

describe('a workload that fails', () => {
  test('is told once, with what was changed, by whom and why', () => {
    const observer = settled();

    expect(observer.look(at(2, '2'), crashing)).toEqual({
      ...{ kind: 'workload.failed', images: from('1', '2'), by: 'kubectl-set', thread: threadOf(at(2, '2')) },
      ...{ reason: 'CrashLoopBackOff', message: 'pod shop-1' },
    });
    const again = { ...crashing, reason: 'ImagePullBackOff' };
    expect(judge(observer.seen(), at(2, '2'), again, own)).toEqual({ kind: 'unchanged' });
  });

  test('is well again in the same thread, with the images from what last worked', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);
    const mended = observer.look(at(3, '3'));

    expect(mended).toEqual({
      ...{ kind: 'workload.recovered', images: from('1', '3'), by: 'kubectl-set', thread: failure?.thread },
    });
    expect(observer.seen()).toEqual(seenOf(at(3, '3'), 'MODIFIED'));
    expect(observer.look(at(4, '4'))).toMatchObject({
      kind: 'workload.image-changed',
      images: from('3', '4'),
    });
  });

  test('is well again when it works after all', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);

    expect(observer.look(at(2, '2'))).toMatchObject({
      ...{ kind: 'workload.recovered', images: from('1', '2'), thread: failure?.thread },
    });
  });

  test('is well again when it is undone by hand', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);

    expect(observer.look(at(3, '1'))).toEqual({
      ...{ kind: 'workload.recovered', images: from('1', '1'), by: undefined, thread: failure?.thread },
    });
  });

  test('again, with another image, is told again in the same thread', () => {
    const observer = settled();
    const first = observer.look(at(2, '2'), crashing);
    const second = observer.look(at(3, '3'), crashing);

    expect(second).toMatchObject({ kind: 'workload.failed', images: from('1', '3'), thread: first?.thread });
    expect(observer.look(at(4, '1'))).toMatchObject({ kind: 'workload.recovered', thread: first?.thread });
  });

  test('after a restart that did not help is told again', () => {
    const observer = settled();
    observer.look(at(1, '1'), crashing);
    const restarted = at(2, '1', { set: { restartedAt: 'now' } });

    expect(observer.look(restarted, crashing)).toMatchObject({
      kind: 'workload.failed',
      by: 'kubectl-rollout',
    });
  });

  test('by itself is told with all that it is made of', () => {
    const observer = settled();
    const failure = observer.look(at(1, '1'), crashing);

    expect(failure).toMatchObject({ kind: 'workload.failed', images: from('1', '1'), by: undefined });
    expect(observer.look(at(1, '1'))).toMatchObject({ kind: 'workload.recovered', thread: failure?.thread });
    // It may well do so again, in the thread of the same rollout.
    expect(observer.look(at(1, '1'), crashing)).toEqual(failure);
  });

  test('and crashes since for another reason than was told is known to loop from then on, and not told again', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), { ...crashing, reason: 'ImagePullBackOff' });
    const { of, thread } = { of: fingerprint(at(2, '2')), thread: failure?.thread };
    expect(observer.seen()?.failed).toEqual({ of, thread, reason: 'ImagePullBackOff' });

    expect(observer.look(at(2, '2'), crashing)).toBeUndefined();
    expect(observer.seen()).toMatchObject({
      ...seenOf(at(1, '1'), 'ADDED'),
      failed: { of, thread, reason: 'ImagePullBackOff', loops: true },
    });
    expect(judge(observer.seen(), at(2, '2'), crashing, own)).toEqual({ kind: 'unchanged' });
    expect(judge(observer.seen(), at(2, '2'), { ...crashing, reason: 'x' }, own)).toEqual({
      kind: 'unchanged',
    });
  });

  describe.each(['onDelete', 'paused'] as const)('while old pods are held back (%s)', (hold) => {
    const canary = { [hold]: true, status: { replicas: 2, updated: 1, available: 2 } };
    const failing = { ...canary, status: { replicas: 2, updated: 1, available: 1 } };
    const failedAt2 = (): ReturnType<typeof anObserver> => {
      const observer = settled();
      observer.look(at(2, '2', failing), crashing);
      return observer;
    };

    test('is well again before they are gone, and its change is told when they are', () => {
      const observer = failedAt2();
      expect(observer.look(at(2, '2', failing), progressing)).toBeUndefined();

      expect(observer.look(at(2, '2', canary), progressing)).toMatchObject({ kind: 'workload.recovered' });
      expect(observer.seen()).toEqual(seenOf(at(1, '1'), 'ADDED'));
      expect(observer.look(at(2, '2', canary), progressing)).toBeUndefined();
      expect(observer.look(at(3, '2'))).toMatchObject({ kind: 'workload.image-changed' });
    });

    test('is not well again while nobody holds them back', () => {
      expect(failedAt2().look(at(2, '2', { ...canary, [hold]: false }), progressing)).toBeUndefined();
    });

    test('is not well again while one pod is not, however many there are besides', () => {
      const surge = { ...canary, status: { replicas: 3, updated: 1, available: 2 } };

      expect(failedAt2().look(at(2, '2', surge), progressing)).toBeUndefined();
    });

    test('is well again with more pods, which is told with it, and once', () => {
      const observer = failedAt2();
      const more = { ...canary, ...{ replicas: 3, set: { scale: 3 } } };
      const wide = at(3, '2', { ...more, status: { replicas: 3, updated: 1, available: 3 } });
      expect(observer.look(at(3, '2', more), progressing)).toBeUndefined();

      expect(observer.look(wide, progressing)).toMatchObject({
        ...{ kind: 'workload.recovered', scale: { from: 2, to: 3 } },
      });
      expect(observer.seen()).toEqual(seenOf(at(1, '1', { set: { scale: 3 } }), 'ADDED'));
      expect(observer.look(wide, progressing)).toBeUndefined();
    });

    test('has no pods any more, and is not told as well for that', () => {
      const observer = failedAt2();
      const status = { replicas: 0, updated: 0, available: 0 };
      const none = at(3, '2', { [hold]: true, replicas: 0, status, set: { scale: 0 } });

      expect(observer.look(none, progressing)).toMatchObject({ kind: 'workload.scaled', scale: { to: 0 } });
      expect(observer.seen()?.failed).toBeDefined();
      expect(observer.look(none, progressing)).toBeUndefined();
    });

    test('was only said to be late, which it is as long as they are there', () => {
      const observer = settled();
      observer.look(at(2, '2', failing), { ...crashing, reason: 'ProgressDeadlineExceeded' });

      expect(observer.look(at(2, '2', canary), progressing)).toBeUndefined();
    });

    test('and nobody was told, its end is not told either', () => {
      const observer = anObserver(firstSeen(at(1, '1', failing), false));

      expect(observer.look(at(1, '1', canary), progressing)).toBeUndefined();
      expect(observer.seen()).toEqual(seenOf(at(1, '1'), 'ADDED'));
    });

    test('and nobody was told, that there are more pods is told when it is well', () => {
      const observer = anObserver(firstSeen(at(1, '1', failing), false));
      const more = { ...canary, set: { scale: 3 }, replicas: 3 };
      const wide = at(2, '1', { ...more, status: { replicas: 3, updated: 1, available: 3 } });

      expect(observer.look(wide, progressing)).toMatchObject({ kind: 'workload.scaled' });
      expect(observer.seen()).toEqual(seenOf(at(1, '1', { set: { scale: 3 } }), 'ADDED'));
      expect(observer.look(wide, progressing)).toBeUndefined();
    });

    test.each<readonly [string, string, object | undefined]>([
      ['crashed', 'CrashLoopBackOff', { kind: 'workload.recovered', thread: 'up-1' }],
      ['was only late', 'rollout-timeout', undefined],
    ])('of our update that %s', (_what, reason, told) => {
      const observer = settled();
      observer.look(ours(2, '2', failing), { ...crashing, reason });
      const change = observer.look(ours(2, '2', canary), progressing);

      expect([change]).toEqual([told && expect.objectContaining(told)]);
      expect(observer.seen()?.failed?.reason).toBe(told ? undefined : reason);
      expect(observer.look(ours(3, '2'))?.kind).toBe(told ? undefined : 'workload.recovered');
    });
  });

  describe('since before it was first seen', () => {
    const pulling = { ...crashing, reason: 'ImagePullBackOff' };
    const late = { ...crashing, reason: 'ProgressDeadlineExceeded' };
    const started = (): ReturnType<typeof anObserver> => anObserver(firstSeen(at(1, '1'), false));

    test('is not told, and why it does is kept', () => {
      const observer = started();

      expect(observer.look(at(1, '1'), pulling)).toBeUndefined();
      expect(observer.seen()?.failed).toMatchObject({ reason: 'ImagePullBackOff', silent: true });
      expect(observer.look(at(1, '1'), pulling)).toBeUndefined();
      expect(observer.look(at(1, '1'))).toBeUndefined();
      expect(observer.seen()).toEqual(seenOf(at(1, '1'), 'MODIFIED'));
    });

    test('is told when it fails in another way, once, and so is its end', () => {
      const observer = started();
      observer.look(at(1, '1'), pulling);
      const failure = observer.look(at(1, '1'), crashing);

      expect(failure).toMatchObject({ kind: 'workload.failed', reason: 'CrashLoopBackOff' });
      expect(observer.look(at(1, '1'), pulling)).toBeUndefined();
      expect(observer.look(at(1, '1'))).toMatchObject({
        kind: 'workload.recovered',
        thread: failure?.thread,
      });
    });

    test('is not told when it is late besides', () => {
      const observer = started();
      observer.look(at(1, '1'), pulling);

      expect(observer.look(at(1, '1'), late)).toBeUndefined();
      expect(observer.look(at(1, '1'), { ...late, reason: 'rollout-timeout' })).toBeUndefined();
    });
  });

  test('in the thread in which its rollout was told', () => {
    const observer = settled();
    const change = observer.look(at(2, '2'));

    expect(observer.look(at(2, '2'), crashing)?.thread).toBe(change?.thread);
  });

  test('for want of pods that somebody wanted says how many', () => {
    const observer = settled();
    const more = at(2, '1', { set: { scale: 50 } });

    expect(observer.look(more, crashing)).toMatchObject({
      ...{ kind: 'workload.failed', scale: { from: 2, to: 50 }, by: 'kubectl' },
    });
    expect(observer.look(at(3, '1'))).toMatchObject({ kind: 'workload.recovered' });
  });

  test.each<[string, Seen | undefined, string]>([
    ['that is new', undefined, ''],
    ['that was deleted before', { ...seenOf(at(1, '1'), 'ADDED'), type: 'DELETED' }, '1'],
    ['that was deleted and made anew unseen', { ...seenOf(at(1, '1'), 'ADDED'), uid: 'uid-0' }, '1'],
  ])('and %s is not told as created in the end, but as well', (_what, seen, before) => {
    const observer = anObserver(seen);
    const failure = observer.look(at(1, '2'), crashing);

    expect(failure).toMatchObject({ kind: 'workload.failed', images: from(before, '2'), by: 'helm' });
    expect(observer.look(at(1, '2'), crashing)).toBeUndefined();
    expect(observer.look(at(1, '2'))).toMatchObject({ kind: 'workload.recovered', thread: failure?.thread });
    expect(observer.look(at(1, '2'))).toBeUndefined();
  });

  test('was neither told nor is its end when it was so from the beginning', () => {
    const observer = anObserver(firstSeen(at(1, '1'), false));

    expect(observer.look(at(1, '1'), crashing)).toBeUndefined();
    expect(observer.look(at(1, '1'))).toBeUndefined();
    expect(observer.seen()).not.toHaveProperty('failed');
    expect(observer.look(at(1, '1'), crashing)).toMatchObject({ kind: 'workload.failed' });
  });

  test('is told when it fails in another way than from the beginning', () => {
    const observer = anObserver(firstSeen(at(1, '1'), false));

    expect(observer.look(at(2, '2'), crashing)).toMatchObject({
      kind: 'workload.failed',
      images: from('1', '2'),
    });
    expect(observer.look(at(3, '3'))).toMatchObject({ kind: 'workload.recovered', images: from('1', '3') });
  });

  test('from the beginning, and mended by another image, is told as that', () => {
    const observer = anObserver(firstSeen(at(1, '1'), false));

    expect(observer.look(at(2, '2'))).toMatchObject({
      kind: 'workload.image-changed',
      images: from('1', '2'),
    });
  });
});

describe('a workload that fails, and of which somebody takes all pods', () => {
  const none = { set: { scale: 0 } };

  test('is not told as well: that is seen when it has some again', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);
    const stopped = observer.look(at(3, '2', none));

    expect(stopped).toMatchObject({
      ...{ kind: 'workload.scaled', scale: { from: 2, to: 0 }, by: 'kubectl', thread: failure?.thread },
    });
    expect(judge(observer.seen(), at(3, '2', none), converged, own)).toEqual({ kind: 'unchanged' });
    expect(observer.look(at(4, '2'), crashing)).toBeUndefined();
    // Of none people have heard already.
    expect(observer.look(at(5, '3', none))).toBeUndefined();
    expect(observer.look(at(6, '3'))).toMatchObject({
      ...{ kind: 'workload.recovered', images: from('1', '3'), thread: failure?.thread },
    });
  });

  test('is told as scaled, even where nobody was told that it fails', () => {
    const observer = anObserver(firstSeen(at(1, '1'), false));

    expect(observer.look(at(2, '1', none))).toMatchObject({ kind: 'workload.scaled' });
    expect(observer.look(at(3, '1'), crashing)).toBeUndefined();
    expect(observer.look(at(3, '1'))).toMatchObject({ kind: 'workload.scaled', scale: { from: 0, to: 2 } });
  });

  test('says when it is well with how many', () => {
    const observer = settled();
    observer.look(at(1, '1'), crashing);
    observer.look(at(2, '1', none));

    expect(observer.look(at(3, '1', { set: { scale: 1 } }))).toMatchObject({
      ...{ kind: 'workload.recovered', scale: { from: 0, to: 1 } },
    });
  });
});

describe('what our updates do', () => {
  test('is seen, and not told', () => {
    expect(judge(seenOf(at(1, '1'), 'ADDED'), ours(2, '2'), converged, own)).toEqual({
      ...{ kind: 'settled', seen: seenOf(ours(2, '2'), 'MODIFIED') },
    });
  });

  test('and that it fails is not told; that somebody undoes it is, in the thread of the update', () => {
    const observer = settled();

    expect(observer.look(ours(2, '2'), crashing)).toBeUndefined();
    expect(observer.look(ours(2, '2'), crashing)).toBeUndefined();
    const reason = 'CrashLoopBackOff';
    const of = fingerprint(ours(2, '2'));
    expect(observer.seen()?.failed).toEqual({ of, thread: 'up-1', reason, loops: true });
    expect(observer.look(at(3, '1'))).toMatchObject({ kind: 'workload.recovered', thread: 'up-1' });
  });

  test('and what somebody does about it, in vain, is told there', () => {
    const observer = settled();
    observer.look(ours(2, '2'), crashing);

    expect(observer.look(at(3, '3'), crashing)).toMatchObject({
      ...{ kind: 'workload.failed', images: from('1', '3'), thread: 'up-1' },
    });
  });

  test('and works after all is told: the update has said that it does not', () => {
    const observer = settled();
    observer.look(ours(2, '2'), crashing);

    expect(observer.look(ours(2, '2'))).toMatchObject({
      ...{ kind: 'workload.recovered', images: from('1', '2'), by: undefined, thread: 'up-1' },
    });
    expect(observer.look(ours(2, '2'))).toBeUndefined();
  });

  test('and mends what somebody else broke is told: that this has failed was told by us', () => {
    const observer = settled();
    const failure = observer.look(at(2, '2'), crashing);

    expect(observer.look(ours(3, '3'))).toEqual({
      ...{ kind: 'workload.recovered', images: from('1', '3'), by: undefined, thread: failure?.thread },
    });
    expect(observer.look(ours(3, '3'))).toBeUndefined();
  });

  test('and the next one mends, the next one tells', () => {
    const observer = settled();
    observer.look(ours(2, '2'), crashing);

    expect(observer.look(ours(3, '3'))).toBeUndefined();
    expect(observer.seen()).toEqual(seenOf(ours(3, '3'), 'MODIFIED'));
  });

  test('has the thread of its rollout where its name is not there', () => {
    const nameless = ours(2, '2', { annotations: {} });
    const observer = settled();
    observer.look(nameless, crashing);

    expect(observer.seen()?.failed?.thread).toBe(threadOf(nameless));
  });

  test('together with what somebody else does is told as that', () => {
    const set = { ...ourImage, template: 't2' };

    expect(settled().look(ours(2, '2', { set }))).toMatchObject({
      kind: 'workload.config-changed',
      by: 'helm',
    });
  });

  test('and fails later, by itself, is told', () => {
    const observer = settled();
    observer.look(ours(2, '2'));

    expect(observer.look(ours(2, '2'), crashing)).toMatchObject({
      kind: 'workload.failed',
      images: from('2', '2'),
    });
  });

  test('to a workload that did not work from the beginning is not told', () => {
    const observer = anObserver(firstSeen(at(1, '1'), false));

    expect(observer.look(ours(2, '2'))).toBeUndefined();
    expect(observer.seen()).not.toHaveProperty('failed');
  });
});

describe('what the predecessor has seen', () => {
  test('is taken over in silence where it is still so', () => {
    const observer = anObserver(legacy);
    const workload = at(9, '1', { set: { template: 't9', restartedAt: 'long ago' } });

    expect(observer.look(workload)).toBeUndefined();
    expect(observer.seen()).toEqual(seenOf(workload, 'MODIFIED'));
    expect(judge(observer.seen(), workload, converged, own)).toEqual({ kind: 'unchanged' });
  });

  test.each<[string, Workload, unknown]>([
    ['another image', at(9, '2'), { kind: 'workload.image-changed', images: from('1', '2') }],
    ['other pods', at(9, '1', { set: { scale: 5 } }), { kind: 'workload.scaled', scale: { from: 2, to: 5 } }],
  ])('is told where there is %s', (_what, workload, change) => {
    expect(anObserver(legacy).look(workload)).toMatchObject(change as object);
  });

  test('and fails is told once, though it has never been known in full', () => {
    const observer = anObserver(legacy);
    const failure = observer.look(at(9, '1'), crashing);

    expect(failure).toMatchObject({ kind: 'workload.failed' });
    expect(observer.look(at(9, '1'), crashing)).toBeUndefined();
    expect(observer.look(at(9, '1'))).toMatchObject({ kind: 'workload.recovered', thread: failure?.thread });
    expect(observer.seen()).toEqual(seenOf(at(9, '1'), 'MODIFIED'));
  });
});
