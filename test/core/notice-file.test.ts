import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyBox, withNotice, withTry, type NoticeBox } from '../../src/core/notice-box.ts';
import { noticeFileName, readNoticeFile, writeNoticeFile } from '../../src/core/notice-file.ts';
import { noticeKinds, severities, type Notice } from '../../src/core/notice.ts';
import { emptyBook, withKind, withSeen } from '../../src/core/seen-book.ts';
import type { Announcement } from '../../src/core/update.ts';
import { workloadKinds } from '../../src/core/workload.ts';
import { aNotice } from '../support/notices.ts';

const teamLabel = 'app.dbc.dk/team';
const write = (box: NoticeBox): string => writeNoticeFile(box, teamLabel);
const read = (text: string): ReturnType<typeof readNoticeFile> => readNoticeFile(text, teamLabel);
const scaled = aNotice({ id: 'ch-2', kind: 'workload.scaled', scale: { from: 2, to: 0 }, by: [] });
const bare = aNotice({ id: 'ch-3', team: undefined, link: undefined, images: [] });
const full = aNotice({ id: 'ch-4', reason: 'CrashLoopBackOff', message: 'pod shop-1' });
const box = [scaled, bare, full].reduce(
  (before, notice) => withNotice(before, notice, ['slack', 'mail']),
  emptyBox,
);

test('the file is called by whose it is and what it is of', () => {
  expect(noticeFileName('platform', 'till')).toBe('deployment-notices-v1-platform-till.json');
  expect(noticeFileName('platform', 'till', 'north')).toBe('deployment-notices-v1-platform-north.till.json');
});

describe('a box', () => {
  test('is read as it was written, with what is not settled', () => {
    const seen = { type: 'MODIFIED', containers: [], scale: 3, uid: 'uid-1', generation: 2 } as const;
    const unsettled = withKind(withSeen(emptyBook, [['StatefulSet/shop', seen]]), 'StatefulSet');
    const tried: Announcement = {
      ...{ receiver: 'mail', event: 'workload.scaled', state: 'pending', attempts: 2 },
      ...{ dueAt: '2026-01-01T00:30:00.000Z', message: 'answered 500' },
    };
    const whole = withTry({ ...box, unsettled }, 'ch-2', tried);

    expect(read(write(whole))).toEqual({ box: whole, unreadable: 0 });
    expect(read(write(emptyBox))).toEqual({ box: emptyBox, unreadable: 0 });
  });

  const text = fc.string({ unit: 'binary' });
  const maybe = fc.option(text, { nil: undefined });
  const notice: fc.Arbitrary<Notice> = fc
    .record({
      ...{
        id: text,
        thread: text,
        kind: fc.constantFrom(...noticeKinds),
        severity: fc.constantFrom(...severities),
      },
      at: fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((date) => date.toISOString()),
      workload: fc.record({
        cluster: text,
        namespace: text,
        name: text,
        kind: fc.constantFrom(...workloadKinds),
      }),
      images: fc.array(fc.record({ container: text, from: text, to: text }), { maxLength: 3 }),
      by: fc.array(text, { maxLength: 3 }),
      ...{ team: maybe, reason: maybe, message: maybe, link: maybe },
    })
    .chain((one) =>
      fc
        .option(fc.record({ from: fc.nat(), to: fc.nat() }), { nil: undefined })
        .map((scale) => (scale ? { ...one, scale } : one)),
    );

  test('is read as it was written, whatever is told', () => {
    fc.assert(
      fc.property(fc.array(notice, { maxLength: 5 }), (notices) => {
        const some = notices.reduce((before, one) => withNotice(before, one, ['slack']), emptyBox);

        expect(read(write(some))).toEqual({ box: some, unreadable: 0 });
      }),
    );
  });

  test('has nothing in it that no notice has', () => {
    const more = { env: [{ name: 'TOKEN', value: 'canary-5d1f' }] };
    const laden = JSON.stringify({
      notices: box.entries.map((entry) => ({ ...entry, notice: { ...entry.notice, ...more }, ...more })),
      ...more,
    });

    expect(laden).toContain('canary-5d1f');
    expect(read(laden)).toEqual({ box, unreadable: 0 });
  });
});

describe('a file that is none', () => {
  test.each([
    ['', 'it is no JSON'],
    ['{"notices":[', 'it is no JSON'],
    ['null', 'it has no notices'],
    ['[]', 'it has no notices'],
    ['{}', 'it has no notices'],
    ['{"notices":{}}', 'it has no notices'],
  ])('%j: %s', (text, words) => {
    expect(read(text)).toBe(words);
  });

  test('throws nothing, whatever it is', () => {
    const whole = write(box);
    const nearly = fc
      .json()
      .map((json) => `{"notices":[{"notice":${json},"announcements":[]}],"unsettled":${json}}`);
    const cut = fc.nat(whole.length).map((end) => whole.slice(0, end));

    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), nearly, cut), (text) => {
        const given = read(text);

        expect(typeof given === 'string' ? given : given.box.entries).toBeDefined();
        if (typeof given !== 'string') expect(read(write(given.box))).toEqual({ ...given, unreadable: 0 });
      }),
      { numRuns: 500 },
    );
  });
});

describe('what another version has written', () => {
  const [first, second] = box.entries;
  const reread = (entry: unknown): ReturnType<typeof read> =>
    read(JSON.stringify({ notices: [first, entry, second], unsettled: {} }));

  test.each<[string, unknown]>([
    ['of another kind', { ...first, notice: { ...first?.notice, kind: 'workload.renamed' } }],
    ['of a severity that is none', { ...first, notice: { ...first?.notice, severity: 'debug' } }],
    ['of a workload that is none', { ...first, notice: { ...first?.notice, workload: { kind: 'Rollout' } } }],
    ['of no time', { ...first, notice: { ...first?.notice, at: 'now' } }],
    ['without a notice', { announcements: [] }],
    ['without receivers', { notice: first?.notice }],
    [
      'in a state that is none',
      { ...first, announcements: [{ ...first?.announcements[0], state: 'asleep' }] },
    ],
    ['at all', null],
  ])('and means nothing %s is counted, and all else is told', (_what, entry) => {
    expect(reread(entry)).toEqual({ box: { ...box, entries: [first, second] }, unreadable: 1 });
  });

  test('and is not settled, but cannot be read, is as if it were not there', () => {
    expect(reread(first)).toMatchObject({ unreadable: 0, box: { unsettled: emptyBook } });
    expect(read('{"notices":[]}')).toEqual({ box: emptyBox, unreadable: 0 });
    expect(read('{"notices":[],"unsettled":{"events":{"shop":null},"kinds":["Deployment"]}}')).toEqual({
      ...{ box: emptyBox, unreadable: 0 },
    });
  });

  test('is not told in words that are no text', () => {
    expect(reread({ ...first, notice: { ...first?.notice, message: { text: 'x' } } })).toMatchObject({
      unreadable: 1,
    });
  });
});
