import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  collapseMs,
  emptyBox,
  idsInTurn,
  idsWaiting,
  mostWaiting,
  trimmed,
  waitingFor,
  withNotice,
  withTry,
  worstBehind,
  type NoticeBox,
} from '../../src/core/notice-box.ts';
import type { Notice } from '../../src/core/notice.ts';
import { waitsMs } from '../../src/core/outbox.ts';
import { emptyBook, withKind } from '../../src/core/seen-book.ts';
import type { Announcement } from '../../src/core/update.ts';
import { workloadId } from '../../src/core/workload.ts';
import { keyOf } from '../support/builders.ts';
import { aNotice } from '../support/notices.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const after = (ms: number): string => new Date(startMs + ms).toISOString();
/** Something told of the workload `shop`, so long after the start. */
const aChange = (id: string, ms = 0, different: Partial<Notice> = {}): Notice =>
  aNotice({
    ...{ id, thread: 'ch-1', kind: 'workload.image-changed', at: after(ms), workload: keyOf() },
    ...different,
  });
/** The box with these, each for these receivers. */
const boxOf = (notices: readonly Notice[], receivers: readonly string[] = ['slack']): NoticeBox =>
  notices.reduce((box, notice) => withNotice(box, notice, receivers), emptyBox);
const ids = ({ entries }: NoticeBox): readonly string[] => entries.map(({ notice }) => notice.id);
const ended = (
  box: NoticeBox,
  id: string,
  receiver = 'slack',
  state: Announcement['state'] = 'sent',
): NoticeBox => {
  const found = waitingFor(box, receiver, id);
  if (!found) throw new Error(`nothing waits for ${receiver}`);
  return withTry(box, id, { ...found.announcement, state, attempts: 1 });
};
/** Of another workload each, so that none is a repetition. */
const many = (count: number, ms = 0): readonly Notice[] =>
  Array.from({ length: count }, (_, n) => aChange(`n${n}`, ms, { workload: keyOf(`w${n}`) }));

describe('what is to be told', () => {
  test('waits for everyone who wants it, at once, behind what waits already', () => {
    const book = withKind(emptyBook, 'Deployment');
    const box = withNotice({ entries: [], unsettled: book }, aChange('a'), ['slack', 'mail']);
    const pending = { event: 'workload.image-changed', state: 'pending', attempts: 0, dueAt: after(0) };

    expect(box).toEqual({
      entries: [
        {
          notice: aChange('a'),
          announcements: [
            { receiver: 'slack', ...pending },
            { receiver: 'mail', ...pending },
          ],
        },
      ],
      unsettled: book,
    });
    expect(ids(withNotice(box, aChange('b', 0, { kind: 'workload.failed' }), ['slack']))).toEqual(['a', 'b']);
  });

  test('to nobody is not kept', () => {
    expect(withNotice(emptyBox, aChange('a'), [])).toBe(emptyBox);
  });
});

