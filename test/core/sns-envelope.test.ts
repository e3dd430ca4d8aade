import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../../src/core/registry.ts';
import { isSnsDelivery, snsHandshake, snsMessage } from '../../src/core/sns-envelope.ts';

function aRequest(body: unknown, headers: WebhookRequest['headers'] = {}): WebhookRequest {
  return { body, headers, raw: Buffer.of(), registryHost: undefined };
}

const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:pushes';

describe('a delivery of SNS', () => {
  test.each([
    [aRequest({ Type: 'Notification', TopicArn }), true],
    [aRequest({}, { 'x-amz-sns-message-type': 'Notification' }), true],
    [aRequest({ Type: 'Notification' }), false],
    [aRequest({ Type: 'push', TopicArn }), false],
    [aRequest([]), false],
  ])('%j: %s', (request, expected) => {
    expect(isSnsDelivery(request)).toBe(expected);
  });

  test.each<[string, WebhookRequest, unknown]>([
    ['the value in the text', aRequest({ Type: 'Notification', Message: '{"a":1}' }), { a: 1 }],
    ['nothing where the text is no JSON', aRequest({ Type: 'Notification', Message: 'hello' }), undefined],
    ['nothing of an announcement of its own', aRequest({ Type: 'UnsubscribeConfirmation' }), undefined],
    ['the body itself when delivered raw', aRequest({ a: 1 }, { 'x-amz-sns-rawdelivery': 'true' }), { a: 1 }],
  ])('carries %s', (_what, request, expected) => {
    expect(snsMessage('sns', request)).toEqual(expected);
  });

  test.each([
    [{ Type: 'Other' }, 'Type must be one of: Notification'],
    [{ Type: 'Notification', Message: 1 }, 'Message must be a text'],
  ])('%j is refused', (body, message) => {
    expect(() => snsMessage('ecr', aRequest(body))).toThrow(`ecr: ${message}`);
  });
});

describe('a subscription', () => {
  const url = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc';
  const asked = (SubscribeURL: unknown, Type = 'SubscriptionConfirmation') =>
    snsHandshake(aRequest({ Type, TopicArn, SubscribeURL }));

  test('is confirmed at AWS', () => {
    expect(asked(url)).toEqual({ kind: 'confirm', url });
    expect(asked(url.replace('.com/', '.com.cn/'))?.kind).toBe('confirm');
  });

  test.each([
    url.replace('https', 'http'),
    url.replace('sns.eu-west-1.amazonaws.com', 'sns.eu-west-1.amazonaws.com.evil.example'),
    url.replace('sns.eu-west-1.amazonaws.com', 'evil.example'),
    url.replace('https://', 'https://sns.eu-west-1.amazonaws.com@evil.example/'),
    url.replace('https://', 'https://user:secret@'),
    url.replace('.com/', '.com:8443/'),
    url.replace('ConfirmSubscription', 'DeleteTopic'),
    'no url',
    undefined,
  ])('is confirmed nowhere else: %s', (SubscribeURL) => {
    expect(asked(SubscribeURL)).toBeUndefined();
  });

  test('that ends asks for nothing', () => {
    expect(asked(url, 'UnsubscribeConfirmation')).toBeUndefined();
  });
});
