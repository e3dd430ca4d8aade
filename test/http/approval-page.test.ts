import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../src/core/errors.ts';
import type { Update } from '../../src/core/update.ts';
import { byAge } from '../../src/flows/show-approvals.ts';
import { pageOf, readPageWish } from '../../src/http/approval-page.ts';
import { anUpdate } from '../support/builders.ts';

const unknownMeans = (name: string) => `?${name}= means nothing here; allowed: limit, continue`;
const limitMust = '?limit= is not allowed as it is; allowed: a whole number from 1 to 500, once';
const continueMust =
  '?continue= is not allowed as it is; allowed: "continue" of the answer before, unchanged and once';
const token = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('the query of a list', () => {
  test.each([
    [{}, 100],
    [{ limit: '1' }, 1],
    [{ limit: '500' }, 500],
  ])('%j is from the start, as many as it says', (query, limit) => {
    expect(readPageWish(query)).toEqual({ limit, after: undefined });
  });

  const refused: readonly (readonly [query: unknown, message: string])[] = [
    ...['0', '501', '-1', '1.5', '1e2', ' 1', 'all', '', ['1', '2']].map(
      (limit) => [{ limit }, limitMust] as const,
    ),
    ...['', 'x', '*', token({}), token(['a']), token(['', 'up']), token([1, 'up']), 'x'.repeat(2000)].map(
      (text) => [{ continue: text }, continueMust] as const,
    ),
    [{ continue: [token(['a', 'b']), token(['a', 'b'])] }, continueMust],
    [{ page: '2' }, unknownMeans('page')],
    [{ limit: '1', offset: '2', 'a\nb': '' }, unknownMeans('offset, a b')],
  ];

  test.each(refused)('%j is refused, and it is said what is allowed', (query, message) => {
    expect(() => readPageWish(query)).toThrow(expect.objectContaining({ code: 'bad-request', message }));
  });

  test('is read or refused, whatever it is', () => {
    const text = fc.oneof(fc.string(), fc.json().map(token), fc.base64String());
    fc.assert(
      fc.property(fc.record({ limit: text, continue: text }, { requiredKeys: [] }), (query) => {
        let wish: unknown;
        try {
          wish = readPageWish(query);
        } catch (error) {
          wish = error;
        }
        expect(wish instanceof AppError ? wish.code : typeof wish).toMatch(/^(?:bad-request|object)$/);
      }),
    );
  });
});

/** Updates of few moments, so that many are of the same one. */
const updates = fc
  .uniqueArray(fc.record({ at: fc.nat(5), name: fc.nat(200) }), {
    selector: ({ name }) => name,
    maxLength: 40,
  })
  .map((all) =>
    all
      .map(({ at, name }) => anUpdate({ name: `up-${name}`, createdAt: new Date(at).toISOString() }))
      .sort(byAge),
  );
const namesOf = (some: readonly Update[]): readonly string[] => some.map(({ name }) => name);

/** Every page to the end; `between` says what is left on the list before the next one. */
async function follow(
  all: readonly Update[],
  limit: number,
  mayBeShown: (update: Update) => boolean,
  between: (left: readonly Update[]) => readonly Update[] = (left) => left,
): Promise<readonly (readonly Update[])[]> {
  const pages: (readonly Update[])[] = [];
  let left = all;
  for (let query: Readonly<Record<string, string>> = {}; ; left = between(left)) {
    const wish = readPageWish({ limit: String(limit), ...query });
    const page = await pageOf(left, wish, (update) => Promise.resolve(mayBeShown(update)));
    pages.push(page.updates);
    if (page.next === null) return pages;
    query = { continue: page.next };
  }
}

describe('the pages of a list', () => {
  const limits = fc.integer({ min: 1, max: 10 });
  const sight = fc.func(fc.boolean()).map(
    (see) =>
      ({ name }: Update) =>
        see(name),
  );

  test('are full but for the last, and together all that may be shown, in order', async () => {
    await fc.assert(
      fc.asyncProperty(updates, limits, sight, async (all, limit, maySee) => {
        const pages = await follow(all, limit, maySee);

        const visible = all.filter(maySee);
        expect(namesOf(pages.flat())).toEqual(namesOf(visible));
        expect(pages).toHaveLength(Math.max(1, Math.ceil(visible.length / limit)));
      }),
    );
  });

  test('miss nothing and show nothing twice while others are decided', async () => {
    await fc.assert(
      fc.asyncProperty(updates, limits, fc.func(fc.boolean()), async (all, limit, stays) => {
        const decided = new Set<string>();
        const pages = await follow(
          all,
          limit,
          () => true,
          (left) =>
            left.filter(({ name }) => {
              if (!stays(name, left.length)) decided.add(name);
              return !decided.has(name);
            }),
        );

        const shown = namesOf(pages.flat());
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown.filter((name) => !decided.has(name))).toEqual(
          namesOf(all).filter((name) => !decided.has(name)),
        );
      }),
    );
  });

  test('say nothing of what may not be shown', async () => {
    const at = (name: string) => anUpdate({ name, createdAt: new Date(0).toISOString() });
    const all = [at('up-1'), at('up-2-secret'), at('up-3')];
    const visible = (update: Update) => Promise.resolve(!update.name.includes('secret'));

    const first = await pageOf(all, { limit: 1 }, visible);
    const alone = await pageOf(all.slice(0, 2), { limit: 1 }, visible);

    expect(Buffer.from(String(first.next), 'base64url').toString()).toBe(
      '["1970-01-01T00:00:00.000Z","up-1"]',
    );
    expect(alone).toEqual({ updates: [all[0]], next: null });
  });
});