describe('the same of one workload', () => {
  test('is told once within ten minutes', () => {
    const box = boxOf([aChange('a')]);

    expect(collapseMs).toBe(600_000);
    expect(withNotice(box, aChange('b', collapseMs), ['slack'])).toBe(box);
    expect(ids(withNotice(box, aChange('b', collapseMs + 1), ['slack']))).toEqual(['a', 'b']);
  });

  test('is told once though it was told already, in another thread, with other words and to others', () => {
    const box = ended(boxOf([aChange('a', 0, { kind: 'workload.failed', reason: 'Crash' })]), 'a');
    const again = aChange('b', 1, {
      kind: 'workload.failed',
      reason: 'Crash',
      message: 'pod shop-2',
      thread: 'ch-2',
    });

    expect(withNotice(box, again, ['mail'])).toBe(box);
  });

  test.each<[string, Partial<Notice>]>([
    ['another kind', { kind: 'workload.failed' }],
    ['another image', { images: [{ container: 'app', from: 'a:1', to: 'a:3' }] }],
    ['other pods', { scale: { from: 1, to: 2 } }],
    ['somebody else’s', { by: ['argocd'] }],
    ['another reason', { reason: 'ImagePullBackOff' }],
    ['another workload', { workload: keyOf('till') }],
    ['another cluster', { workload: { ...keyOf(), cluster: 'north' } }],
  ])('is not %s', (_what, different) => {
    expect(ids(boxOf([aChange('a'), aChange('b', 1, different)]))).toEqual(['a', 'b']);
  });

  test('is news when something else was told in between', () => {
    const scaled = (id: string, ms: number, from: number, to: number): Notice =>
      aChange(id, ms, { kind: 'workload.scaled', scale: { from, to } });

    expect(ids(boxOf([scaled('a', 0, 2, 5), scaled('b', 1, 5, 2), scaled('c', 2, 2, 5)]))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('is not hidden by a clock that was set back', () => {
    expect(ids(boxOf([aChange('a', 3_600_000), aChange('b', 0)]))).toEqual(['a', 'b']);
  });
});

describe('a receiver', () => {
  const box = boxOf(
    [
      aChange('a'),
      aChange('b', 0, { workload: keyOf('till') }),
      aChange('c', 1, { kind: 'workload.failed' }),
    ],
    ['slack', 'mail'],
  );
  const [shop, till] = ['default/default/Deployment/shop', 'default/default/Deployment/till'];

  test('is told of one workload in the order in which it happened, of others meanwhile', () => {
    expect(idsInTurn(box, 'slack', shop)).toEqual(['a']);
    expect(idsInTurn(box, 'slack', till)).toEqual(['b']);
    expect(idsInTurn(ended(box, 'a'), 'slack', shop)).toEqual(['c']);
    expect(idsInTurn(ended(box, 'a', 'slack', 'abandoned'), 'slack', shop)).toEqual(['c']);
    expect(idsInTurn(ended(box, 'a'), 'mail', shop)).toEqual(['a']);
    expect(idsInTurn(box, 'nobody', shop)).toEqual([]);
  });

  test('that refuses one again and again is told what comes after it', () => {
    const after = (attempts: number): NoticeBox => {
      const one = box.entries[0]?.announcements[0];
      return one ? withTry(box, 'a', { ...one, attempts }) : box;
    };

    expect(idsInTurn(after(2), 'slack', shop)).toEqual(['a']);
    expect(idsInTurn(after(3), 'slack', shop)).toEqual(['a', 'c']);
    expect(idsInTurn(ended(after(3), 'c'), 'slack', shop)).toEqual(['a']);
  });

  test('has a worst that waits for it', () => {
    const severe = boxOf([
      aChange('a', 0, { severity: 'error' }),
      aChange('b', 0, { severity: 'warning', workload: keyOf('till') }),
      aChange('c', 1, { kind: 'workload.recovered', severity: 'info' }),
      aChange('d', 2, { kind: 'workload.deleted', severity: 'warning' }),
    ]);

    const worst = (now: NoticeBox, id: string, receiver = 'slack') => {
      const notice = now.entries.find((entry) => entry.notice.id === id)?.notice;
      return notice && worstBehind(now, receiver, notice);
    };
    expect(worst(severe, 'a')).toBe('error');
    // Not of what it does not wait for: that may be refused for days.
    expect(worst(severe, 'd')).toBe('warning');
    expect(worst(severe, 'c')).toBe('warning');
    expect(worst(ended(severe, 'd'), 'c')).toBe('info');
    expect(worst(severe, 'b')).toBe('warning');
    expect(worst(severe, 'a', 'nobody')).toBeUndefined();
  });

  test('has a list of what waits for it', () => {
    expect(idsWaiting(box, 'slack')).toEqual(['a', 'b', 'c']);
    expect(idsWaiting(box, 'slack', shop)).toEqual(['a', 'c']);
    expect(idsWaiting(ended(box, 'a'), 'slack', shop)).toEqual(['c']);
    expect(idsWaiting(ended(box, 'a'), 'mail', shop)).toEqual(['a', 'c']);
    expect(idsWaiting(box, 'nobody')).toEqual([]);
  });

  test('is told what still waits for it', () => {
    expect(waitingFor(box, 'mail', 'c')).toMatchObject({
      ...{ entry: { notice: { id: 'c' } }, announcement: { receiver: 'mail', state: 'pending' } },
    });
    expect(waitingFor(ended(box, 'c', 'mail'), 'mail', 'c')).toBeUndefined();
    expect(waitingFor(box, 'nobody', 'c')).toBeUndefined();
    expect(waitingFor(box, 'mail', 'd')).toBeUndefined();
  });

  test('has its try written down, and nobody else’s', () => {
    const announcement: Announcement = {
      ...{ receiver: 'mail', event: 'workload.failed', state: 'pending', attempts: 3, dueAt: after(9) },
      message: 'answered 500',
    };
    const tried = withTry(box, 'c', announcement);

    expect(tried.entries[2]?.announcements).toEqual([box.entries[2]?.announcements[0], announcement]);
    expect(tried.entries.slice(0, 2)).toEqual(box.entries.slice(0, 2));
    expect(withTry(box, 'gone', announcement)).toEqual(box);
  });

  test('is told everything once, each workload in order, whatever fails in between', () => {
    const notices = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(notices, fc.infiniteStream(fc.nat()), (list, picks) => {
        let now = boxOf(
          list.map(([workload], n) =>
            aChange(`${workload}${n}`, 0, { workload: keyOf(workload), reason: `${n}` }),
          ),
        );
        const told: string[] = [];
        while (idsWaiting(now, 'slack').length > 0) {
          const free = now.entries.filter(({ notice: { id, workload } }) =>
            idsInTurn(now, 'slack', workloadId(workload)).includes(id),
          );
          const chosen = free[(picks.next().value ?? 0) % free.length];
          // There is always somebody whose turn it is.
          expect(chosen).toBeDefined();
          const id = chosen?.notice.id ?? '';
          told.push(id);
          now = ended(now, id);
        }

        expect(told.toSorted()).toEqual(list.map(([workload], n) => `${workload}${n}`).toSorted());
        for (const name of ['a', 'b', 'c']) {
          const numbers = told.filter((id) => id.startsWith(name)).map((id) => Number(id.slice(1)));
          expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
        }
      }),
    );
  });
});

describe('a box is trimmed', () => {
  const at = (ms: number): Date => new Date(startMs + ms);
  const dayMs = 24 * 3_600_000;

  test('of what everybody has been told, when nothing may be the same any more', () => {
    const done = ended(ended(boxOf([aChange('a')], ['slack', 'mail']), 'a'), 'a', 'mail', 'abandoned');

    expect(trimmed(done, at(collapseMs))).toEqual({ box: done, dropped: [] });
    expect(trimmed(done, at(collapseMs + 1))).toEqual({ box: { ...done, entries: [] }, dropped: [] });
  });

  test('of nothing that somebody is still to be told', () => {
    const box = ended(boxOf([aChange('a')], ['slack', 'mail']), 'a');

    expect(trimmed(box, at(collapseMs + 1))).toEqual({ box, dropped: [] });
  });

  test('of what waits for longer than anybody tries', () => {
    const box = boxOf([aChange('a'), aChange('b', dayMs, { kind: 'workload.failed' })]);
    const triesMs = waitsMs.reduce((sum, ms) => sum + ms * 1.1, 0);
    const { box: left, dropped } = trimmed(box, at(5 * dayMs + 1));

    expect(trimmed(box, at(5 * dayMs)).box).toBe(box);
    expect(ids(left)).toEqual(['b']);
    expect(dropped).toEqual([aChange('a')]);
    expect(triesMs).toBeLessThan(5 * dayMs);
  });

  test('of what is finished when there is too much, then of the oldest', () => {
    const full = boxOf(many(mostWaiting));
    const finished = ended(full, 'n5');
    const more = (box: NoticeBox, count: number): NoticeBox =>
      Array.from({ length: count }, (_, n) => aChange(`m${n}`, 1, { workload: keyOf(`v${n}`) })).reduce(
        (before, notice) => withNotice(before, notice, ['slack']),
        box,
      );

    expect(trimmed(full, at(0))).toEqual({ box: full, dropped: [] });
    const one = trimmed(more(finished, 1), at(1));
    expect(one.dropped).toEqual([]);
    expect(ids(one.box)).toEqual([...ids(full).filter((id) => id !== 'n5'), 'm0']);
    const two = trimmed(more(finished, 2), at(1));
    expect(two.dropped.map(({ id }) => id)).toEqual(['n0']);
    expect(two.box.entries).toHaveLength(mostWaiting);
    expect(ids(two.box).slice(-2)).toEqual(['m0', 'm1']);
  });

  test('the same way every time, and of nothing that was not there or may be told', () => {
    const entry = fc.record({
      ageMs: fc.nat(7 * dayMs),
      state: fc.constantFrom('pending', 'sent', 'abandoned'),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (list) => {
        const box: NoticeBox = {
          ...emptyBox,
          entries: list.map(({ ageMs, state }, n) => ({
            notice: aChange(`n${n}`, -ageMs),
            announcements: [
              { receiver: 'slack', event: 'workload.failed', attempts: 1, dueAt: after(0), state },
            ],
          })),
        };
        const once = trimmed(box, at(0));

        expect(trimmed(once.box, at(0))).toEqual({ box: once.box, dropped: [] });
        for (const left of once.box.entries) expect(box.entries).toContain(left);
        const waiting = idsWaiting(box, 'slack');
        expect([...once.dropped.map(({ id }) => id), ...idsWaiting(once.box, 'slack')].toSorted()).toEqual(
          waiting.toSorted(),
        );
      }),
    );
  });
});
