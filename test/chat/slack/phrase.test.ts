import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPhrase } from '../../../src/chat/slack/phrase.ts';

const label = fc.stringMatching(/^[a-z0-9](?:[-a-z0-9.]{0,40}[a-z0-9])?$/);

describe('a phrase', () => {
  test('says back every name that Kubernetes allows', () => {
    fc.assert(
      fc.property(label, label, fc.constantFrom('approve', 'reject'), (namespace, name, vote) => {
        expect(readPhrase(`${vote} ${namespace}/${name}`, 'U1')).toEqual({ vote, namespace, name });
        expect(readPhrase(`oga approve ${name}`, 'U1')).toEqual({
          vote: 'approve',
          namespace: undefined,
          name,
        });
      }),
    );
  });

  test('is the whole message, or none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), label, (before, after, name) => {
        fc.pre(before.trim() !== '' || !/^\s*$/.test(after));
        const read = readPhrase(`${before}oga approve ${name}${after}`, 'U1');

        // What follows may belong to the name.
        expect(read === undefined || (before.trim() === '' && read.name === `${name}${after}`.trim())).toBe(
          true,
        );
      }),
    );
  });

  test('is total', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
        expect(() => readPhrase(text, 'U1')).not.toThrow();
      }),
    );
  });
});
