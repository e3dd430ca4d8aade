import { describe, expect, test } from '@jest/globals';
import { assert, nat, property, string } from 'fast-check';
import { cutToFit } from '../../src/core/cut-to-fit.ts';

const within = (bytes: number) => (text: string) => Buffer.byteLength(text) <= bytes;

describe('cutToFit', () => {
  test('leaves what fits as it is', () => {
    expect(cutToFit('four', within(4))).toBe('four');
  });

  test('cuts at a whole code point and says so', () => {
    expect(cutToFit('a🚢🚢', within(8))).toBe('a🚢…');
    expect(cutToFit('a🚢🚢', within(7))).toBe('a…');
  });

  test('replaces what is no whole code point', () => {
    expect(cutToFit('a\ud83d', within(4))).toBe('a\ufffd');
  });

  test('leaves no blanks before the mark', () => {
    expect(cutToFit('one \n two', within(8))).toBe('one…');
  });

  test('never takes more room than there is, and only leaves out the end', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), nat(80), (text, room) => {
        const bytes = room + 3;
        const cut = cutToFit(text, within(bytes));

        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
        expect(cut.isWellFormed()).toBe(true);
        if (cut !== text.toWellFormed()) expect(text.toWellFormed().startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });
});
