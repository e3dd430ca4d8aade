import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bookName, emptyBook, merged, withKind, withSeen, type SeenBook } from '../../src/core/seen-book.ts';
import type { Seen } from '../../src/core/seen.ts';

const there = (image: string): Seen => ({
  type: 'MODIFIED',
  containers: [{ name: 'app', image, init: false }],
});
const gone = (image: string): Seen => ({ ...there(image), type: 'DELETED' });
const names = ({ seen }: SeenBook): readonly string[] => [...seen.keys()];

test('a book calls a workload by its kind and name: two kinds may have the same', () => {
  expect(bookName({ kind: 'StatefulSet', name: 'shop' })).toBe('StatefulSet/shop');
});

describe('a book', () => {
  test('has the last that was seen, and stays what it was', () => {
    const before = withSeen(emptyBook, [['Deployment/a', there('1')]]);
    const after = withSeen(before, [
      ['Deployment/a', there('2')],
      ['Deployment/b', there('1')],
    ]);

    expect(before.seen.get('Deployment/a')).toEqual(there('1'));
    expect([...after.seen]).toEqual([
      ['Deployment/a', there('2')],
      ['Deployment/b', there('1')],
    ]);
    expect(emptyBook).toEqual({ seen: new Map(), kinds: [] });
  });

  test('remembers the last hundred that were deleted, and everything that is there', () => {
    const all = Array.from({ length: 300 }, (_, n) => there(`${n}`));
    const book = withSeen(
      emptyBook,
      all.map((one, n) => [`Deployment/n${n}`, one] as const),
    );
    // The first that were made are the last to go.
    const ended = Array.from({ length: 150 }, (_, n) => 149 - n).reduce(
      (before, n) => withSeen(before, [[`Deployment/n${n}`, gone(`${n}`)]]),
      book,
    );

    const deleted = [...ended.seen].filter(([, { type }]) => type === 'DELETED').map(([name]) => name);
    expect(deleted).toEqual(Array.from({ length: 100 }, (_, n) => `Deployment/n${99 - n}`));
    expect(names(ended)).toHaveLength(250);
  });

  test('knows a kind once', () => {
    const book = withKind(withKind(emptyBook, 'Deployment'), 'CronJob');

    expect(book.kinds).toEqual(['Deployment', 'CronJob']);
    expect(withKind(book, 'Deployment')).toBe(book);
  });
});

describe('two books', () => {
  const books = fc
    .record({
      seen: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean(), fc.constantFrom('1', '2'))),
      kinds: fc.uniqueArray(fc.constantFrom('Deployment' as const, 'StatefulSet' as const)),
    })
    .map(({ seen, kinds }): SeenBook => ({
      seen: new Map(seen.map(([name, isGone, image]) => [name, isGone ? gone(image) : there(image)])),
      kinds,
    }));

  test('are one in which the newer goes before the older', () => {
    fc.assert(
      fc.property(books, books, (older, newer) => {
        const both = merged(older, newer);

        const all = new Set([...names(older), ...names(newer)]);
        expect(new Set(names(both))).toEqual(all);
        for (const name of all)
          expect(both.seen.get(name)).toBe(newer.seen.get(name) ?? older.seen.get(name));
        expect(new Set(both.kinds)).toEqual(new Set([...older.kinds, ...newer.kinds]));
        expect(new Set(both.kinds).size).toBe(both.kinds.length);
      }),
    );
  });

  test('may be put together step by step', () => {
    fc.assert(
      fc.property(books, books, books, (one, two, three) => {
        expect(merged(merged(one, two), three)).toEqual(merged(one, merged(two, three)));
        expect(merged(one, emptyBook)).toEqual(one);
        expect(merged(emptyBook, one)).toEqual(one);
      }),
    );
  });
});
