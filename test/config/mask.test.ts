import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  looksLikePath,
  looksLikeVariable,
  shownData,
  shownUrl,
  withoutLogin,
  withoutSecrets,
  withoutTokens,
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

/** As those who give them write them; made up. */
const tokens = [
  ...['xoxb-1234-5678-Canary', 'xoxp-canary', 'xoxe.xoxp-1-Canary', 'xapp-1-A0CANARY-1-canary'],
  ...[
    'https://api.telegram.org/bot1:canary',
    '123456:AAcanary-Canary_canaryX',
    '1234567890:AAHcanaryCanaryCanaryCanaryCanary-_',
  ],
  ...[
    'ghp_canaryCanary',
    'gho_canary',
    'ghu_canary',
    'ghs_canary',
    'ghr_canary',
    'github_pat_11CANARY_canary',
  ],
  ...[
    'whsec_Canary/canary+canary=',
    'AKIACANARYCANARYCANA',
    'sk-canary-0123456789abcdef',
    'sk-proj-CANARYcanary_01234',
  ],
  'eyJcanary.eyJcanary.canary-_',
];

describe('a well-known secret', () => {
  const said = fc.constantFrom('', ' ', 'a b ', '"', '=', '/', 'token_', '{', '/run/', 'https://x.example/');

  test.each(tokens)('%s is hidden wherever it stands', (token) => {
    fc.assert(
      fc.property(said, fc.constantFrom('', ' b', '"', '}', ', '), (before, after) => {
        const text = `${before}${token}${after}`;

        for (const hide of [withoutTokens, withoutLogin, withoutSecrets, shownUrl])
          expect(hide(text).toLowerCase()).not.toContain('canary');
      }),
    );
  });

  test.each(tokens)('%s is the name of no variable', (token) => {
    expect(looksLikeVariable(token)).toBe(false);
  });

  test.each([
    ...['task-runner-of-the-payments-team', 'sk-shop', 'disk', 'foxapp-1', 'highs_and_lows', '22:30', '5:0'],
    ...['arn:aws:sns:eu-west-1:123456789012:pushes-of-all-repositories', 'quay.io/acme/shop:1.2.3', 'eyJ'],
    ...['sha256:0123456789abcdef0123456789abcdef', '-1001234567890', 'AKIA', 'xox', '*', '10.0.0.0/8'],
  ])('is not %s', (text) => {
    expect(withoutTokens(text)).toBe(text);
  });

  test('is hidden in every text and every key of what is shown as a whole, and nothing else is changed', () => {
    const open = (): void => undefined;
    const given = {
      ...{ teams: ['a', 'xoxb-canary'], ghp_canary: null, votes: 2, open },
      ...{ deep: { api: 'https://x.example/bot1:canary' } },
    };

    expect(shownData(given)).toEqual({
      ...{ teams: ['a', '***'], '***': null, votes: 2, open },
      ...{ deep: { api: 'https://x.example/bot***' } },
    });
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
