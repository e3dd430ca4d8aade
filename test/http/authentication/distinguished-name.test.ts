import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commonName, isSameName, parseName } from '../../../src/http/authentication/distinguished-name.ts';
import { envoySubject } from '../../../src/http/authentication/envoy-subject.ts';

describe('a distinguished name', () => {
  test.each([
    ['CN=quay', ['CN=quay']],
    ['CN=quay,O=Acme,C=US', ['CN=quay', 'O=Acme', 'C=US']],
    ['cn = quay , o = Acme', ['CN=quay', 'O=Acme']],
    ['C=US\nO=Acme\nCN=quay', ['CN=quay', 'O=Acme', 'C=US']],
    ['CN=quay\\, the registry,O=Acme', ['CN=quay, the registry', 'O=Acme']],
    ['CN="quay, the registry",O=Acme', ['CN=quay, the registry', 'O=Acme']],
    ['CN=J\\C3\\BCrgen', ['CN=Jürgen']],
    ['CN=a\\\\b\\"c', ['CN=a\\b"c']],
    ['2.5.4.3=quay', ['2.5.4.3=quay']],
    ['CN=a=b', ['CN=a=b']],
    ['CN=', ['CN=']],
  ])('%j is read', (text, parts) => {
    expect(parseName(text)).toEqual(parts);
  });

  test.each([
    '',
    'quay',
    'CN',
    'CN=quay,',
    ',CN=quay',
    'CN=quay,Acme',
    '1=quay',
    'C N=quay',
    '/O=Acme/CN=quay',
  ])('%j is none', (text) => {
    expect(parseName(text)).toBeUndefined();
  });

  test('is the same in either order, and only with the same parts', () => {
    const name = ['CN=quay', 'O=Acme', 'C=US'];

    expect(isSameName(name, [...name])).toBe(true);
    expect(isSameName(name, ['C=US', 'O=Acme', 'CN=quay'])).toBe(true);
    for (const other of [
      [],
      ['CN=quay'],
      ['CN=quay', 'C=US', 'O=Acme'],
      [...name, 'CN=quay'],
      ['CN=quay', 'O=acme', 'C=US'],
    ])
      expect(isSameName(name, other)).toBe(false);
  });

  test('has a common name when there is exactly one', () => {
    expect(commonName(['O=Acme', 'CN=quay'])).toBe('quay');
    expect(commonName(['O=Acme'])).toBeUndefined();
    expect(commonName(['CN=evil', 'CN=quay'])).toBeUndefined();
  });
});

describe('any distinguished name', () => {
  const value = fc.string().map((text) => text.trim());
  const escaped = (text: string): string => text.replace(/[\\",+;<>=]/g, '\\$&');
  const names = fc.array(fc.tuple(fc.constantFrom('CN', 'O', 'OU'), value), { minLength: 1, maxLength: 4 });

  test('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(names, (parts) => {
        const text = parts.map(([type, part]) => `${type}=${escaped(part)}`).join(',');
        expect(parseName(text)).toEqual(parts.map(([type, part]) => `${type}=${part}`));
      }),
    );
  });

  test('in quotes in a header of Envoy is the one that comes out', () => {
    fc.assert(
      fc.property(value, value, (first, last) => {
        const quoted = (text: string): string => `"CN=${text.replace(/[\\"]/g, '')}"`;
        const header = `Hash=ab;Subject=${quoted(first)},Hash=cd;Subject=${quoted(last)};URI=`;
        expect(envoySubject(header)).toBe(quoted(last).slice(1, -1));
      }),
    );
  });
});

describe('x-forwarded-client-cert', () => {
  test.each([
    ['Subject="CN=quay,O=Acme"', 'CN=quay,O=Acme'],
    ['By=spiffe://x/y;Hash=ab12;Subject="CN=quay,O=Acme";URI=', 'CN=quay,O=Acme'],
    ['Hash=ab;Subject="CN=first",Hash=cd;Subject="CN=last"', 'CN=last'],
    ['Hash=ab;Subject="CN=first", Hash=cd', ''],
    ['Subject="CN=a\\"b"', 'CN=a"b'],
    ['subject=CN=quay', 'CN=quay'],
    ['Hash=ab', ''],
  ])('%s has the subject %j', (header, subject) => {
    expect(envoySubject(header)).toBe(subject);
  });

  test.each([
    ['nothing', ''],
    ['a plain name', 'CN=quay,O=Acme'],
    ['a name with words of its own', 'CN=quay,O=Acme;Subject="CN=x"'],
    ['quotes that do not end', 'Hash=ab;Subject="CN=quay'],
    ['text behind the quotes', 'Subject="CN=quay"CN=evil'],
    // The first element is the client's own: its open quote would swallow the beginning of the proxy's.
    ['an element that reaches into the next', 'Subject="CN=quay";URI=",Hash=ab;Subject="CN=evil\\""'],
  ])('%s is not believed', (_what, header) => {
    expect(envoySubject(header)).toBeUndefined();
  });
});
