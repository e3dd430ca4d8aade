import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Handshake, WebhookRequest } from '../../src/core/registry.ts';
import { sns } from '../../src/registries/sns.ts';

const confirmation =
  'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn&Token=2336';

function aRequest(body: unknown, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return { headers, body, raw: Buffer.of(), registryHost: undefined };
}

function handshake(url: unknown, Type = 'SubscriptionConfirmation'): Handshake | undefined {
  return sns.handshake?.(aRequest({ Type, TopicArn: 'arn', Message: '', SubscribeURL: url }));
}

describe('sns', () => {
  test.each([confirmation, confirmation.replace('eu-central-1', 'cn-north-1').replace('.com/', '.com.cn/')])(
    'a subscription is confirmed at %s',
    (url) => {
      expect(handshake(url)).toEqual({ kind: 'confirm', url });
    },
  );

  test.each([
    ['another scheme', confirmation.replace('https', 'http')],
    ['an address within', 'http://169.254.169.254/latest/meta-data/'],
    ['another host', confirmation.replace('sns.eu-central-1.amazonaws.com', 'evil.example.com')],
    ['a host that only starts so', confirmation.replace('.com/', '.com.evil.example/')],
    ['a host that only ends so', confirmation.replace('https://', 'https://evil.example.')],
    ['a region that is more', confirmation.replace('eu-central-1', 'x.evil')],
    ['another service of AWS', confirmation.replace('//sns.', '//s3.')],
    ['another port', confirmation.replace('.com/', '.com:8443/')],
    ['a user', confirmation.replace('https://', 'https://sns.eu-central-1.amazonaws.com@')],
    ['another action', confirmation.replace('ConfirmSubscription', 'Unsubscribe')],
    ['no action', 'https://sns.eu-central-1.amazonaws.com/'],
    ['no address', 'not an address'],
    ['nothing', undefined],
    ['an object', { href: confirmation }],
  ])('%s is never fetched', (_what, url) => {
    expect(handshake(url)).toBeUndefined();
  });

  test.each(['Notification', 'UnsubscribeConfirmation', 'Other'])('%s confirms nothing', (type) => {
    expect(handshake(confirmation, type)).toBeUndefined();
  });

  test('whatever is confirmed is at SNS', () => {
    const url = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string().map((text) => confirmation.replace('sns', text)),
      fc.string().map((text) => confirmation.replace('.com/', `${text}.com/`)),
    );
    fc.assert(
      fc.property(url, (text) => {
        const found = handshake(text);
        const address = found?.kind === 'confirm' ? found.url : confirmation;
        expect(address).toMatch(/^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//);
      }),
    );
  });

  test.each([
    ['no type', { Message: '{}' }],
    ['another type', { Type: 'Other', Message: '{}' }],
    ['no message', { Type: 'Notification' }],
    ['a list', []],
    ['nothing', null],
  ])('%s is refused', (_what, body) => {
    expect(() => sns.parse(aRequest(body, { 'x-amz-sns-message-type': 'Notification' }))).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringMatching(/^sns: (?:Type|Message) must/) as unknown,
      }),
    );
  });

  test('a raw delivery of anything else than an event is no push', () => {
    expect(sns.parse(aRequest('text', { 'x-amz-sns-rawdelivery': 'true' }))).toEqual([]);
  });

  test('is known by its header, or by its envelope', () => {
    expect(sns.recognises(aRequest({}, { 'x-amz-sns-message-type': 'Notification' }))).toBe(true);
    expect(sns.recognises(aRequest({ Type: 'Notification', TopicArn: 'arn' }))).toBe(true);
    expect(sns.recognises(aRequest({ Type: 'Notification' }))).toBe(false);
  });
});
