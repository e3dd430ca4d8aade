import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  looksLikePath,
  looksLikeVariable,
  shownUrl,
  withoutLogin,
  withoutSecrets,
} from '../../src/config/mask.ts';

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

test.each([
  ['SMTP_PASSWORD', true],
  ['T', true],
  ['S3_KEY_2_OF_THE_NOTIFIER_OF_SHOPS_AND_TILLS', true],
  ['NOTIFICATIONSPASSWORD', false],
  ['R028DIE06SNKNO6V5ACSLRV7Y0TUVG7T', false],
  ['abc123', false],
  ['Hunter2', false],
  ['_TOKEN', false],
  ['2FA', false],
  ['xoxb-1', false],
  ['TOKEN\n', false],
  ['', false],
])('%j looks like a variable: %p', (text, does) => {
  expect(looksLikeVariable(text)).toBe(does);
});

test.each([
  ['/run/secrets/token', true],
  ['./token', true],
  ['../secrets/token.txt', true],
  ['C:\\secrets\\token', true],
  ['token', false],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCY', false],
  ['/wJalrXUtnFEMI+K7MDENG', false],
  ['/wJalrXUtnFEMI/K7MDENG=', false],
  ['//hooks.example/?key=x', false],
  ['https://hooks.example/x', false],
  ['', false],
])('%j looks like a path: %p', (text, does) => {
  expect(looksLikePath(text)).toBe(does);
});
