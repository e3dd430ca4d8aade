import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, escapeText, sentLength } from '../../../src/lib/slack/text.ts';
import { calledIn } from '../../support/fake-slack/block-rules.ts';

const any = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(fc.constantFrom('<!here>', '<@U1>', '&', '&lt;', '`', '\n', '\u202e', '"', '\\', 'a'), {
    maxLength: 60,
  }),
);
const text = any.map((one) => (typeof one === 'string' ? one : one.join('')));

/** As Slack shows it. */
const shown = (escaped: string): string =>
  escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

describe('foreign text', () => {
  test('calls up nobody, stays on its line, and is no longer than it may be', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 500 }), (foreign, max) => {
        for (const sent of [escapeText(foreign, max), code(foreign, max)]) {
          expect(calledIn(sent)).toEqual([]);
          expect(sent).not.toMatch(/[<>\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
          expect(sentLength(sent)).toBeLessThanOrEqual(max + 2);
        }
      }),
    );
  });

  test('reads as it was written where it is short, but for what cannot be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 100 }), (foreign) => {
        expect(shown(escapeText(foreign, 1000))).toBe(foreign);
      }),
    );
  });

  test('never ends the code that it is in', () => {
    fc.assert(
      fc.property(text, (foreign) => {
        expect(code(foreign)).toMatch(/^`[^`]+`$/u);
      }),
    );
  });

  test('shows an entity as it was written', () => {
    expect(escapeText('&lt;!here&gt; <b>')).toBe('&amp;lt;!here&amp;gt; &lt;b&gt;');
    expect(escapeText('aaaaaaaaaa', 5)).toBe('aaaa…');
  });
});
