import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shownUrl, withoutLogin, withoutSecrets } from '../../src/config/mask.ts';

const secret = fc
  .array(fc.constantFrom('/', '?', '#', '@', ':', '&', '=', '%', '1', 'x'), { maxLength: 12 })
  .map((parts) => `canary${parts.join('')}canary`);
const forms: readonly ((secret: string) => string)[] = [
  (given) => `https://joe:${given}@art.example/seen`,
  (given) => `https://joe:1${given}@art.example/seen`,
  (given) => `joe:${given}@art.example/seen`,
  (given) => `smtps://joe:${given}@mail.example`,
];

describe('what may be an address', () => {
  test('shows no login, whatever is in it', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...forms), (given, form) => {
        expect(withoutSecrets(form(given))).not.toContain('canary');
        expect(shownUrl(form(given))).not.toContain('canary');
      }),
      { numRuns: 2000 },
    );
  });

  test('shows no query and no fragment', () => {
    fc.assert(
      fc.property(secret, fc.constantFrom('?key=', '#'), (given, before) => {
        const address = `https://art.example/seen${before}${given}`;

        expect(withoutSecrets(address)).not.toContain('canary');
        expect(shownUrl(address)).not.toContain('canary');
      }),
    );
  });

  test.each([
    ['https://art.example:8443/seen/', 'https://art.example:8443/seen/'],
    ['HTTPS://joe:pw@art.example', 'HTTPS://***@art.example'],
    ['ops@acme.example', 'ops@acme.example'],
    ['22:30', '22:30'],
    ['is it {{name}}? at http://a.example/?x', 'is it {{name}}? at http://a.example/?***'],
  ])('%s is shown as %s', (given, shown) => {
    expect(withoutSecrets(given)).toBe(shown);
  });
});

test.each([
  ['http://art.example', 'http://art.example'],
  ['art.example/seen', '***'],
  ['ftp://art.example', '***'],
  ['', '***'],
])('the URL %j is shown as %s', (given, shown) => {
  expect(shownUrl(given)).toBe(shown);
});

test.each([
  ['https://me:p@w@proxy.example/@x', 'https://***@proxy.example/@x'],
  ['https://argo.example/?a=b@c', 'https://argo.example/?a=b@c'],
  ['me:pw', 'me:pw'],
])('%s without its login is %s', (given, shown) => {
  expect(withoutLogin(given)).toBe(shown);
});
