import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { signWebhook, webhookKey, webhookKeys } from '../../src/core/signature.ts';

// https://github.com/standard-webhooks/standard-webhooks: the published vector.
const published = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const timestamp = 1_614_265_330;
const keyOf = (secret: string): Buffer => webhookKey(secret) ?? Buffer.alloc(0);
const secretOf = (key: Uint8Array): string => `whsec_${Buffer.from(key).toString('base64')}`;

describe('signWebhook', () => {
  test.each([
    ['the published one', '{"test": 2432232314}', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
    ['nothing', '', 'v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A='],
    ['more than ASCII', '{"t":"é🚀"}', 'v1,dr/ZdvBaNfU271AxJGkh9pFv9mIV2NtzTKccPzuB5SU='],
    ['no text', Buffer.from([0xff, 0xfe, 0]), 'v1,3jg4eW7u8bRdDDGq2uq+cH74GMn0QRxtzvZDV5Akycg='],
  ])('signs a body that is %s', (_what, body, signature) => {
    const headers = signWebhook(id, timestamp, body, [keyOf(`whsec_${published}`)]);

    expect(headers).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    });
  });

  test('signs with every key while keys are rotated', () => {
    const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

    const both = signWebhook(id, timestamp, 'body', [old, fresh])['webhook-signature'];

    const each = [old, fresh].map((key) => signWebhook(id, timestamp, 'body', [key])['webhook-signature']);
    expect(both).toBe(each.join(' '));
    expect(each[0]).not.toBe(each[1]);
  });

  test('has no signature without a key', () => {
    const headers = signWebhook(id, timestamp, 'body', []);

    expect(headers).toEqual({ 'webhook-id': id, 'webhook-timestamp': '1614265330' });
  });

  test('is verified by the reference library, by each of its keys and by no other', () => {
    const now = Math.floor(Date.now() / 1000);
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 });
    const bodies = fc.oneof(fc.json(), fc.constant('{"t":"é🚀"}'));

    fc.assert(
      fc.property(fc.uuid(), bodies, keys, keys, (message, body, first, second) => {
        const headers = {
          ...signWebhook(
            message,
            now,
            body,
            [first, second].map((key) => Buffer.from(key)),
          ),
        };
        const verify = (key: Uint8Array): unknown => new Webhook(secretOf(key)).verify(body, headers);

        expect([verify(first), verify(second)]).toEqual([JSON.parse(body), JSON.parse(body)]);
        expect(() => verify(Buffer.alloc(32, 7))).toThrow('No matching signature found');
      }),
    );
  });
});

describe('webhookKeys', () => {
  const [one, two] = [Buffer.alloc(24, 1), Buffer.alloc(32, 2)];
  const said = (bytes: Buffer): string => `whsec_${bytes.toString('base64')}`;

  test('are separated by white space', () => {
    expect(webhookKeys(` ${said(one)}\n ${said(two)} `)).toEqual([one, two]);
  });

  test('are none when one of them is none', () => {
    expect(webhookKeys(`${said(one)} whsec_short`)).toBeUndefined();
    expect(webhookKeys('')).toBeUndefined();
  });
});

describe('webhookKey', () => {
  test.each([24, 32, 64])('takes %p bytes', (length) => {
    const bytes = Buffer.alloc(length, 0xab);

    expect(webhookKey(secretOf(bytes))).toEqual(bytes);
  });

  test.each([
    ['nothing', ''],
    ['no prefix', published],
    ['another prefix', `whsk_${published}`],
    ['no key', 'whsec_'],
    ['23 bytes', secretOf(Buffer.alloc(23))],
    ['65 bytes', secretOf(Buffer.alloc(65))],
    ['what is no base64', `whsec_${published}!`],
    ['a space', `whsec_ ${published}`],
    ['base64url', secretOf(Buffer.alloc(32, 0xff)).replaceAll('/', '_')],
  ])('refuses %s', (_what, secret) => {
    expect(webhookKey(secret)).toBeUndefined();
  });
});
