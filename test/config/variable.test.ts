import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  annotationKey,
  durationMs,
  flag,
  httpUrl,
  integer,
  kubernetesLabel,
  kubernetesName,
  nameOf,
  oneOf,
  optional,
  text,
  withDefault,
} from '../../src/config/variable.ts';

const refused = 'refused';

/** What a schema reads from a text. */
function read(
  schema: { safeParse(given: string): { success: boolean; data?: unknown } },
  given: string,
): unknown {
  const { success, data } = schema.safeParse(given);
  return success ? data : refused;
}

describe('flag', () => {
  test.each([
    ...['true', 'TRUE', 'True', 't', 'T', '1'].map((given) => [given, true] as const),
    ...['false', 'FALSE', 'False', 'f', 'F', '0'].map((given) => [given, false] as const),
    ...['', 'yes', 'no', 'on', 'truee', '01', ' true'].map((given) => [given, refused] as const),
  ])('%j is %p', (given, value) => {
    expect(read(flag, given)).toBe(value);
  });
});

describe('integer', () => {
  test.each([
    ['1', 1],
    ['10', 10],
    ['007', 7],
    ...['0', '11', '-1', '1.5', '1e1', '0x5', '', ' 5', '9'.repeat(16)].map(
      (given) => [given, refused] as const,
    ),
  ])('%j from 1 to 10 is %p', (given, value) => {
    expect(read(integer(1, 10), given)).toBe(value);
  });
});

describe('durationMs', () => {
  test.each([
    ['1ms', 1],
    ['500ms', 500],
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1m1s1ms', 61_001],
    ['1d', 86_400_000],
    ['7d12h', 648_000_000],
    ...['', '0s', '0h0m', '15', 'm', '1.5h', '-1s', '1w', '1D', '15M', '1 m', '1234567s'].map(
      (given) => [given, refused] as const,
    ),
  ])('%j is %p', (given, ms) => {
    expect(read(durationMs, given)).toBe(ms);
  });

  test('adds up what is written', () => {
    const parts = fc.nat(999_999);

    fc.assert(
      fc.property(parts, parts, parts, fc.integer({ min: 1, max: 999_999 }), (h, m, s, ms) => {
        expect(read(durationMs, `${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1000 + ms);
      }),
    );
  });
});

describe('kubernetesLabel', () => {
  test.each(['a', 'shop-2', 'a'.repeat(63)])('takes %s', (name) => {
    expect(read(kubernetesLabel, name)).toBe(name);
  });

  test.each(['', 'shop.eu', 'Shop', 'a'.repeat(64)])('refuses %j', (name) => {
    expect(read(kubernetesLabel, name)).toBe(refused);
  });
});

describe('kubernetesName', () => {
  test.each(['a', 'shop', 'shop-2', '2shop', 'shop.eu', 'a'.repeat(253)])('takes %s', (name) => {
    expect(read(kubernetesName, name)).toBe(name);
  });

  test.each(['', 'Shop', '-shop', 'shop-', 'sh_op', 'sh/op', 'shop.', 'a'.repeat(254)])(
    'refuses %j',
    (name) => {
      expect(read(kubernetesName, name)).toBe(refused);
    },
  );
});

describe('annotationKey', () => {
  test.each([
    'oga',
    'initializer.kubernetes.io/oga',
    'acme.example/My_gate.2',
    `a/${'b'.repeat(63)}`,
    `${'a'.repeat(253)}/${'b'.repeat(63)}`,
  ])('takes %s', (key) => {
    expect(read(annotationKey, key)).toBe(key);
  });

  test.each([
    ...[
      '',
      '/oga',
      'acme.example/',
      'acme.example/a/b',
      'Acme.example/oga',
      '-acme/oga',
      'acme-/oga',
      'acme.example/-oga',
    ],
    ...[
      'acme.example/oga_',
      'a b',
      'oga\n',
      '__proto__',
      `a/${'b'.repeat(64)}`,
      `${'a'.repeat(254)}/${'b'.repeat(63)}`,
    ],
  ])('refuses %j', (key) => {
    expect(read(annotationKey, key)).toBe(refused);
  });
});

describe('httpUrl', () => {
  test.each(['http://ci', 'https://ci.example/hook?x=1', 'HTTPS://CI.example', 'http://[::1]:8080/'])(
    'takes %s',
    (url) => {
      expect(read(httpUrl, url)).toBe(url);
    },
  );

  test.each([
    '',
    'ci.example',
    '//ci.example',
    'ftp://ci.example',
    'file:///etc/passwd',
    'http://',
    'javascript:1',
  ])('refuses %j', (url) => {
    expect(read(httpUrl, url)).toBe(refused);
  });
});

describe('text', () => {
  test.each([
    ['./data', './data'],
    ['', refused],
  ])('%j is %p', (given, value) => {
    expect(read(text, given)).toBe(value);
  });
});

describe('oneOf', () => {
  test.each([
    ['red', 'red'],
    ['Red', refused],
    ['blue', refused],
    ['', refused],
  ])('%j of red and green is %p', (given, value) => {
    expect(read(oneOf(['red', 'green']), given)).toBe(value);
  });
});

describe('a declaration', () => {
  const declared = { name: 'UK_X', doc: 'What it is.', allowed: 'any text', schema: text } as const;

  test('is no secret unless it says so', () => {
    expect(optional(declared)).toEqual({ ...declared, secret: false, fallback: undefined });
    expect(withDefault('x', declared)).toEqual({ ...declared, secret: false, fallback: 'x' });
    expect(optional({ ...declared, secret: true })).toMatchObject({ secret: true });
  });

  test('is named with its old name, where it has one', () => {
    expect(nameOf(optional(declared))).toBe('UK_X');
    expect(nameOf(optional({ ...declared, alias: 'OLD_X' }))).toBe('UK_X (or OLD_X)');
  });
});
