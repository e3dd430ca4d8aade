import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { fieldProof, headerProof, hmacProof } from '../../src/core/webhook-proofs.ts';

function aRequest(headers: WebhookRequest['headers'], text: string, body: unknown = {}): WebhookRequest {
  return { headers, raw: Buffer.from(text), body, registryHost: undefined };
}

describe('hmacProof', () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const secret = "It's a Secret to Everybody";
  const digest = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const proof = hmacProof({ header: 'x-hub-signature-256', algorithm: 'sha256', prefix: 'sha256=' });
  const signed = (value: string, text = 'Hello, World!') => aRequest({ 'x-hub-signature-256': value }, text);

  test('takes the published example, in any case of its digits', () => {
    expect(proof(signed(`sha256=${digest}`), secret)).toBe(true);
    expect(proof(signed(`sha256=${digest.toUpperCase()}`), secret)).toBe(true);
  });

  test.each([
    ['another body', signed(`sha256=${digest}`, 'Hello, World?')],
    ['another signature', signed(`sha256=${digest.replace('7', '8')}`)],
    ['no prefix', signed(digest)],
    ['nothing behind the prefix', signed('sha256=')],
    ['no header', aRequest({}, 'Hello, World!')],
  ])('refuses %s', (_what, request) => {
    expect(proof(request, secret)).toBe(false);
  });

  test('refuses another key', () => {
    expect(proof(signed(`sha256=${digest}`), 'another secret')).toBe(false);
  });

  test('knows SHA-1 and no prefix', () => {
    const sha1 = hmacProof({ header: 'x-signature', algorithm: 'sha1' });
    // RFC 2202, test case 2.
    const request = aRequest(
      { 'x-signature': 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79' },
      'what do ya want for nothing?',
    );

    expect(sha1(request, 'Jefe')).toBe(true);
    expect(sha1(request, 'jefe')).toBe(false);
  });
});

describe('headerProof', () => {
  const proof = headerProof('authorization');

  test('takes the secret word for word, and nothing else', () => {
    expect(proof(aRequest({ authorization: 'the secret' }, ''), 'the secret')).toBe(true);
    expect(proof(aRequest({ authorization: 'The secret' }, ''), 'the secret')).toBe(false);
    expect(proof(aRequest({}, ''), 'the secret')).toBe(false);
  });
});

describe('fieldProof', () => {
  const proof = fieldProof('secret', 'token');

  test.each([
    [{ secret: 'the secret' }, true],
    [{ token: 'the secret', secret: 'another' }, true],
    [{ secret: 'another' }, false],
    [{ secret: ['the secret'] }, false],
    [{ nested: { secret: 'the secret' } }, false],
    [{}, false],
    [null, false],
    ['the secret', false],
  ])('%j: %s', (body, expected) => {
    expect(proof(aRequest({}, '', body), 'the secret')).toBe(expected);
  });

  test('an inherited field is none', () => {
    expect(fieldProof('constructor')(aRequest({}, ''), String(Object))).toBe(false);
  });
});
