import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readVoteLink, signVoteLink, type VoteLink } from '../../src/core/vote-link.ts';

const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const now = new Date('2026-01-01T00:00:00Z');
const untilS = now.getTime() / 1000 + 60;
const link: VoteLink = {
  ...{ update: 'up-1', hash: 'abc', vote: 'approve', voter: 'ann@acme.example', untilS },
};
const anyLink: fc.Arbitrary<VoteLink> = fc.record({
  update: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((text) => text.toWellFormed()),
  hash: fc.string({ minLength: 1, maxLength: 64 }),
  vote: fc.constantFrom('approve' as const, 'reject' as const),
  voter: fc.string({ minLength: 1, maxLength: 100 }),
  untilS: fc.integer({ min: untilS, max: untilS + 1_000_000 }),
});

describe('a vote link', () => {
  test('is read as it was made, with any of the keys', () => {
    fc.assert(
      fc.property(anyLink, (made) => {
        expect(readVoteLink(signVoteLink(made, key), [other, key], now)).toEqual({
          kind: 'link',
          link: made,
        });
      }),
    );
  });

  test('fits into a path as it is', () => {
    fc.assert(
      fc.property(anyLink, (made) => {
        expect(signVoteLink(made, key)).toMatch(/^[A-Za-z0-9_.-]+$/);
      }),
    );
  });

  test('ends with the second it says', () => {
    const text = signVoteLink(link, key);

    expect(readVoteLink(text, [key], new Date(untilS * 1000 - 1)).kind).toBe('link');
    expect(readVoteLink(text, [key], new Date(untilS * 1000))).toEqual({ kind: 'expired' });
  });

  test('changed in any character, cut, or with more behind it, is forged', () => {
    const text = signVoteLink(link, key);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '_', '-', '.'),
        (at, character) => {
          fc.pre(text[at] !== character);
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          expect(readVoteLink(changed, [key], now)).toEqual({ kind: 'forged' });
        },
      ),
      { numRuns: 1000 },
    );
    for (const changed of [text.slice(0, -1), `${text}A`, `${text}=`, ` ${text}`, text.replace('.', '')])
      expect(readVoteLink(changed, [key], now)).toEqual({ kind: 'forged' });
  });

  test('of another key, of no key, or of anything at all is forged', () => {
    expect(readVoteLink(signVoteLink(link, other), [key], now)).toEqual({ kind: 'forged' });
    expect(readVoteLink(signVoteLink(link, key), [], now)).toEqual({ kind: 'forged' });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(readVoteLink(text, [key], now)).toEqual({ kind: 'forged' });
      }),
    );
  });

  test('with a signature of ours over what is no link is forged: nothing else is signed for this purpose', () => {
    const content = Buffer.from(JSON.stringify(['up-1', 'abc', 'override', 'ann', untilS])).toString(
      'base64url',
    );
    const signature = createHmac('sha256', key)
      .update(`updatekate vote link 1\n${content}`)
      .digest('base64url');

    expect(readVoteLink(`${content}.${signature}`, [key], now)).toEqual({ kind: 'forged' });
  });
});
